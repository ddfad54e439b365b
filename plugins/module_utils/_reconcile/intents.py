# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intents that an interrupted run left open. A record holds one: it is settled before another is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from .._core import actions
from .._core.record import Intent
from .addresses import settle_assignment
from .elastic_ip import settle_allocation
from .interface import settle_creation
from .launch import resolve_launch
from .node import Node

WRITTEN_BY: dict[type[actions.Action], str] = {
    actions.CreateNetworkInterface: "CreateNetworkInterface",
    actions.AssignPrivateIpAddresses: "AssignPrivateIpAddresses",
    actions.AssignIpv6Addresses: "AssignIpv6Addresses",
    actions.AllocateAddress: "AllocateAddress",
    actions.LaunchInstance: "RunInstances",
}
"""The intent that carrying out an action writes."""

SETTLERS: dict[str, Callable[[Node], Awaitable[object]]] = {
    "CreateNetworkInterface": settle_creation,
    "AssignPrivateIpAddresses": settle_assignment,
    "AssignIpv6Addresses": settle_assignment,
    "AllocateAddress": settle_allocation,
    "RunInstances": resolve_launch,
}

REPLAYED = ("CreateNetworkInterface", "RunInstances")
"""Calls with a token: the action that made one makes it again. What the others did is to be looked for first."""


async def settle(node: Node, planned: Iterable[actions.Action]) -> bool:
    """Settle the open intent where it stands in the way of what is planned; say whether there was one."""
    intent = node.record.intent
    if intent is None or not _stands_in_the_way(intent, planned):
        return False
    await SETTLERS[intent.action](node)
    return True


def _stands_in_the_way(intent: Intent, planned: Iterable[actions.Action]) -> bool:
    if intent.action not in REPLAYED:
        return True
    written = {WRITTEN_BY.get(type(action), intent.action) for action in planned}
    deletes = any(isinstance(action, actions.DeleteNetworkInterface) for action in planned)
    return bool(written - {intent.action}) or (deletes and intent.action == "CreateNetworkInterface")
