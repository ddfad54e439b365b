# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who has the node's interface: EC2 attaches it to one instance at a time, and that is the lock."""

from __future__ import annotations

from .._core.errors import NodeError
from .._core.observed import Instance, NetworkInterface
from .node import Node


async def free_interface(node: Node) -> None:
    """Wait until the interface is available. Raises NodeError when a living instance holds it, or there is none."""
    leaving: str | None = None
    while True:
        interface = await _look_at_interface(node, leaving)
        if interface is None or interface.holder is None:
            return
        holder = await node.context.instances.wait_until(interface.holder, lambda _seen: True, node.context.deadline)
        if holder and holder.is_live:
            raise held(node, holder)
        leaving = interface.holder


async def _look_at_interface(node: Node, leaving: str | None) -> NetworkInterface | None:
    """Wait until the interface is available, or held by another instance than the one that is leaving it."""
    interface = await node.context.interfaces.wait_until(
        node.network_interface_id,
        lambda seen: seen is None or seen.is_available or seen.holder not in (None, leaving),
        node.context.deadline,
    )
    node.see(interface)
    return interface


def held(node: Node, holder: Instance) -> NodeError:
    """Say that an instance which is not the node's has the interface."""
    return NodeError(
        "InvalidNetworkInterface.InUse",
        f"{node.name}: interface {node.identity.network_interface_id} is attached to instance {holder.instance_id} "
        f"({holder.state}), which is not the node's. It is left alone: terminate it, then run the playbook again.",
    )
