# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m demo.picture`: runs the demo and draws what it printed, as docs/images/demo.svg."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from demo.playbooks import CHECKOUT

PICTURE = CHECKOUT / "docs/images/demo.svg"
FIRST, LAST = "The first resume", "All addresses kept"
"""What the lines begin with that the picture begins and ends with."""

WIDTH, LINE, LETTER, MARGIN, BAR = 940, 21, 8.43, 20, 34
COLOURS = {"$": "#7dd3fc", "title": "#f8fafc", "head": "#94a3b8", "row": "#cbd5e1", "end": "#86efac"}
GROUND = "#0f172a"
KEPT = "#fde047"
"""The colour of addresses: it is the same in every table."""


def main() -> int:
    done = subprocess.run(
        [sys.executable, "-m", "demo"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
        return 1
    draw(done.stdout, PICTURE)
    return 0


def draw(output: str, picture: Path) -> None:
    lines = list(chosen(output.splitlines()))
    height = BAR + MARGIN + len(lines) * LINE
    drawn = "\n".join(drawn_lines(lines))
    picture.write_text(f"{header(height)}\n{drawn}\n</g>\n</svg>\n")


def chosen(lines: list[str]) -> Iterator[str]:
    """Give the lines of the picture: what comes before is preparation, what comes after is advice."""
    starts = (index for index, line in enumerate(lines) if line.startswith(FIRST))
    for line in lines[next(starts) :]:
        if line.startswith(LAST):
            yield line.partition(", in ")[0]  # how many seconds it took, is the machine's affair
            return
        yield line


def header(height: int) -> str:
    dots = "".join(
        f'<circle cx="{MARGIN + 20 * index}" cy="17" r="6" fill="{colour}"/>'
        for index, colour in enumerate(("#f87171", "#fbbf24", "#34d399"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">\n'
        '<title id="title">make demo: three nodes keep their addresses while their instances change</title>\n'
        f'<rect width="{WIDTH}" height="{height}" rx="10" fill="{GROUND}"/>\n{dots}\n'
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">'
    )


def drawn_lines(lines: list[str]) -> Iterator[str]:
    addresses = range(0)
    for number, line in enumerate(lines):
        y = BAR + LINE * (number + 1) - 6
        if "private IP" in line:
            addresses = range(line.index("private IP"), line.index("seconds"))
        for words in re.finditer(r"\S+(?: \S+)*", line):
            is_address = kind(line) == "row" and words.start() in addresses
            yield text(words[0], words.start(), y, KEPT if is_address else COLOURS[kind(line)])


def kind(line: str) -> str:
    if line.startswith("$"):
        return "$"
    if line.startswith(LAST):
        return "end"
    if line.startswith("  node "):
        return "head"
    return "row" if line.startswith("  ") else "title"


def text(words: str, column: int, y: int, colour: str) -> str:
    """Draw words where a terminal has them, whatever the reader's font measures."""
    place = f'x="{MARGIN + column * LETTER:.1f}" y="{y}" textLength="{len(words) * LETTER:.1f}"'
    return f'<text {place} fill="{colour}">{escape(words)}</text>'


if __name__ == "__main__":
    sys.exit(main())
