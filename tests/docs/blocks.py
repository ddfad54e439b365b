# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blocks of code in Markdown pages, and the remarks for this test before them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDES = tuple(sorted((CHECKOUT / "docs/guides").glob("*.md")))
ROLES = tuple(sorted((CHECKOUT / "roles").glob("*/README.md")))
PAGES = (CHECKOUT / "README.md", *GUIDES, *ROLES)

FENCE = re.compile(r"^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NODES = re.compile(r"^<!-- nodes: (?P<nodes>.*?) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and what is in it."""

    page: str
    language: str
    text: str

    @property
    def file_name(self) -> str | None:
        """The file that the block is, by its first line: `# roll.yml`."""
        named = re.match(r"# (\S+\.(?:yml|ini))\n", self.text)
        return named[1] if named else None

    @property
    def commands(self) -> list[str]:
        """The commands of a block of bash, each on one line."""
        joined = self.text.replace("\\\n", " ")
        return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def name_of(page: Path) -> str:
    """Name a page after its file, a role's after the role."""
    return f"role {page.parent.name}" if page in ROLES else page.stem


def list_blocks(page: Path) -> list[Block]:
    return [Block(page.name, found["language"], found["text"]) for found in FENCE.finditer(page.read_text())]


def indented_blocks(page: Path) -> list[str]:
    """The first lines of blocks that are such by their indentation, in Markdown's other way."""
    return re.findall(r"(?:\A|\n\n) {4}(.*)", FENCE.sub("", page.read_text()))


def nodes_of(page: Path) -> dict[str, str]:
    """The nodes that a page starts with, and whether they are running or paused."""
    found = NODES.search(page.read_text())
    return dict(node.split("=") for node in found["nodes"].split()) if found else {}


def words_of(command: str) -> list[str]:
    return shlex.split(command, comments=True)
