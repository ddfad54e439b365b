# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: merge_nodes
short_description: What the modules of one operation say of its nodes, as one list
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Takes the results of the modules of one operation, in the order they ran.
  - Returns the nodes of the first result in its order, each with what the later ones say of it. An error stays.
options:
  _input:
    description: Registered results. One of a skipped task, or an empty one, adds nothing.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what a resume has done
  ansible.builtin.debug:
    msg: "{{ [resume_begun, resume_instances, resume_ended] | stateful_node.aws.merge_nodes }}"
"""

RETURN = r"""
_value:
  description: The nodes.
  type: list
  elements: dict
"""

from typing import Any


def merge_nodes(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    first, *later = (result.get("nodes") or [] for result in results)
    nodes = {node["name"]: node for node in first}
    for node in (node for part in later for node in part if node["name"] in nodes):
        nodes[node["name"]] = _merge(nodes[node["name"]], node)
    return list(nodes.values())


def _merge(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    timings = {**(before.get("timings") or {}), **(after.get("timings") or {})}
    return {**before, **after, "timings": timings}


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"merge_nodes": merge_nodes}
