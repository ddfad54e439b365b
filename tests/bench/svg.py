# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A little SVG: shapes as text, in colours for light and dark."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #222 }
  .title { font-size: 15px; font-weight: 600 }
  .axis { stroke: #999; fill: none }
  .a { fill: #0b6bcb; stroke: #0b6bcb } .b { fill: #b4540a; stroke: #b4540a } .c { fill: #6b7280; stroke: #6b7280 }
  .line { fill: none; stroke-width: 2 } .dashed { stroke-dasharray: 5 4 } .label { stroke: none }
  .paper { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .axis { stroke: #777 } .paper { fill: #15181c }
    .a { fill: #62a8ff; stroke: #62a8ff } .b { fill: #f0a060; stroke: #f0a060 } .c { fill: #9aa4b2; stroke: #9aa4b2 }
  }
"""


def document(width: int, height: int, title: str, shapes: Iterable[str]) -> str:
    """Compose a drawing; its title is what a screen reader says of it."""
    return "\n".join((
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">',
        f'<title id="title">{escape(title)}</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
        f'<text class="title" x="16" y="26">{escape(title)}</text>',
        *shapes,
        "</svg>\n",
    ))  # fmt: skip


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    """Write words."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def bar(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Draw a bar."""
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}"/>'


def line(points: Iterable[tuple[float, float]], kind: str) -> str:
    """Draw a line through points."""
    listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{listed}"/>'


def dot(x: float, y: float, kind: str) -> str:
    """Mark a point."""
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
