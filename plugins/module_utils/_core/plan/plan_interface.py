# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phase `interface`: the node's network interface exists and is as configured."""

from __future__ import annotations

from ..model.node_error import NodeError
from ..model.observed import NetworkInterface, Observed
from ..model.record import Record
from ..model.tags import CONFIG, NAME, ROLE, TABLE
from ..resources.config_tag import config_tag
from .actions import (
    Action,
    AssignIpv6Addresses,
    AssignPrivateIpAddresses,
    CreateNetworkInterface,
    DeleteNetworkInterface,
    KeepOnTermination,
    Phase,
    SetAssociatePublicIpAddress,
    SetSecurityGroups,
    SetSourceDestCheck,
    SetTags,
    UnassignIpv6Addresses,
    UnassignPrivateIpAddresses,
)
from .ownership_actions import SetOwnTags
from .plan_address_change import plan_delete_previous, plan_next, plan_swap
from .plan_addresses import kept_secondary_addresses, refuse_taken, refuse_unrecorded, wanted_private_ip_address


def plan_interface(record: Record, observed: Observed) -> tuple[Action, ...]:
    """Plan to create the interface where there is none, and to change what differs where there is one."""
    interface = observed.network_interface
    if swap := plan_swap(record, observed):
        return (*swap, SetTags(tags={}, removed=(ROLE,)), *_plan_switches_of_new(record))
    if interface is None or _is_creating(record):
        _refuse_creation(record, observed)
        return _plan_creation(record)
    refuse_taken(record, observed, interface.subnet_id, *kept_secondary_addresses(record))
    return (*plan_keep_on_termination(interface), *plan_changes(record, interface), *_plan_public_ip(record))


def plan_changes(record: Record, interface: NetworkInterface) -> tuple[Action, ...]:
    """Plan to change what EC2 shows of the interface and the configuration has otherwise."""
    return (
        *_plan_security_groups(record, interface),
        *_plan_source_dest_check(record, interface),
        *plan_tags(record, interface),
        *plan_own_tags(record, interface),
        *_plan_private_ip_addresses(record, interface),
        *_plan_ipv6_addresses(record, interface),
    )


def _is_creating(record: Record) -> bool:
    intent = record.intent
    return intent is not None and intent.action == "CreateNetworkInterface" and intent.role is None


def _refuse_creation(record: Record, observed: Observed) -> None:
    refuse_unrecorded(record, observed)
    subnet_id = record.identity.subnet_id or record.wanted.subnet_id
    refuse_taken(record, observed, subnet_id, wanted_private_ip_address(record), *kept_secondary_addresses(record))


def _plan_creation(record: Record) -> tuple[Action, ...]:
    primary, named = wanted_private_ip_address(record), record.wanted.secondary_private_ip_addresses
    creation = CreateNetworkInterface(
        subnet_id=record.identity.subnet_id or record.wanted.subnet_id,
        private_ip_address=primary,
        replaces=record.identity.network_interface_id,
    )
    # EC2 chooses no primary address beside named secondary ones: they are assigned once it has.
    assignment = (AssignPrivateIpAddresses(private_ip_addresses=named),) if named and not primary else ()
    return (creation, *assignment, *_plan_lacking(record), *_plan_switches_of_new(record))


def _plan_lacking(record: Record) -> tuple[Action, ...]:
    """Plan what the call cannot ask for: further addresses by count beside those that are kept."""
    return (*_plan_lacking_private(record), *_plan_lacking_ipv6(record))


def _plan_lacking_private(record: Record) -> tuple[Action, ...]:
    if record.wanted.secondary_private_ip_addresses or not wanted_private_ip_address(record):
        return ()
    kept, count = len(record.identity.private_ip_addresses[1:]), record.wanted.secondary_private_ip_address_count
    return (AssignPrivateIpAddresses(count=count - kept),) if 0 < kept < count else ()


def _plan_lacking_ipv6(record: Record) -> tuple[Action, ...]:
    kept, count = len(record.identity.ipv6_addresses), record.wanted.ipv6_address_count
    return (AssignIpv6Addresses(count=count - kept),) if 0 < kept < count else ()


def _plan_switches_of_new(record: Record) -> tuple[Action, ...]:
    """Plan what CreateNetworkInterface takes no parameter for."""
    check = () if record.wanted.source_dest_check else (SetSourceDestCheck(source_dest_check=False),)
    lent = (SetAssociatePublicIpAddress(associate_public_ip_address=True),) if wants_lent_public_ip(record) else ()
    return (*check, *lent)


def plan_keep_on_termination(interface: NetworkInterface, phase: Phase = "interface") -> tuple[KeepOnTermination, ...]:
    """Plan to protect an interface that would be deleted together with its instance."""
    attachment = interface.attachment
    if attachment and attachment.delete_on_termination:
        return (KeepOnTermination(phase=phase, attachment_id=attachment.attachment_id),)
    return ()


def _plan_security_groups(record: Record, interface: NetworkInterface) -> tuple[Action, ...]:
    wanted = tuple(sorted(record.wanted.security_groups))
    return (SetSecurityGroups(security_groups=wanted),) if wanted and wanted != interface.security_groups else ()


def _plan_source_dest_check(record: Record, interface: NetworkInterface) -> tuple[Action, ...]:
    wanted = record.wanted.source_dest_check
    return (SetSourceDestCheck(source_dest_check=wanted),) if wanted != interface.source_dest_check else ()


def plan_own_tags(record: Record, interface: NetworkInterface) -> tuple[SetOwnTags, ...]:
    """Plan to tag the interface as the node's; a delete that was cut off may have taken that off it."""
    if interface.tags.get(NAME) == record.name:
        return ()
    return (SetOwnTags(phase="interface", resource_id=interface.network_interface_id),)


def plan_tags(record: Record, interface: NetworkInterface) -> tuple[Action, ...]:
    """Plan to set the configured tags that are missing, and to remove those that the configuration dropped."""
    # One that is not tagged as a node's at all becomes so, and gets this tag with it, by another action.
    own = {CONFIG: config_tag(record.wanted)} if TABLE in interface.tags else {}
    wanted = {"Name": record.name, **record.wanted.tags, **own}
    missing = {key: value for key, value in wanted.items() if interface.tags.get(key) != value}
    dropped = tuple(key for key in (*_tag_keys(record), ROLE) if key not in wanted and key in interface.tags)
    return (SetTags(tags=missing, removed=dropped),) if missing or dropped else ()


def _tag_keys(record: Record) -> tuple[str, ...]:
    return record.identity.interface.tag_keys if record.identity.interface else ()


def _plan_private_ip_addresses(record: Record, interface: NetworkInterface) -> tuple[Action, ...]:
    present, kept = interface.private_ip_addresses, kept_secondary_addresses(record)
    named, count = record.wanted.secondary_private_ip_addresses, record.wanted.secondary_private_ip_address_count
    missing = tuple(address for address in kept if address not in present)
    # Secondary addresses that somebody else gave the interface (a container network, say) are left alone.
    own = (address for address in record.identity.private_ip_addresses[1:] if address in present[1:])
    surplus = tuple(address for address in own if address not in kept)
    lacking = 0 if named else max(0, count - len(kept))
    unassign = (UnassignPrivateIpAddresses(private_ip_addresses=surplus),) if surplus else ()
    assign = (AssignPrivateIpAddresses(private_ip_addresses=missing, count=lacking),) if missing or lacking else ()
    return (*unassign, *assign)


def _plan_ipv6_addresses(record: Record, interface: NetworkInterface) -> tuple[Action, ...]:
    recorded, present = record.identity.ipv6_addresses, interface.ipv6_addresses
    count = record.wanted.ipv6_address_count
    missing = tuple(address for address in recorded[:count] if address not in present)
    surplus = tuple(address for address in recorded[count:] if address in present)
    lacking = max(0, count - len(recorded))
    unassign = (UnassignIpv6Addresses(ipv6_addresses=surplus),) if surplus else ()
    assign = (AssignIpv6Addresses(ipv6_addresses=missing, count=lacking),) if missing or lacking else ()
    return (*unassign, *assign)


def _plan_public_ip(record: Record) -> tuple[Action, ...]:
    wanted = wants_lent_public_ip(record)
    recorded = record.identity.interface
    current = recorded is not None and recorded.associate_public_ip_address
    if wanted == current:
        return ()
    return (SetAssociatePublicIpAddress(associate_public_ip_address=wanted),)


def wants_lent_public_ip(record: Record) -> bool:
    """Whether EC2 is to lend the interface a public address, one that does not persist.

    A subnet's MapPublicIpOnLaunch gives nothing to an existing interface, so that following the subnet's default
    means to switch it on here
    (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html).
    """
    wanted = record.wanted
    follows = wanted.public_ip_assignment == "subnet_default" and record.subnet.assigns_public_ip
    return not wanted.elastic_ip and (wanted.public_ip_assignment == "enabled" or follows)


def plan_interface_absent(record: Record, observed: Observed) -> tuple[Action, ...]:
    """Plan to delete the interface. Raises NodeError while it is attached."""
    others = (*plan_next(record, observed, "interface"), *plan_delete_previous(record, "interface"))
    interface = observed.network_interface
    if interface is None:
        # One that is gone is deleted all the same: an earlier deletion may not have been written down.
        gone = record.identity.network_interface_id
        return (*others, DeleteNetworkInterface(network_interface_id=gone)) if gone or _is_creating(record) else others
    if interface.attachment:
        raise NodeError(
            "NetworkInterfaceInUse",
            f"{record.name}: interface {interface.network_interface_id} is attached to {interface.holder}"
            f"{f', {observed.holder_whose},' if observed.holder_whose else ''} and cannot be deleted. "
            f"{'Detach it first' if observed.holder_whose else 'Pause the node first'}.",
            phase="interface",
            retry="after_correction",
        )
    return (*others, DeleteNetworkInterface(network_interface_id=interface.network_interface_id))
