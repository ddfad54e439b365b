# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phase `interface`: the node's network interface exists and is as configured."""

from __future__ import annotations

from collections.abc import Iterator

from ..actions.base_action import Action, Phase
from ..actions.interface_actions import (
    CreateNetworkInterface,
    DeleteNetworkInterface,
    KeepOnTermination,
    SetAssociatePublicIpAddress,
    SetSecurityGroups,
    SetSourceDestCheck,
    SetTags,
)
from ..actions.ownership_actions import SetOwnTags
from ..actions.private_address_actions import (
    AssignIpv6Addresses,
    AssignPrivateIpAddresses,
    UnassignIpv6Addresses,
    UnassignPrivateIpAddresses,
)
from ..actions.wanted_addresses import kept_ipv6_addresses, kept_secondary_addresses, wanted_private_ip_address
from ..model.node_error import NodeError
from ..model.observed import NetworkInterface, Observed
from ..model.record import Record
from ..model.tags import CONFIG, NAME, ROLE, TABLE
from ..resources.config_tag import config_tag
from .plan_address_change import plan_delete_previous, plan_next, plan_swap
from .plan_addresses import refuse_taken, refuse_unrecorded


def plan_interface(record: Record, observed: Observed) -> Iterator[Action]:
    """Plan to create the interface where there is none, and to change what differs where there is one."""
    interface = observed.network_interface
    if swap := plan_swap(record, observed):
        yield swap
        yield SetTags(tags={}, removed=(ROLE,))
        yield from _plan_switches_of_new(record)
    elif interface is None or _is_creating(record):
        _refuse_creation(record, observed)
        yield from _plan_creation(record)
    else:
        refuse_taken(record, observed, interface.subnet_id, *kept_secondary_addresses(record))
        yield from plan_keep_on_termination(interface)
        yield from plan_changes(record, interface)
        yield from _plan_public_ip(record)


def plan_changes(record: Record, interface: NetworkInterface) -> Iterator[Action]:
    """Plan to change what EC2 shows of the interface and the configuration has otherwise."""
    yield from _plan_security_groups(record, interface)
    yield from _plan_source_dest_check(record, interface)
    yield from plan_tags(record, interface)
    yield from plan_own_tags(record, interface)
    yield from _plan_private_ip_addresses(record, interface)
    yield from _plan_ipv6_addresses(record, interface)


def _is_creating(record: Record) -> bool:
    intent = record.intent
    return intent is not None and intent.action == "CreateNetworkInterface" and intent.role is None


def _refuse_creation(record: Record, observed: Observed) -> None:
    refuse_unrecorded(record, observed)
    subnet_id = record.identity.subnet_id or record.wanted.subnet_id
    refuse_taken(record, observed, subnet_id, wanted_private_ip_address(record), *kept_secondary_addresses(record))


def _plan_creation(record: Record) -> Iterator[Action]:
    primary = wanted_private_ip_address(record)
    named = record.wanted.secondary_private_ip_addresses
    yield CreateNetworkInterface(
        subnet_id=record.identity.subnet_id or record.wanted.subnet_id,
        private_ip_address=primary,
        replaces=record.identity.network_interface_id,
    )
    if named and not primary:
        # EC2 chooses no primary address next to named secondary ones: they are assigned once it has.
        yield AssignPrivateIpAddresses(private_ip_addresses=named)
    if primary and not named:
        yield from _plan_lacking_private(record)
    yield from _plan_lacking_ipv6(record)
    yield from _plan_switches_of_new(record)


def _plan_lacking_private(record: Record) -> Iterator[Action]:
    """Plan what the call cannot ask for: further addresses by count next to those that are kept."""
    kept = len(record.identity.private_ip_addresses[1:])
    count = record.wanted.secondary_private_ip_address_count
    if 0 < kept < count:
        yield AssignPrivateIpAddresses(count=count - kept)


def _plan_lacking_ipv6(record: Record) -> Iterator[Action]:
    kept = len(record.identity.ipv6_addresses)
    count = record.wanted.ipv6_address_count
    if 0 < kept < count:
        yield AssignIpv6Addresses(count=count - kept)


def _plan_switches_of_new(record: Record) -> Iterator[Action]:
    """Plan what CreateNetworkInterface takes no parameter for."""
    if not record.wanted.source_dest_check:
        yield SetSourceDestCheck(source_dest_check=False)
    if wants_assigned_public_ip(record):
        yield SetAssociatePublicIpAddress(associate_public_ip_address=True)


def plan_keep_on_termination(interface: NetworkInterface, phase: Phase = "interface") -> Iterator[Action]:
    """Plan to protect an interface that would be deleted together with its instance."""
    attachment = interface.attachment
    if attachment and attachment.delete_on_termination:
        yield KeepOnTermination(phase=phase, attachment_id=attachment.attachment_id)


def _plan_security_groups(record: Record, interface: NetworkInterface) -> Iterator[Action]:
    wanted = tuple(sorted(record.wanted.security_groups))
    if wanted and wanted != interface.security_groups:
        yield SetSecurityGroups(security_groups=wanted)


def _plan_source_dest_check(record: Record, interface: NetworkInterface) -> Iterator[Action]:
    wanted = record.wanted.source_dest_check
    if wanted != interface.source_dest_check:
        yield SetSourceDestCheck(source_dest_check=wanted)


def plan_own_tags(record: Record, interface: NetworkInterface) -> Iterator[Action]:
    """Plan to tag the interface as the node's; a delete that was cut off may have taken that off it."""
    if interface.tags.get(NAME) != record.name:
        yield SetOwnTags(phase="interface", resource_id=interface.network_interface_id)


def plan_tags(record: Record, interface: NetworkInterface) -> Iterator[Action]:
    """Plan to set the configured tags that are missing, and to remove those that the configuration dropped."""
    wanted = {"Name": record.name, **record.wanted.tags}
    if TABLE in interface.tags:
        # One that is not tagged as a node's at all becomes so, and gets this tag with it, by another action.
        wanted[CONFIG] = config_tag(record.wanted)
    missing = {key: value for key, value in wanted.items() if interface.tags.get(key) != value}
    dropped = tuple(key for key in (*_tag_keys(record), ROLE) if key not in wanted and key in interface.tags)
    if missing or dropped:
        yield SetTags(tags=missing, removed=dropped)


def _tag_keys(record: Record) -> tuple[str, ...]:
    return record.identity.interface.tag_keys if record.identity.interface else ()


def _plan_private_ip_addresses(record: Record, interface: NetworkInterface) -> Iterator[Action]:
    present = interface.private_ip_addresses
    kept = kept_secondary_addresses(record)
    # Secondary addresses that another program gave the interface (a container network, say) are left alone.
    own = (address for address in record.identity.private_ip_addresses[1:] if address in present[1:])
    surplus = tuple(address for address in own if address not in kept)
    if surplus:
        yield UnassignPrivateIpAddresses(private_ip_addresses=surplus)

    missing = tuple(address for address in kept if address not in present)
    lacking = 0
    if not record.wanted.secondary_private_ip_addresses:
        lacking = max(0, record.wanted.secondary_private_ip_address_count - len(kept))
    if missing or lacking:
        yield AssignPrivateIpAddresses(private_ip_addresses=missing, count=lacking)


def _plan_ipv6_addresses(record: Record, interface: NetworkInterface) -> Iterator[Action]:
    recorded = record.identity.ipv6_addresses
    present = interface.ipv6_addresses
    kept = kept_ipv6_addresses(record)
    surplus = tuple(address for address in recorded[len(kept) :] if address in present)
    if surplus:
        yield UnassignIpv6Addresses(ipv6_addresses=surplus)

    missing = tuple(address for address in kept if address not in present)
    lacking = max(0, record.wanted.ipv6_address_count - len(recorded))
    if missing or lacking:
        yield AssignIpv6Addresses(ipv6_addresses=missing, count=lacking)


def _plan_public_ip(record: Record) -> Iterator[Action]:
    wanted = wants_assigned_public_ip(record)
    recorded = record.identity.interface
    current = recorded is not None and recorded.associate_public_ip_address
    if wanted != current:
        yield SetAssociatePublicIpAddress(associate_public_ip_address=wanted)


def wants_assigned_public_ip(record: Record) -> bool:
    """Whether EC2 should assign the interface a public address, one that does not persist.

    A subnet's MapPublicIpOnLaunch gives nothing to an existing interface, so that following the subnet's default
    means to switch it on here
    (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html).
    """
    wanted = record.wanted
    follows = wanted.public_ip_assignment == "subnet_default" and record.subnet.assigns_public_ip
    return not wanted.elastic_ip and (wanted.public_ip_assignment == "enabled" or follows)


def plan_interface_absent(record: Record, observed: Observed) -> Iterator[Action]:
    """Plan to delete the interface. Raises NodeError while it is attached."""
    yield from plan_next(record, observed, "interface")
    yield from plan_delete_previous(record, "interface")
    interface = observed.network_interface
    if interface is None:
        # One that is gone is deleted all the same: an earlier deletion may not have been written down.
        gone = record.identity.network_interface_id
        if gone or _is_creating(record):
            yield DeleteNetworkInterface(network_interface_id=gone)
        return

    _refuse_attached(record, observed, interface)
    yield DeleteNetworkInterface(network_interface_id=interface.network_interface_id)


def _refuse_attached(record: Record, observed: Observed, interface: NetworkInterface) -> None:
    if interface.attachment is None:
        return
    whose = f", {observed.holder_whose}," if observed.holder_whose else ""
    way_out = "Detach it first" if observed.holder_whose else "Pause the node first"
    raise NodeError(
        "NetworkInterfaceInUse",
        f"{record.name}: interface {interface.network_interface_id} is attached to {interface.holder}{whose} and "
        f"cannot be deleted. {way_out}.",
        phase="interface",
        retry="after_correction",
    )
