# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: node_table
short_description: Nodes as a table for people
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns a heading and one line for each node, in columns. What a node does not have is a dash.
  - Of no nodes, one line says so.
options:
  _input:
    description: Nodes, as every module of the collection returns them.
    type: list
    elements: dict
    required: true
  timings:
    description: Add a column for each phase that was worked on, with its seconds.
    type: bool
    default: false
  columns:
    description:
      - Which columns to show, and in which order.
      - C(out of service) is how long the node was without a running instance before its present one, or is now. See
        C(seconds_out_of_service) of the nodes for what is counted.
      - C(tried before) are the ways to launch that failed before the present instance was launched, and why.
      - C(seconds) are those of all phases of the operation.
    type: list
    elements: str
    choices:
      - node
      - status
      - instance
      - type
      - market
      - private IP
      - public IP
      - out of service
      - tried before
      - seconds
    default: [node, status, instance, type, market, private IP, public IP, out of service, tried before]
"""

EXAMPLES = r"""
- name: Show the nodes
  ansible.builtin.debug:
    msg: "{{ resume_result.nodes | stateful_node.aws.node_table }}"

- name: Show them with the seconds of each phase when run with -v
  ansible.builtin.debug:
    msg: "{{ resume_result.nodes | stateful_node.aws.node_table(timings=ansible_verbosity > 0) }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

Node = dict[str, Any]


def node_table(nodes: list[Node], timings: bool = False, columns: Sequence[str] | None = None) -> list[str]:  # noqa: FBT001, FBT002
    shown = {heading: _column(heading) for heading in columns or STANDARD}
    if not nodes:
        return ["There are no such nodes."]
    if timings:
        shown |= {phase: _seconds_of(phase) for phase in _phases(nodes)}
    rows = [tuple(shown), *(tuple(str(cell(node) or "-") for cell in shown.values()) for node in nodes)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


Column = Callable[[Node], "str | None"]


def _column(heading: str) -> Column:
    if heading not in COLUMNS:
        raise AnsibleFilterError(f"node_table: there is no column '{heading}'. Take of {', '.join(COLUMNS)}.")
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
}
STANDARD = tuple(COLUMNS)[:-1]


def _phases(nodes: list[Node]) -> dict[str, None]:
    """In the order in which they were worked on."""
    return dict.fromkeys(phase for node in nodes for phase in node.get("timings") or {})


def _seconds_of(phase: str) -> Column:
    def seconds(node: Node) -> str | None:
        taken = (node.get("timings") or {}).get(phase)
        return None if taken is None else f"{taken:.1f} s"

    return seconds


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"node_table": node_table}
