# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intents that an interrupted run left open. A record holds one: it is settled before another is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ..._core.actions import (
    address_change_actions,
    elastic_ip_actions,
    hand_over_actions,
    instance_actions,
    interface_actions,
    private_address_actions,
)
from ..._core.actions.base_action import Action, Phase
from ..._core.model.record import Intent
from ..actions.addresses import settle_assignment
from ..actions.elastic_ip import settle_allocation
from ..actions.interface import settle_creation
from ..actions.launch_outcome import resolve_launch
from ..context.node import Node

WRITTEN_BY: dict[type[Action], str] = {
    interface_actions.CreateNetworkInterface: "CreateNetworkInterface",
    address_change_actions.CreateNextInterface: "CreateNetworkInterface",
    private_address_actions.AssignPrivateIpAddresses: "AssignPrivateIpAddresses",
    private_address_actions.AssignIpv6Addresses: "AssignIpv6Addresses",
    elastic_ip_actions.AllocateAddress: "AllocateAddress",
    instance_actions.LaunchInstance: "RunInstances",
    hand_over_actions.LaunchStandby: "RunInstances",
}
"""The intent that carrying out an action writes."""

ROLES: dict[type[Action], str] = {
    address_change_actions.CreateNextInterface: "next",
    hand_over_actions.LaunchStandby: "standby",
}
"""The role of what it is about, where that is not the node's own yet."""

SETTLERS: dict[str, Callable[[Node], Awaitable[object]]] = {
    "CreateNetworkInterface": settle_creation,
    "AssignPrivateIpAddresses": settle_assignment,
    "AssignIpv6Addresses": settle_assignment,
    "AllocateAddress": settle_allocation,
    "RunInstances": resolve_launch,
}


async def settle(node: Node, phase: Phase, planned: Sequence[Action]) -> bool:
    """Settle the open intent where it stands in the way of what is planned; say whether there was one."""
    intent = node.record.intent
    if intent is None or not _stands_in_the_way(intent, phase, planned):
        return False
    await SETTLERS[intent.action](node)
    return True


def _stands_in_the_way(intent: Intent, phase: Phase, planned: Sequence[Action]) -> bool:
    written = {_intent_of(action) for action in planned} - {None, (intent.action, intent.role)}
    if intent.action == "RunInstances":
        # To end an instance resolves a launch by itself.
        return bool(written) and phase != "terminate"
    if phase == "terminate":
        return bool(written)
    if intent.action == "CreateNetworkInterface":
        return bool(written) or intent.role is not None or _deletes(planned)
    return True


def _intent_of(action: Action) -> tuple[str, str | None] | None:
    written = WRITTEN_BY.get(type(action))
    return (written, ROLES.get(type(action))) if written else None


def _deletes(planned: Sequence[Action]) -> bool:
    return any(isinstance(action, interface_actions.DeleteNetworkInterface) for action in planned)
