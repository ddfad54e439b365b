# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out the actions on the addresses that an interface has in addition to its primary one.

To assign by count has no token: what an interrupted call did is told by the addresses that were there before it, which
the intent holds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal, cast

from ..._aws.api.async_ec2 import FencedEc2
from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import is_refusal
from ..._aws.calls.executor import VISIBLE_AFTER
from ..._aws.calls.waiters import WaitTimeoutError
from ..._core.actions import private_address_actions
from ..._core.actions.wanted_addresses import kept_secondary_addresses
from ..._core.model.identity import RecordedInterface
from ..._core.model.observed import NetworkInterface
from ..._core.model.record import Intent
from ..context.node import Node

ASSIGNMENTS = 3
"""How often an assignment whose outcome stayed unknown is tried at the most."""

Family = Literal["private_ip_addresses", "ipv6_addresses"]

_FAMILIES: dict[str, Family] = {
    "AssignPrivateIpAddresses": "private_ip_addresses",
    "AssignIpv6Addresses": "ipv6_addresses",
}
_ASSIGN_NAMED: dict[str, Callable[[FencedEc2, dict[str, Any]], Awaitable[None]]] = {
    "AssignPrivateIpAddresses": FencedEc2.assign_private_ip_addresses,
    "AssignIpv6Addresses": FencedEc2.assign_ipv6_addresses,
}
_ASSIGN_BY_COUNT: dict[str, Callable[[FencedEc2, dict[str, Any]], Awaitable[None]]] = {
    "AssignPrivateIpAddresses": FencedEc2.assign_private_ip_addresses_by_count,
    "AssignIpv6Addresses": FencedEc2.assign_ipv6_addresses_by_count,
}
_NAMED = {"AssignPrivateIpAddresses": "PrivateIpAddresses", "AssignIpv6Addresses": "Ipv6Addresses"}
_BEFORE = "Before"


async def assign_private_ip_addresses(node: Node, action: private_address_actions.AssignPrivateIpAddresses) -> None:
    """Assign secondary private addresses: the particular ones first, which so many others must not take."""
    await _assign_named(node, "AssignPrivateIpAddresses", action.private_ip_addresses)
    if action.count:
        await _assign_count(node, "AssignPrivateIpAddresses", {"SecondaryPrivateIpAddressCount": action.count})


async def assign_ipv6_addresses(node: Node, action: private_address_actions.AssignIpv6Addresses) -> None:
    """Assign IPv6 addresses, in the same way."""
    await _assign_named(node, "AssignIpv6Addresses", action.ipv6_addresses)
    if action.count:
        await _assign_count(node, "AssignIpv6Addresses", {"Ipv6AddressCount": action.count})


async def _assign_named(node: Node, api_action: str, addresses: Sequence[str]) -> None:
    family, seen = _FAMILIES[api_action], node.observed.network_interface
    # The primary address that EC2 chose a moment ago may be one of them.
    missing = [address for address in addresses if seen is None or address not in getattr(seen, family)]
    if not missing:
        return
    parameters = {"NetworkInterfaceId": node.network_interface_id, _NAMED[api_action]: missing}
    await _ASSIGN_NAMED[api_action](node.ec2, parameters)
    await _look_until(node, lambda seen: set(missing) <= set(getattr(seen, family)), node.deadline)
    await node.save_identity(interface=_with(node, family, missing))


async def _assign_count(node: Node, api_action: Any, count: dict[str, int]) -> None:
    """Write down what is there and what is to be assigned, assign it, write down what came."""
    interface = await _look_until(node, lambda _seen: True, node.deadline)
    before = list(getattr(interface, _FAMILIES[api_action]))
    parameters = {"NetworkInterfaceId": node.network_interface_id, **count, _BEFORE: before}
    intent = Intent(action=api_action, token="", parameters=parameters)
    await node.save(intent=intent)
    await _record(node, intent, await _assign(node, intent))


async def _assign(node: Node, intent: Intent) -> list[str]:
    parameters = {key: value for key, value in intent.parameters.items() if key != _BEFORE}
    for attempt in range(ASSIGNMENTS):
        try:
            await _ASSIGN_BY_COUNT[intent.action](node.ec2, parameters)
        except AwsError as error:
            if is_refusal(error, first=attempt == 0):
                await node.save(intent=None)
                raise
            unknown = error
            if added := await _find_assigned(node, intent):
                return added
        else:
            return _added(await _look_until(node, partial(_is_assigned, intent), node.deadline), intent)
    raise unknown


async def settle_assignment(node: Node) -> None:
    """Write down what an interrupted assignment has added; what it has not is planned anew."""
    if intent := node.record.intent:
        await _record(node, intent, await _find_assigned(node, intent))


async def _find_assigned(node: Node, intent: Intent) -> list[str]:
    clock = node.context.clock
    try:
        interface = await _look_until(node, partial(_is_assigned, intent), clock.monotonic() + VISIBLE_AFTER)
    except WaitTimeoutError:
        return []
    return _added(interface, intent)


def _is_assigned(intent: Intent, interface: NetworkInterface) -> bool:
    count: int = next(value for key, value in intent.parameters.items() if key.endswith("Count"))
    return len(_added(interface, intent)) >= count


def _added(interface: NetworkInterface, intent: Intent) -> list[str]:
    present = getattr(interface, _FAMILIES[intent.action])
    return [address for address in present if address not in intent.parameters[_BEFORE]]


async def _record(node: Node, intent: Intent, added: Sequence[str]) -> None:
    await node.save(intent=None, interface=_with(node, _FAMILIES[intent.action], added))


def _with(node: Node, family: Family, added: Sequence[str]) -> RecordedInterface:
    addresses = tuple(dict.fromkeys((*getattr(node.interface, family), *added)))
    return _replaced(node.interface, family, addresses)


def _replaced(interface: RecordedInterface, family: Family, addresses: tuple[str, ...]) -> RecordedInterface:
    if family == "ipv6_addresses":
        return replace(interface, ipv6_addresses=addresses)
    return replace(interface, private_ip_addresses=addresses)


async def _look_until(node: Node, reached: Callable[[NetworkInterface], bool], until: float) -> NetworkInterface:
    interface = await node.context.interfaces.wait_until(
        node.network_interface_id, lambda seen: seen is not None and reached(seen), until
    )
    node.see(interface)
    return cast("NetworkInterface", interface)


async def unassign_private_ip_addresses(node: Node, action: private_address_actions.UnassignPrivateIpAddresses) -> None:
    """Take secondary private addresses off the interface."""
    unassign = node.ec2.unassign_private_ip_addresses
    await _unassign(node, "private_ip_addresses", action.private_ip_addresses, unassign)


async def unassign_ipv6_addresses(node: Node, action: private_address_actions.UnassignIpv6Addresses) -> None:
    """Take IPv6 addresses off the interface."""
    await _unassign(node, "ipv6_addresses", action.ipv6_addresses, node.ec2.unassign_ipv6_addresses)


async def _unassign(
    node: Node, family: Family, addresses: tuple[str, ...], unassign: Callable[[str, Sequence[str]], Awaitable[None]]
) -> None:
    """Take addresses off; EC2 refuses those that are off already, so that it is asked when a call went wrong."""
    try:
        await unassign(node.network_interface_id, addresses)
    except AwsError:
        interface = await _look_until(node, lambda _seen: True, node.context.clock.monotonic() + VISIBLE_AFTER)
        if set(addresses) & set(getattr(interface, family)):
            raise
    kept = tuple(address for address in getattr(node.interface, family) if address not in addresses)
    await node.save_identity(interface=_replaced(node.interface, family, kept))


async def record_unassigned(node: Node) -> None:
    """Forget addresses that were taken off by a run that was cut off before it wrote that down."""
    recorded = node.identity.interface
    seen = node.observed.network_interface
    if recorded is None or seen is None:
        return

    own = {recorded.private_ip_address, *kept_secondary_addresses(node.record)}
    private = own | set(seen.private_ip_addresses)
    ipv6 = {*recorded.ipv6_addresses[: node.record.wanted.ipv6_address_count], *seen.ipv6_addresses}
    left = replace(
        recorded,
        private_ip_addresses=tuple(item for item in recorded.private_ip_addresses if item in private),
        ipv6_addresses=tuple(item for item in recorded.ipv6_addresses if item in ipv6),
    )
    await node.save_identity(interface=left)
