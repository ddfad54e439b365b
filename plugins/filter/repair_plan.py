# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: repair_plan
short_description: Which nodes can be repaired without asking, and how
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Sorts nodes by what brings each of them in line with its record.
  - A node of which any drift is not repairable is left alone altogether. The exceptions are C(two_instances), and
    C(foreign_elastic_ip) on a node without an Elastic IP in its configuration. They are listed and do not keep the
    other drifts of the node from being repaired.
options:
  _input:
    description: Nodes, as M(stateful_node.aws.stateful_node_info) returns them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what somebody has to decide
  ansible.builtin.debug:
    msg: "{{ (all_nodes.nodes | stateful_node.aws.repair_plan).left }}"
"""

RETURN = r"""
_value:
  description:
    - V(resume), V(pause) and V(replace) are the names of the nodes that these playbooks mend.
    - V(interfaces) are those of nodes that do not run, whose interfaces are brought in line, and V(addresses) those
      among them whose Elastic IP is.
    - V(rebuild) are those of nodes whose record is lost.
    - V(left) says what is left to a person, of each node; its items have V(name), V(reason) and V(message).
  type: dict
"""

from typing import Any

PLAYBOOKS = ("resume", "pause", "replace")
UNFINISHED = {"cut_off_early", "operation_unfinished"}
"""Drifts of a node that is repaired by the playbook that brings about what it should be, whatever was cut off."""

BESIDE_THE_NODE = ("two_instances",)
"""Drifts that are left to a person and do not keep the node from being repaired: anyone may give an instance tags."""

FOREIGN_ELASTIC_IP = "foreign_elastic_ip"
"""A drift that stands in the way only where the node should have another Elastic IP."""

WAYS = (*PLAYBOOKS, "interfaces", "addresses", "rebuild")


def repair_plan(nodes: list[dict[str, Any]]) -> dict[str, list[Any]]:
    plan: dict[str, list[Any]] = {way: [] for way in (*WAYS, "left")}
    for node in (node for node in nodes if not node.get("error")):
        reasons = list(_reasons_to_leave(node))
        beside = [] if reasons else [_shown(item) for item in node["drift"] if _is_beside(node, item)]
        plan["left"] += [{"name": node["name"], **reason} for reason in (*reasons, *beside)]
        for way in _ways(node, left=bool(reasons)):
            plan[way].append(node["name"])
    return plan


def _reasons_to_leave(node: dict[str, Any]) -> list[dict[str, str]]:
    held, drift = node["operation"], node["drift"]
    if held and not drift:
        wait = f"{held['operation']} {held['id']} of {held['owner']} is at work on the node. Repair it after that."
        return [{"reason": "busy", "message": wait}]
    if not any(_stops(node, item) for item in drift):
        return []
    return [_shown(item) for item in drift]


def _stops(node: dict[str, Any], item: dict[str, Any]) -> bool:
    """Whether a drift keeps the others of the node from being repaired."""
    return not item["repairable"] and not _is_beside(node, item)


def _is_beside(node: dict[str, Any], item: dict[str, Any]) -> bool:
    """Whether a drift is only listed: what a tag alone claims, or an address that the node does not need gone."""
    wants_elastic_ip = bool((node.get("config") or {}).get("elastic_ip"))
    return item["reason"] in BESIDE_THE_NODE or (item["reason"] == FOREIGN_ELASTIC_IP and not wants_elastic_ip)


def _shown(item: dict[str, Any]) -> dict[str, str]:
    return {"reason": item["reason"], "message": item["message"]}


def _ways(node: dict[str, Any], *, left: bool) -> tuple[str, ...]:
    if left:
        is_lost = any(item["reason"] == "record_missing" for item in node["drift"])
        return ("rebuild",) if is_lost else ()
    if UNFINISHED & {item["reason"] for item in node["drift"]}:
        return ("resume" if node["desired"] == "running" else "pause",)
    held = (node["operation"] or {}).get("operation")
    if held in PLAYBOOKS:
        return (held,)
    if node["desired"] == "running":
        return ("resume",)
    if not node["network_interface_id"]:
        return ()
    return ("interfaces", "addresses") if node["drift"] else ("interfaces",)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"repair_plan": repair_plan}
