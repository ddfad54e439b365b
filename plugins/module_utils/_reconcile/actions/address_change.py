# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out a change of address: one conditional write makes the next interface the node's own."""

from __future__ import annotations

from ..._aws.api.parameters import next_interface_parameters
from ..._aws.calls.executor import VISIBLE_AFTER
from ..._aws.calls.waiters import WaitTimeoutError
from ..._core.actions import address_change_actions
from ..._core.model.identity import RecordedInterface, without_association
from ..._core.model.node_error import NodeError
from ..._core.model.observed import NetworkInterface
from ..._core.model.record import Intent
from ..context.node import Node
from .instance import wait_until_running
from .interface import make


async def create_next(node: Node, _action: address_change_actions.CreateNextInterface) -> None:
    """Make the next interface, or find out that an earlier run did."""
    left_open = node.open_intent("CreateNetworkInterface")
    await make(node, left_open or await _intend(node), first=left_open is None)


async def _intend(node: Node) -> Intent:
    number = node.identity.incarnation + 1
    parameters = next_interface_parameters(node.context.table, node.record, number)
    token = parameters["ClientToken"]
    intent = Intent(
        action="CreateNetworkInterface",
        token=token,
        parameters=parameters,
        number=number,
        role="next",
        config=node.record.wanted,
    )
    await node.save(intent=intent, incarnation=number)
    return intent


async def discard_next(node: Node, action: address_change_actions.DiscardNextInterface) -> None:
    """Delete the next interface, which nothing has ever used."""
    await _delete(node, action.network_interface_id)
    await node.save_identity(next_interface=None)


async def swap(node: Node, _action: address_change_actions.SwapInterface) -> None:
    """Give up the present interface for the next one. Raises NodeError when somebody has deleted that."""
    following = node.identity.next_interface
    if following is None:
        raise NodeError("NoNextInterface", f"{node.name}: the interface with the new address was not made.")
    interface = await _look_at(node, following)
    await node.save_identity(
        interface=following,
        next_interface=None,
        previous_interface=node.identity.interface,
        elastic_ip=without_association(node.identity.elastic_ip),
    )
    node.see(interface)


async def _look_at(node: Node, following: RecordedInterface) -> NetworkInterface | None:
    context = node.context
    until = context.clock.monotonic() + VISIBLE_AFTER
    try:
        return await context.interfaces.wait_until(following.network_interface_id, lambda seen: seen is not None, until)
    except WaitTimeoutError as error:
        await node.save_identity(next_interface=None)
        raise NodeError(
            "NextInterfaceMissing",
            f"{node.name}: interface {following.network_interface_id}, made for {following.private_ip_address}, "
            "was deleted by somebody. The node has its present address still: replace it again.",
        ) from error


async def delete_previous(node: Node, action: address_change_actions.DeletePreviousInterface) -> None:
    """Delete the interface that was given up, once an instance runs on the one that took its place."""
    if action.phase == "launch":
        if not node.context.limits.wait:
            return
        await wait_until_running(node, "running")
    await _delete(node, action.network_interface_id)
    await node.save_identity(previous_interface=None)


async def _delete(node: Node, network_interface_id: str) -> None:
    await node.ec2.delete_network_interface(network_interface_id)
