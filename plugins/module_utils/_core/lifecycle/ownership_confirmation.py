# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether EC2 confirms that a resource is the node's before an action ends or changes it.

A record names what is the node's, and a record can be edited. Every resource of a node is tagged when it is created or
adopted, so that one without the tags of the table and the node is not touched: neither proof is enough alone.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..actions import (
    address_change_actions,
    elastic_ip_actions,
    hand_over_actions,
    instance_actions,
    interface_actions,
    ownership_actions,
    private_address_actions,
)
from ..actions.base_action import Action
from ..model.identity import RecordedInstance
from ..model.node_error import NodeError
from ..model.observed import Observed
from ..model.record import Choices, Record
from ..model.tags import NAME, TABLE
from .takeover import command_of


def _id_of(instance: RecordedInstance | None) -> str | None:
    return instance.instance_id if instance else None


_TARGETS: dict[type[Action], Callable[[Record, Any], str | None]] = {
    instance_actions.TerminateInstance: lambda _record, action: action.instance_id,
    instance_actions.StartInstance: lambda _record, action: action.instance_id,
    hand_over_actions.TerminatePreviousInstance: lambda record, action: (
        action.instance_id or _id_of(record.identity.previous_instance)
    ),
    hand_over_actions.DiscardStandby: lambda record, action: action.instance_id or _id_of(record.identity.standby),
    interface_actions.DeleteNetworkInterface: lambda record, action: (
        action.network_interface_id or record.identity.network_interface_id
    ),
    address_change_actions.DeletePreviousInterface: lambda _record, action: action.network_interface_id,
    address_change_actions.DiscardNextInterface: lambda _record, action: action.network_interface_id,
    elastic_ip_actions.ReleaseAddress: lambda _record, action: action.allocation_id,
    hand_over_actions.MoveNetworkInterface: lambda _record, action: action.from_instance_id,
}
"""The resource that an action terminates, starts, deletes, releases or detaches from."""

_NEW_HOLDERS: dict[type[Action], Callable[[Record, Any], str | None]] = {
    hand_over_actions.AttachNetworkInterface: lambda record, action: action.instance_id or record.identity.instance_id,
    hand_over_actions.MoveNetworkInterface: lambda record, action: (
        action.instance_id or _id_of(record.identity.standby)
    ),
}
"""The instance that gets the node's interface, and its addresses with it, by an action."""

_NOT_ANOTHERS: dict[type[Action], Callable[[Record, Any], str | None]] = {
    ownership_actions.RemoveOwnTags: lambda _record, action: action.resource_id,
    elastic_ip_actions.AssociateAddress: lambda record, action: action.allocation_id or record.identity.allocation_id,
}
"""The resource that an action changes and that need not be tagged yet, or any more. It must not be another node's."""

_ON_INTERFACE = (
    interface_actions.SetSecurityGroups,
    interface_actions.SetSourceDestCheck,
    interface_actions.SetAssociatePublicIpAddress,
    interface_actions.KeepOnTermination,
    interface_actions.SetTags,
    private_address_actions.AssignPrivateIpAddresses,
    private_address_actions.UnassignPrivateIpAddresses,
    private_address_actions.AssignIpv6Addresses,
    private_address_actions.UnassignIpv6Addresses,
    elastic_ip_actions.AssociateAddress,
    elastic_ip_actions.DisassociateAddress,
    instance_actions.LaunchInstance,
    hand_over_actions.AttachNetworkInterface,
    hand_over_actions.MoveNetworkInterface,
    ownership_actions.PutBackDeleteOnTermination,
)
"""The actions that change the node's interface, or use it."""


def find_targets(record: Record, action: Action) -> tuple[str, ...]:
    """Find the ids of the resources that must carry both tags of the node before an action is carried out.

    They are what the action ends, starts or gives the node's interface to, as far as the record names it already.
    """
    found = (table[type(action)](record, action) for table in (_TARGETS, _NEW_HOLDERS) if type(action) in table)
    return tuple(target for target in found if target)


def find_not_anothers(record: Record, action: Action) -> str | None:
    """Find the id of the resource that must not carry another node's tags before an action is carried out."""
    find = _NOT_ANOTHERS.get(type(action))
    return find(record, action) if find else None


def uses_interface(action: Action) -> bool:
    """Whether an action changes or uses the node's interface."""
    return isinstance(action, _ON_INTERFACE)


def carries_tags(tags: Mapping[str, str], table: str, name: str) -> bool:
    """Whether a resource carries both tags of the node."""
    return tags.get(TABLE) == table and tags.get(NAME) == name


def is_anothers(tags: Mapping[str, str], table: str, name: str) -> bool:
    """Whether a resource carries a tag of another node or of another table."""
    return tags.get(TABLE, table) != table or tags.get(NAME, name) != name


def is_disputed(tags: Mapping[str, str], table: str, name: str) -> bool:
    """Whether an interface cannot be taken for the node's.

    One of the two tags may be missing, since the next operation sets it again; neither may be of another node.
    """
    return is_anothers(tags, table, name) or not (TABLE in tags or NAME in tags)


def check_confirmed(record: Record, observed: Observed, planned: Iterable[Action], table: str) -> None:
    """Raise NodeError for an action on a resource that EC2 shows without the node's tags.

    A resource that was not observed is confirmed by whoever carries the action out. An adoption tags what the user has
    named.
    """
    if is_adopting(record):
        return
    shown = observed_tags(observed)
    for action in planned:
        for target in find_targets(record, action):
            if target in shown and not carries_tags(shown[target], table, record.name):
                raise not_confirmed(record, target, table)
        changed = find_not_anothers(record, action)
        if changed in shown and is_anothers(shown[changed], table, record.name):
            raise anothers(record, changed, shown[changed])
        interface = observed.network_interface
        if interface and uses_interface(action) and is_disputed(interface.tags, table, record.name):
            raise not_confirmed(record, interface.network_interface_id, table)


def is_adopting(record: Record) -> bool:
    """Whether an adoption holds the node: what the user has named is tagged by it, and may lack tags until then."""
    return record.operation is not None and record.operation.operation == "adopt"


def observed_tags(observed: Observed) -> dict[str, Mapping[str, str]]:
    instances = (observed.instance, observed.standby, observed.previous)
    shown: dict[str, Mapping[str, str]] = {
        instance.instance_id: instance.tags for instance in instances if instance and instance.is_live
    }
    if observed.network_interface:
        shown[observed.network_interface.network_interface_id] = observed.network_interface.tags
    if observed.address:
        shown[observed.address.allocation_id] = observed.address.tags
    return shown


def anothers(record: Record, resource_id: str, tags: Mapping[str, str]) -> NodeError:
    """Say that a resource of the record carries the tags of another node, and how the node's owner goes on."""
    shown = ", ".join(f"{key}={tags[key]}" for key in (TABLE, NAME) if key in tags)
    return NodeError(
        "OwnershipUnconfirmed",
        f"{record.name}: the record names {resource_id}, and EC2 shows the tags {shown} on it. It is left alone: the "
        "record or the tags were changed outside the collection. Correct what was changed, then run the playbook "
        "again.",
        retry="after_correction",
    )


def association_not_confirmed(record: Record, association_id: str, place: str) -> NodeError:
    """Say that an association of the record is not on an interface of the node."""
    return NodeError(
        "OwnershipUnconfirmed",
        f"{record.name}: the record names the Elastic IP association {association_id}, and EC2 shows it on {place}, "
        "which is not the node's. It is not ended: the record was changed outside the collection. Correct the "
        "record, then run the playbook again.",
        phase="elastic_ip",
        retry="after_correction",
    )


def spot_request_not_confirmed(record: Record, request_id: str, launched: str | None) -> NodeError:
    """Say that a Spot request of the record is not shown by EC2 as that of the node's instance."""
    shown = f"EC2 shows {launched} as its instance" if launched else "EC2 shows no instance of it"
    return NodeError(
        "OwnershipUnconfirmed",
        f"{record.name}: the record names the Spot request {request_id} of its instance {record.identity.instance_id}, "
        f"and {shown}. It is not cancelled: it may be another's. If it is the node's, cancel it: aws ec2 "
        f"cancel-spot-instance-requests --spot-instance-request-ids {shlex.quote(request_id)}",
        retry="after_correction",
    )


def not_confirmed(record: Record, resource_id: str, table: str) -> NodeError:
    """Say that a resource of the record is not confirmed by EC2, and how its owner confirms it."""
    name = record.name
    if record.unfinished and record.unfinished.operation == "adopt":
        return NodeError(
            "OwnershipUnconfirmed",
            f"{name}: its adoption was not finished, and {resource_id} does not carry the node's tags yet. Finish the "
            "adoption first.",
            next_command=command_of(name, "adopt", Choices(), adoption=record.identity.adoption),
        )
    tags = shlex.join([f"Key={TABLE},Value={table}", f"Key={NAME},Value={name}"])
    return NodeError(
        "OwnershipUnconfirmed",
        f"{name}: the record names {resource_id}, and EC2 does not show the tags {TABLE}={table} and {NAME}={name} on "
        "it. It is left alone: the record or the tags were changed outside the collection. If it is the node's, tag "
        f"it: aws ec2 create-tags --resources {shlex.quote(resource_id)} --tags {tags}",
        retry="after_correction",
    )
