# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out the actions on a node's network interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..._aws.api.parameters import network_interface_parameters
from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import is_address_in_use, is_refusal
from ..._core.actions import interface_actions
from ..._core.model import tags
from ..._core.model.identity import RecordedInterface, without_association
from ..._core.model.node_error import NodeError
from ..._core.model.observed import Holder, NetworkInterface
from ..._core.model.record import Intent
from ..._core.resources.applied import applied_options
from ..context.address_holders import FREE_IT, to_holder
from ..context.node import Node

OF_INTERFACE = ("CreateNetworkInterface", "AssignPrivateIpAddresses", "AssignIpv6Addresses")
"""What an intent may be about that ends with the interface."""


async def create(node: Node, _action: interface_actions.CreateNetworkInterface) -> None:
    """Create the interface, or find out that an earlier run did: the intent's token makes the two the same."""
    left_open = node.open_intent("CreateNetworkInterface")
    await make(node, left_open or await _intend_creation(node), first=left_open is None)


async def settle_creation(node: Node) -> None:
    """Find out what came of an interrupted creation, by making it again; what EC2 refuses has not been made."""
    if intent := node.open_intent("CreateNetworkInterface"):
        try:
            await make(node, intent, first=False)
        except (AwsError, NodeError):
            if node.record.intent:
                raise


async def make(node: Node, intent: Intent, *, first: bool) -> None:
    """Make the call that the intent says; `first` says that nobody has made it before."""
    try:
        interface = await node.ec2.create_network_interface(intent.parameters)
    except AwsError as error:
        if is_refusal(error, first=first):
            await node.save(intent=None)
        raise await _explained(node, intent, error) from error
    await (_record_next(node, interface) if intent.role else _record_creation(node, interface))


async def _intend_creation(node: Node) -> Intent:
    number = node.identity.incarnation + 1
    parameters = network_interface_parameters(node.context.table, node.record, number)
    intent = Intent(
        action="CreateNetworkInterface",
        token=parameters["ClientToken"],
        parameters=parameters,
        number=number,
        config=node.record.wanted,
    )
    async with node.ec2.reserve(intent.action):
        await node.save(intent=intent, incarnation=number)
    return intent


async def _record_next(node: Node, interface: NetworkInterface) -> None:
    await node.save(intent=None, next_interface=_recorded(node, interface))


async def _record_creation(node: Node, interface: NetworkInterface) -> None:
    node.see(interface)
    elastic_ip = without_association(node.identity.elastic_ip)
    await node.save(intent=None, interface=_recorded(node, interface), elastic_ip=elastic_ip)


def _recorded(node: Node, interface: NetworkInterface) -> RecordedInterface:
    return RecordedInterface(
        network_interface_id=interface.network_interface_id,
        created_at=node.context.clock.now(),
        private_ip_addresses=interface.private_ip_addresses,
        # What the subnet assigns by itself is not the node's to keep.
        ipv6_addresses=interface.ipv6_addresses[: node.record.wanted.ipv6_address_count],
        subnet_id=interface.subnet_id,
        availability_zone=interface.availability_zone or node.record.subnet.availability_zone,
        tag_keys=tuple(sorted(node.record.wanted.tags)),
    )


async def _explained(node: Node, intent: Intent, error: AwsError) -> Exception:
    """Name the interface that has the address, where that is what kept EC2 from creating ours."""
    addresses = _private_ip_addresses(intent)
    if not is_address_in_use(error) or not addresses:
        return error
    found = await node.context.ec2.describe_network_interfaces("addresses.private-ip-address", addresses)
    holders = [interface for interface in found if interface.subnet_id == intent.parameters["SubnetId"]]
    described = {holder.network_interface_id: to_holder(node.record, holder, node.context.table) for holder in holders}
    taken = "; ".join(_holding(holder, described[holder.network_interface_id], addresses) for holder in holders)
    way_out = next((holder.way_out for holder in described.values()), FREE_IT)
    return NodeError(
        error.code,
        f"{node.name}: private_ip_address: {taken or f'{addresses[0]} is taken by another interface'}. {way_out}",
        action=error.action,
        next_command=next((holder.next_command for holder in described.values()), None),
    )


def _private_ip_addresses(intent: Intent) -> list[str]:
    listed = [item["PrivateIpAddress"] for item in intent.parameters.get("PrivateIpAddresses", ())]
    return [*listed, *([intent.parameters["PrivateIpAddress"]] if "PrivateIpAddress" in intent.parameters else [])]


def _holding(interface: NetworkInterface, holder: Holder, wanted: Sequence[str]) -> str:
    taken = ", ".join(address for address in wanted if address in interface.private_ip_addresses)
    place = f"interface {interface.network_interface_id} (on {interface.holder or 'no instance'})"
    return f"{taken} is taken by {holder.add_owner(place)}"


async def delete(node: Node, action: interface_actions.DeleteNetworkInterface) -> None:
    """Delete the interface; one that is gone already counts as deleted."""
    if action.network_interface_id:
        await node.ec2.delete_network_interface(action.network_interface_id)
    node.see(None)
    intent = node.record.intent
    await node.save(
        intent=None if intent and intent.action in OF_INTERFACE else intent,
        interface=None,
        elastic_ip=without_association(node.identity.elastic_ip),
    )


async def set_security_groups(node: Node, action: interface_actions.SetSecurityGroups) -> None:
    """Replace the interface's security groups, and first those of what the instance has at device 0 beside it."""
    instance = node.identity.instance
    if instance and (primary := instance.primary_network_interface_id):
        groups = {"Groups": list(action.security_groups)}
        await node.ec2.modify_network_interface_attribute_if_present(primary, groups)
    await _modify(node, {"Groups": list(action.security_groups)}, security_groups=action.security_groups)


async def set_source_dest_check(node: Node, action: interface_actions.SetSourceDestCheck) -> None:
    """Switch the source/destination check."""
    wanted = action.source_dest_check
    await _modify(node, {"SourceDestCheck": {"Value": wanted}}, source_dest_check=wanted)


async def set_associate_public_ip_address(node: Node, action: interface_actions.SetAssociatePublicIpAddress) -> None:
    """Have EC2 assign a public address, or not; EC2 does not show the switch in its reads, so it is recorded."""
    wanted = action.associate_public_ip_address
    await _modify(node, {"AssociatePublicIpAddress": wanted})
    await node.save_identity(interface=replace(node.interface, associate_public_ip_address=wanted))


async def keep_on_termination(node: Node, action: interface_actions.KeepOnTermination) -> None:
    """Switch DeleteOnTermination off, and see that it is off before anything is terminated."""
    await _modify(node, {"Attachment": {"AttachmentId": action.attachment_id, "DeleteOnTermination": False}})
    node.see(
        await node.context.interfaces.wait_until(
            node.network_interface_id,
            lambda seen: not (seen and seen.attachment and seen.attachment.delete_on_termination),
            node.deadline,
        )
    )


async def _modify(node: Node, attribute: dict[str, Any], **seen: Any) -> None:
    await node.ec2.modify_network_interface_attribute(node.network_interface_id, attribute)
    if seen and node.observed.network_interface:
        node.see(replace(node.observed.network_interface, **seen))


async def set_tags(node: Node, action: interface_actions.SetTags) -> None:
    """Set the tags that are missing or differ, and remove those that the configuration dropped."""
    interface_id = node.network_interface_id
    if action.tags:
        own = {tags.TABLE: node.context.table, tags.NAME: node.name}
        await node.ec2.create_tags(interface_id, {**action.tags, **own})
    if action.removed:
        await node.ec2.delete_tags(interface_id, action.removed)
    await node.save_identity(interface=replace(node.interface, tag_keys=tuple(sorted(node.record.wanted.tags))))


def note_applied(node: Node) -> None:
    """Take note that the interface is as the operation's configuration has it."""
    applied = applied_options(node.record.wanted)
    interface = node.identity.interface
    if interface and interface.applied != applied:
        node.note_identity(interface=replace(interface, applied=applied))
