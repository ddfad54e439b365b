# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out the actions on the addresses that an interface has beside its primary one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .._aws.ec2 import Ec2
from .._core import actions
from .._core.errors import NodeError
from .._core.observed import NetworkInterface
from .._core.record import Intent
from .interface import interface_id_of
from .node import Node


async def assign_private_ip_addresses(node: Node, action: actions.AssignPrivateIpAddresses) -> None:
    """Assign secondary private addresses."""
    if action.private_ip_addresses:
        addresses = list(action.private_ip_addresses)
        parameters = {"NetworkInterfaceId": interface_id_of(node), "PrivateIpAddresses": addresses}
        call = partial(node.context.ec2.assign_private_ip_addresses, parameters)
        await node.context.calls.replay(call, node.fence)
        await _record_addresses(node, lambda seen: set(addresses) <= set(seen.private_ip_addresses), addresses, [])
    else:
        await _assign_count(node, "AssignPrivateIpAddresses", "SecondaryPrivateIpAddressCount", action.count)


async def assign_ipv6_addresses(node: Node, action: actions.AssignIpv6Addresses) -> None:
    """Assign IPv6 addresses."""
    await _assign_count(node, "AssignIpv6Addresses", "Ipv6AddressCount", action.count)


_ASSIGN: dict[str, Callable[[Ec2, dict[str, Any]], None]] = {
    "AssignPrivateIpAddresses": Ec2.assign_private_ip_addresses,
    "AssignIpv6Addresses": Ec2.assign_ipv6_addresses,
}


async def _assign_count(node: Node, api_action: Any, count_name: str, count: int) -> None:
    """Assign so many addresses. The call has no token: an earlier run's effect is told by what was there before."""
    intent = node.open_intent(api_action)
    if intent is None:
        before = _addresses_of(await _look_again(node), api_action)
        parameters = {"NetworkInterfaceId": interface_id_of(node), count_name: count}
        intent = Intent(action=api_action, token="", parameters={**parameters, "Before": list(before)})
        await node.save(intent=intent)
    parameters = {key: value for key, value in intent.parameters.items() if key != "Before"}
    await _assign_unless_done(node, intent, partial(_ASSIGN[api_action], node.context.ec2, parameters), count)


async def _assign_unless_done(node: Node, intent: Intent, call: Callable[[], None], count: int) -> None:
    before = set(intent.parameters["Before"])

    def is_done(seen: NetworkInterface) -> bool:
        return len(set(_addresses_of(seen, intent.action)) - before) >= count

    if not is_done(await _look_again(node)):
        await node.context.calls.make_once(call, node.fence)
    await node.save(intent=None)
    added = [address for address in _addresses_of(await _look_until(node, is_done), intent.action)
             if address not in before]  # fmt: skip
    await _record_addresses(node, is_done, *((added, []) if "Private" in intent.action else ([], added)))


def _addresses_of(interface: NetworkInterface, api_action: str) -> tuple[str, ...]:
    return interface.ipv6_addresses if "Ipv6" in api_action else interface.private_ip_addresses


async def _look_again(node: Node) -> NetworkInterface:
    return await _look_until(node, lambda _seen: True)


async def _look_until(node: Node, reached: Callable[[NetworkInterface], bool]) -> NetworkInterface:
    interface = await node.context.interfaces.wait_until(
        interface_id_of(node), lambda seen: seen is not None and reached(seen), node.context.deadline
    )
    if interface is None:
        raise NodeError("InvalidNetworkInterfaceID.NotFound", f"{node.name}: {interface_id_of(node)} is gone.")
    node.see(interface)
    return interface


async def _record_addresses(
    node: Node, reached: Callable[[NetworkInterface], bool], private: list[str], ipv6: list[str]
) -> None:
    await _look_until(node, reached)
    identity = node.identity
    await node.save_identity(
        private_ip_addresses=tuple(dict.fromkeys((*identity.private_ip_addresses, *private))),
        ipv6_addresses=tuple(dict.fromkeys((*identity.ipv6_addresses, *ipv6))),
    )


async def unassign_private_ip_addresses(node: Node, action: actions.UnassignPrivateIpAddresses) -> None:
    """Take secondary private addresses off the interface."""
    gone = action.private_ip_addresses
    call = partial(node.context.ec2.unassign_private_ip_addresses, interface_id_of(node), gone)
    await node.context.calls.make_once(call, node.fence)
    kept = tuple(address for address in node.identity.private_ip_addresses if address not in gone)
    await node.save_identity(private_ip_addresses=kept)


async def unassign_ipv6_addresses(node: Node, action: actions.UnassignIpv6Addresses) -> None:
    """Take IPv6 addresses off the interface."""
    gone = action.ipv6_addresses
    call = partial(node.context.ec2.unassign_ipv6_addresses, interface_id_of(node), gone)
    await node.context.calls.make_once(call, node.fence)
    await node.save_identity(ipv6_addresses=tuple(item for item in node.identity.ipv6_addresses if item not in gone))
