# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes as a table of text: the columns there are, and how rows are laid out within a width."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from .report.formatting import duration

Node = Mapping[str, Any]
Column = Callable[[Node], "str | None"]
Row = Sequence[str]

BETWEEN = "  "
INDENT = "  "


def compose_table(
    nodes: Sequence[Node], columns: Sequence[str] | None = None, *, timings: bool = False, width: int | None = None
) -> list[str]:
    """Compose the lines of a table; no line is longer than `width` where that can be done, None is any width.

    Columns that do not fit go on in further lines of each node, which are indented. `timings` adds a column for each
    phase. Raises AnsibleFilterError for a column that does not exist.
    """
    shown = {heading: _column(heading) for heading in columns or STANDARD}
    if not nodes:
        return ["There are no such nodes."]
    if timings:
        shown |= {phase: _seconds_of(phase) for phase in _phases(nodes)}
    rows = [tuple(shown), *(tuple(str(cell(node) or "-") for cell in shown.values()) for node in nodes)]
    return lay_out(rows, width)


def lay_out(rows: Sequence[Row], width: int | None) -> list[str]:
    """Align the columns of the rows, and fold rows that are longer than `width`."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    padded = [[cell.ljust(length) for cell, length in zip(row, widths, strict=True)] for row in rows]
    groups = _fold(widths, width)
    aligned = _aligned(padded, groups)
    return [line for row in aligned for line in row]


def _aligned(padded: Sequence[Sequence[str]], groups: Sequence[slice]) -> list[list[str]]:
    indents = ["", *([INDENT] * (len(groups) - 1))]
    return [
        [(indent + BETWEEN.join(row[group])).rstrip() for indent, group in zip(indents, groups, strict=True)]
        for row in padded
    ]


def _fold(widths: Sequence[int], width: int | None) -> list[slice]:
    """Say which columns stand in the first line of a row, which in the second, and so on."""
    groups: list[slice] = []
    start = 0
    length = 0
    for index, own in enumerate(widths):
        needed = length + len(BETWEEN) + own
        if width is not None and index > start and needed > width:
            groups.append(slice(start, index))
            start = index
            needed = len(INDENT) + own
        elif index == 0:
            needed = own
        length = needed
    return [*groups, slice(start, len(widths))]


def _column(heading: str) -> Column:
    if heading not in COLUMNS:
        raise AnsibleFilterError(f"node_table: there is no column '{heading}'. Choose from {', '.join(COLUMNS)}.")
    return COLUMNS[heading]


def _value(key: str) -> Column:
    return lambda node: node.get(key)


def _market(node: Node) -> str | None:
    if not node.get("instance_id"):
        return None
    return (node.get("instance_lifecycle") or "on_demand").replace("_", "-")


def _out_of_service(node: Node) -> str | None:
    seconds = node.get("seconds_out_of_service")
    return None if seconds is None else f"{seconds} s"


def _tried_before(node: Node) -> str:
    return "; ".join(
        f"{attempt.get('instance_type') or 'template'} {attempt['market'].replace('_', '-')}: {attempt['code']}"
        for attempt in node.get("launch_attempts") or ()
        if attempt.get("code")
    )


def _seconds(node: Node) -> str | None:
    # A hand-over is a part of its launch.
    seconds = sum(taken for phase, taken in (node.get("timings") or {}).items() if phase != "handover")
    return f"{seconds:.1f}" if seconds else None


def _pending(node: Node) -> str:
    changes = (
        f"{change['option'].removeprefix('launch.')} ({change['waits_for'].replace('_', ' ')})"
        for change in node.get("pending") or ()
    )
    return ", ".join(dict.fromkeys(changes))


def _drift(node: Node) -> str:
    return ", ".join(drift["reason"] for drift in node.get("drift") or ())


def _age(node: Node) -> str | None:
    seconds = node.get("seconds_since_launch")
    return None if seconds is None else duration(seconds)


COLUMNS: dict[str, Column] = {
    "node": _value("name"),
    "status": _value("status"),
    "instance": _value("instance_id"),
    "type": _value("instance_type"),
    "market": _market,
    "private IP": _value("private_ip_address"),
    "public IP": _value("public_ip"),
    "out of service": _out_of_service,
    "tried before": _tried_before,
    "seconds": _seconds,
    "pending": _pending,
    "drift": _drift,
    "zone": _value("availability_zone"),
    "age": _age,
}
STANDARD = (
    "node",
    "status",
    "instance",
    "type",
    "market",
    "private IP",
    "public IP",
    "out of service",
    "tried before",
)


def _phases(nodes: Sequence[Node]) -> dict[str, None]:
    """In the order in which they were worked on."""
    return dict.fromkeys(phase for node in nodes for phase in node.get("timings") or {})


def _seconds_of(phase: str) -> Column:
    def seconds(node: Node) -> str | None:
        taken = (node.get("timings") or {}).get(phase)
        return None if taken is None else f"{taken:.1f} s"

    return seconds
