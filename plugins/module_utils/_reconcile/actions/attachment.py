# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who has the node's interface: EC2 attaches it to one instance at a time, and that is the lock."""

from __future__ import annotations

from ..._aws.calls.executor import VISIBLE_AFTER
from ..._aws.calls.waiters import WaitTimeoutError
from ..._core.model.node_error import NodeError
from ..._core.model.observed import Instance, NetworkInterface
from ..._core.resources.owners import is_of_another_node, is_own, whose
from ..._core.resources.tagged import was_launched_for
from ..context.node import Node


async def free_interface(node: Node) -> None:
    """Wait until the interface is available. Raises NodeError when a living instance holds it, or there is none."""
    leaving: str | None = None
    while True:
        interface = await _look_at_interface(node, leaving)
        if interface is None or interface.holder is None:
            return
        holder = await node.context.instances.wait_until(interface.holder, lambda _seen: True, node.deadline)
        if holder and holder.is_live:
            await outlast(node, holder)
        leaving = interface.holder


async def outlast(node: Node, holder: Instance) -> None:
    """Wait until the interface is without an instance that was the node's own and has been seen to end.

    For a while EC2 may show both as they were before. Raises NodeError for any other instance, and past that while.
    """
    context = node.context
    if not was_launched_for(node.record, holder, context.table):
        raise held(node, holder)
    until = min(node.deadline, context.clock.monotonic() + VISIBLE_AFTER)
    try:
        await context.interfaces.wait_until(
            node.network_interface_id, lambda seen: seen is None or seen.holder != holder.instance_id, until
        )
    except WaitTimeoutError as error:
        raise held(node, holder) from error


async def _look_at_interface(node: Node, leaving: str | None) -> NetworkInterface | None:
    """Wait until the interface is available, or held by another instance than the one that is leaving it."""
    interface = await node.context.interfaces.wait_until(
        node.network_interface_id,
        lambda seen: seen is None or seen.is_available or seen.holder not in (None, leaving),
        node.deadline,
    )
    node.see(interface)
    return interface


def held(node: Node, holder: Instance) -> NodeError:
    """Say that an instance which is not the node's has the interface, and whose it is."""
    owner = {"table": node.context.table, "name": node.name}
    told = whose(holder.tags, **owner) or "which is not the node's"
    way_out = "terminate it"
    if is_own(holder.tags, **owner):
        told = "which carries this node's tags and is not the instance in its record"
        way_out = "check what it is, with the playbook orphans"
    elif is_of_another_node(holder.tags, **owner):
        way_out = "detach the interface from it"
    return NodeError(
        "InvalidNetworkInterface.InUse",
        f"{node.name}: interface {node.identity.network_interface_id} is attached to instance {holder.instance_id} "
        f"({holder.state}), {told}. It is left alone: {way_out}, then run the playbook again.",
    )
