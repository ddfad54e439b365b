# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a node's interface differs from its configuration: everything that the next resume would change of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..actions.base_action import Action
from ..actions.interface_actions import SetSecurityGroups, SetSourceDestCheck, SetTags
from ..actions.ownership_actions import SetOwnTags
from ..actions.private_address_actions import (
    AssignIpv6Addresses,
    AssignPrivateIpAddresses,
    UnassignIpv6Addresses,
    UnassignPrivateIpAddresses,
)
from ..model.observed import NetworkInterface, Observed
from ..model.record import Record
from ..model.tags import PREFIX
from ..resources.applied import is_edited
from .plan_interface import plan_changes


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One option of which the interface has another value than the configuration."""

    #: The option of stateful_node_config.
    option: str
    #: What the interface has.
    current: Any
    #: What it should have.
    wanted: Any
    #: The reason of the drift, where the configuration was not edited.
    reason: str
    #: Whether the configuration was edited since the interface was brought in line with it.
    is_edited: bool


def find_differences(record: Record, observed: Observed) -> Iterator[Difference]:
    """List how the interface differs from the stored configuration; nothing where EC2 shows no interface."""
    interface = observed.network_interface
    if interface is None or interface.network_interface_id != record.identity.network_interface_id:
        return
    # What a running operation works towards is not what is configured by now.
    configured = replace(record, operation=None)
    planned = tuple(plan_changes(configured, interface))
    for kinds, describe in _DESCRIBED.items():
        actions = tuple(action for action in planned if isinstance(action, kinds))
        if actions and (difference := describe(configured, interface, actions)):
            yield difference


_Describe = Callable[[Record, NetworkInterface, tuple[Action, ...]], "Difference | None"]


def _security_groups(record: Record, interface: NetworkInterface, _actions: tuple[Action, ...]) -> Difference:
    return Difference(
        option="security_groups",
        current=sorted(interface.security_groups),
        wanted=sorted(record.config.security_groups),
        reason="security_groups_differ",
        is_edited=is_edited(record, "security_groups"),
    )


def _source_dest_check(record: Record, interface: NetworkInterface, _actions: tuple[Action, ...]) -> Difference:
    return Difference(
        option="source_dest_check",
        current=interface.source_dest_check,
        wanted=record.config.source_dest_check,
        reason="source_dest_check_differs",
        is_edited=is_edited(record, "source_dest_check"),
    )


def _tags(record: Record, interface: NetworkInterface, actions: tuple[Action, ...]) -> Difference | None:
    """Compare the tags that differ. The collection's own one that keeps the configuration follows every edit."""
    keys = {key for action in actions if isinstance(action, SetTags) for key in (*action.tags, *action.removed)}
    own = any(isinstance(action, SetOwnTags) for action in actions)
    shown = sorted(key for key in keys if own or not key.startswith(PREFIX))
    if not shown and not own:
        return None
    wanted = {"Name": record.name, **record.config.tags}
    return Difference(
        option="tags",
        current={key: interface.tags[key] for key in shown if key in interface.tags},
        wanted={key: wanted[key] for key in shown if key in wanted},
        reason="tags_differ",
        # The node's own tags are in no configuration: only somebody in EC2 takes them off.
        is_edited=not own and is_edited(record, "tags"),
    )


def _private_addresses(record: Record, interface: NetworkInterface, _actions: tuple[Action, ...]) -> Difference:
    named = record.config.secondary_private_ip_addresses
    known = (*record.identity.private_ip_addresses[1:], *named)
    present = [address for address in interface.private_ip_addresses[1:] if address in known]
    option = "secondary_private_ip_addresses" if named else "secondary_private_ip_address_count"
    return Difference(
        option=option,
        current=present if named else len(present),
        wanted=list(named) if named else record.config.secondary_private_ip_address_count,
        reason="private_addresses_differ",
        is_edited=is_edited(record, "secondary_private_ip_addresses", "secondary_private_ip_address_count"),
    )


def _ipv6_addresses(record: Record, interface: NetworkInterface, _actions: tuple[Action, ...]) -> Difference:
    own = [address for address in record.identity.ipv6_addresses if address in interface.ipv6_addresses]
    return Difference(
        option="ipv6_address_count",
        current=len(own),
        wanted=record.config.ipv6_address_count,
        reason="ipv6_addresses_differ",
        is_edited=is_edited(record, "ipv6_address_count"),
    )


_DESCRIBED: dict[tuple[type[Action], ...], _Describe] = {
    (SetSecurityGroups,): _security_groups,
    (SetSourceDestCheck,): _source_dest_check,
    (SetTags, SetOwnTags): _tags,
    (AssignPrivateIpAddresses, UnassignPrivateIpAddresses): _private_addresses,
    (AssignIpv6Addresses, UnassignIpv6Addresses): _ipv6_addresses,
}
