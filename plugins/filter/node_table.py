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
      - C(pending) are the options whose change waits, each with what it waits for, as C(image_id (replace)).
      - C(drift) are the reasons for which EC2 differs from what it should be.
      - C(age) is the time since the present instance was launched, or started after it had been stopped.
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
      - pending
      - drift
      - zone
      - age
    default: [node, status, instance, type, market, private IP, public IP, out of service, tried before]
  width:
    description:
      - The characters that a line may have. Columns that do not fit go on in further lines of each node, indented.
      - Left out, each node has one line.
    type: int
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

from collections.abc import Sequence
from typing import Any

from ..plugin_utils.node_table import Node, compose_table


def node_table(
    nodes: list[Node],
    timings: bool = False,  # noqa: FBT001, FBT002 - a filter's options
    columns: Sequence[str] | None = None,
    width: int | None = None,
) -> list[str]:
    return compose_table(nodes, columns, timings=timings, width=width)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"node_table": node_table}
