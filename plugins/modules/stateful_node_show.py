#!/usr/bin/python
# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stateful_node_show
short_description: Print stateful nodes, or what belongs to none, as a table
version_added: 1.0.0
description:
  - Prints a heading and a line for each node, for people. What a node does not have is a dash.
  - Columns that do not fit into the width of the terminal, or of E(COLUMNS), go on in further lines of each node,
    indented. In a file or a pipe each node has one line.
  - With a callback plugin that prints a format for programs, such as JSON, the lines are RV(msg) of the task, and
    nothing else is printed.
  - Reads and changes nothing.
options:
  nodes:
    description:
      - The nodes, as every module of the collection returns them.
      - Either these or O(orphans) are required.
    type: list
    elements: dict
  orphans:
    description:
      - What belongs to no node, as M(stateful_node.aws.stateful_node_orphans) returns it.
    type: list
    elements: dict
  columns:
    description:
      - Which columns to show of O(nodes), and in which order, as O(stateful_node.aws.node_table#filter:columns)
        describes them.
      - Left out, those of an operation.
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
  timings:
    description:
      - Whether to add a column for each phase that was worked on, with its seconds.
    type: bool
    default: false
  title:
    description:
      - A line to print above the table.
    type: str
  none_text:
    description:
      - What to print where there is nothing to show, in place of the table and its title.
    type: str
seealso:
  - module: stateful_node.aws.stateful_node_info
  - plugin: stateful_node.aws.node_table
    plugin_type: filter
author:
  - The stateful_node.aws contributors (@stateful-node)
attributes:
  action:
    description: Runs on the controller, and needs no connection.
    support: full
  check_mode:
    description: Can run in C(check_mode), and prints the same.
    support: full
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: N/A
    details: The module changes nothing.
"""

EXAMPLES = r"""
- name: Look at the nodes
  stateful_node.aws.stateful_node_info:
  register: found

- name: Show those that need attention
  stateful_node.aws.stateful_node_show:
    nodes: "{{ found.nodes | selectattr('status', 'equalto', 'degraded') }}"
    columns: [node, drift]

- name: Look for what belongs to no node
  stateful_node.aws.stateful_node_orphans:
  register: left_over

- name: Show it
  stateful_node.aws.stateful_node_show:
    orphans: "{{ left_over.orphans }}"
"""

RETURN = r"""
msg:
  description: The lines, to be printed by the callback plugin.
  returned: when the callback plugin prints for programs
  type: list
  elements: str
  sample: ["node   status", "dev-1  running"]
"""
