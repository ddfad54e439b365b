# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blocks of code in Markdown pages, and the remarks for this test before them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDES = tuple(sorted((CHECKOUT / "docs/guides").glob("*.md")))
ROLES = tuple(sorted((CHECKOUT / "roles").glob("*/README.md")))
PAGES = (CHECKOUT / "README.md", *GUIDES, *ROLES)

FENCE = re.compile(r"^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE_CELL = re.compile(r"(?<=\| )`(?P<command>ansible[^`]*)`(?= \|)")
"""A command that is all of a table's cell, which a reader copies as well."""

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


def script_of(page: Path) -> str:
    """Return a page's commands, in their order and as they stand there: a reader copies them into one terminal."""
    text = page.read_text()
    blocks = {found.start(): found["text"] for found in FENCE.finditer(text) if found["language"] == "bash"}
    cells = {found.start(): found["command"] for found in TABLE_CELL.finditer(FENCE.sub(_blank, text))}
    commands = {**blocks, **cells}
    return "\n".join(commands[place] for place in sorted(commands))


def _blank(block: re.Match[str]) -> str:
    """Return as many spaces as the block has characters: what follows stays where it is."""
    return " " * len(block[0])
