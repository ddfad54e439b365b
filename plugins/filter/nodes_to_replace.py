# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: nodes_to_replace
short_description: Which of the nodes a roll still has to replace
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Chooses the nodes that need a replacement, so that a roll which stopped in the middle can be taken up.
  - With O(only=pending) or O(older_than) a node that should run and has no instance is chosen as well, as a replacement
    that failed leaves it.
options:
  _input:
    description: Nodes, as M(stateful_node.aws.stateful_node_info) returns them, without those that have an error.
    type: list
    elements: dict
    required: true
  only:
    description:
      - V(on_demand) chooses the nodes that are wanted on spot capacity and fell back to on-demand.
      - V(pending) chooses those with a change of the configuration that a replacement brings about. One that gives an
        address up counts with O(allow_address_change).
      - All of them unless given.
    type: str
    choices: ["", on_demand, pending]
    default: ""
  older_than:
    description:
      - Chooses the nodes whose instance was launched before a time, in ISO 8601, or longer ago than V(30d), V(12h).
      - A number alone chooses the nodes of an earlier generation.
      - All of them unless given.
    type: str
    default: ""
  allow_address_change:
    description: Whether the replacement gives up an address that is configured otherwise.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show which nodes still wait
  ansible.builtin.debug:
    msg: "{{ all_nodes.nodes | stateful_node.aws.nodes_to_replace(only='pending') | map(attribute='name') }}"
"""

RETURN = r"""
_value:
  description: The chosen nodes, in their order.
  type: list
  elements: dict
"""

import time
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._core.lifecycle.history import parse_since
from ..module_utils._core.model.node_error import NodeError

Node = dict[str, Any]


def nodes_to_replace(
    nodes: list[Node], only: str = "", older_than: Any = "", *, allow_address_change: bool = False
) -> list[Node]:
    is_old = _age_test(str(older_than or "").strip())
    chosen = [node for node in nodes if _is_wanted(node, only, allow_address_change=allow_address_change)]
    return [node for node in chosen if is_old(node)]


def _is_wanted(node: Node, only: str, *, allow_address_change: bool) -> bool:
    if only == "on_demand":
        launch = (node.get("config") or {}).get("launch") or {}
        return launch.get("market") == "spot" and node["instance_lifecycle"] == "on_demand"
    if only == "pending":
        brought_about = ("replace", "address_change") if allow_address_change else ("replace",)
        waits = any(item["waits_for"] in brought_about for item in node["pending"])
        return waits or _is_down(node)
    return True


def _age_test(older_than: str) -> Callable[[Node], bool]:
    if not older_than:
        return lambda _node: True
    if older_than.isdecimal():
        generation = int(older_than)
        return lambda node: node["generation"] < generation or _is_down(node)
    now = int(time.time())
    try:
        since = parse_since(older_than, now)
    except NodeError:
        raise AnsibleFilterError(
            f"older_than '{older_than}' is not a time. Give one in ISO 8601 (2026-01-31T18:00:00Z), an age (a number "
            "and s, m, h, d or w, such as 30d), or the number of a generation."
        ) from None
    return lambda node: _is_older(node, now - (since or 0))


def _is_older(node: Node, seconds: int) -> bool:
    age = node["seconds_since_launch"]
    return _is_down(node) or (age is not None and age > seconds)


def _is_down(node: Node) -> bool:
    return node["desired"] == "running" and not node["instance_id"]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"nodes_to_replace": nodes_to_replace}
