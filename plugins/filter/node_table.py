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
  - Returns a heading and one line for each node, in columns.
options:
  _input:
    description: Nodes, as every module of the collection returns them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the nodes
  ansible.builtin.debug:
    msg: "{{ resume_result.nodes | stateful_node.aws.node_table }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from typing import Any

HEADING = ("node", "status", "instance", "type", "capacity", "private IP", "public IP", "seconds")


def node_table(nodes: list[dict[str, Any]]) -> list[str]:
    rows = [HEADING, *(_row(node) for node in nodes)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(node: dict[str, Any]) -> tuple[str, ...]:
    seconds = sum((node.get("timings") or {}).values())
    cells = (
        node["name"],
        node.get("status"),
        node.get("instance_id"),
        node.get("instance_type"),
        _capacity(node),
        node.get("private_ip_address"),
        node.get("public_ip"),
        f"{seconds:.1f}" if seconds else None,
    )
    return tuple(str(cell or "-") for cell in cells)


def _capacity(node: dict[str, Any]) -> str | None:
    if not node.get("instance_id"):
        return None
    return (node.get("instance_lifecycle") or "on_demand").replace("_", "-")


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"node_table": node_table}
