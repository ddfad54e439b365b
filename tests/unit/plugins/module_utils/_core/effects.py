# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each action does to record and EC2: a model of EC2 just good enough to plan again afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.parameters import network_interface_parameters
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import (
    Association,
    NetworkInterface,
    Observed,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Record
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import NAME
from ansible_collections.stateful_node.aws.plugins.module_utils._core.plan import actions, ownership_actions

from tests.support.builders import INTERFACE, associated, attached, make_address, make_instance, make_interface
from tests.support.identities import make_identity_of

World = tuple[Record, Observed]
NEW_ALLOCATION = "eipalloc-new"


def carry_out(record: Record, observed: Observed, planned: Iterable[actions.Action]) -> World:
    """Predict record and EC2 after the actions."""
    for action in planned:
        record, observed = EFFECTS[type(action)](record, observed, action)
    return record, observed


def _identify(record: Record, **identity: Any) -> Record:
    return replace(record, identity=make_identity_of(record.identity, **identity))


def _change(observed: Observed, **interface: Any) -> Observed:
    assert observed.network_interface
    return replace(observed, network_interface=replace(observed.network_interface, **interface))


def _set_desired(record: Record, observed: Observed, action: Any) -> World:
    return replace(record, desired=action.desired), observed


def _create_interface(record: Record, observed: Observed, action: Any) -> World:
    incarnation = record.identity.incarnation + 1
    parameters = network_interface_parameters("t", record, incarnation)
    private = _private_addresses(parameters)
    interface = make_interface(
        private_ip_addresses=private,
        network_interface_id=f"eni-new-{incarnation}",
        ipv6_addresses=_ipv6_addresses(parameters),
        security_groups=tuple(sorted(parameters.get("Groups", ("sg-default",)))),
        tags={tag["Key"]: tag["Value"] for tag in parameters["TagSpecifications"][0]["Tags"]},
    )
    record = _identify(
        replace(record, intent=None),
        network_interface_id=interface.network_interface_id,
        incarnation=incarnation,
        private_ip_addresses=private,
        ipv6_addresses=interface.ipv6_addresses[: record.wanted.ipv6_address_count],
        association_id=None,
        associate_public_ip_address=False,
        tag_keys=tuple(sorted(record.wanted.tags)),
    )
    return record, replace(observed, network_interface=interface)


def _private_addresses(parameters: dict[str, Any]) -> tuple[str, ...]:
    if listed := parameters.get("PrivateIpAddresses"):
        return tuple(item["PrivateIpAddress"] for item in listed)
    secondary = _free("10.0.1.{}", 101, parameters.get("SecondaryPrivateIpAddressCount", 0))
    return (parameters.get("PrivateIpAddress", "10.0.1.100"), *secondary)


def _ipv6_addresses(parameters: dict[str, Any]) -> tuple[str, ...]:
    listed = tuple(item["Ipv6Address"] for item in parameters.get("Ipv6Addresses", ()))
    return listed or _free("::{}", 0, parameters.get("Ipv6AddressCount", 0))


def _free(pattern: str, first: int, count: int, taken: Iterable[str] = ()) -> tuple[str, ...]:
    candidates = (address for number in range(first, 250) if (address := pattern.format(number)) not in set(taken))
    return tuple(next(candidates) for _ in range(count))


def _set_groups(record: Record, observed: Observed, action: Any) -> World:
    return record, _change(observed, security_groups=action.security_groups)


def _set_check(record: Record, observed: Observed, action: Any) -> World:
    return record, _change(observed, source_dest_check=action.source_dest_check)


def _set_lent(record: Record, observed: Observed, action: Any) -> World:
    return _identify(record, associate_public_ip_address=action.associate_public_ip_address), observed


def _set_tags(record: Record, observed: Observed, action: Any) -> World:
    assert observed.network_interface
    tags = {key: value for key, value in observed.network_interface.tags.items() if key not in action.removed}
    record = _identify(record, tag_keys=tuple(sorted(record.wanted.tags)))
    return record, _change(observed, tags={**tags, **action.tags})


def _set_own_tags(record: Record, observed: Observed, _action: Any) -> World:
    assert observed.network_interface
    return record, _change(observed, tags={**observed.network_interface.tags, NAME: record.name})


def _protect(record: Record, observed: Observed, action: Any) -> World:
    assert observed.network_interface
    attachment = observed.network_interface.attachment
    assert attachment
    assert attachment.attachment_id == action.attachment_id
    return record, _change(observed, attachment=replace(attachment, delete_on_termination=False))


def _assign_private(record: Record, observed: Observed, action: Any) -> World:
    present = _interface(observed).private_ip_addresses
    named = action.private_ip_addresses
    assert not set(named) & set(present), "EC2 refuses an address that the interface has"
    added = (*named, *_free("10.0.1.{}", 101, action.count, (*present, *named)))
    kept = tuple(dict.fromkeys((*record.identity.private_ip_addresses, *added)))
    record = _identify(replace(record, intent=None), private_ip_addresses=kept)
    return record, _change(observed, private_ip_addresses=(*present, *added))


def _unassign_private(record: Record, observed: Observed, action: Any) -> World:
    gone, present = action.private_ip_addresses, _interface(observed).private_ip_addresses
    assert present[0] not in gone
    kept = tuple(address for address in record.identity.private_ip_addresses if address not in gone)
    left = tuple(address for address in present if address not in gone)
    return _identify(record, private_ip_addresses=kept), _change(observed, private_ip_addresses=left)


def _assign_ipv6(record: Record, observed: Observed, action: Any) -> World:
    present = _interface(observed).ipv6_addresses
    assert not set(action.ipv6_addresses) & set(present), "EC2 refuses an address that the interface has"
    added = (*action.ipv6_addresses, *_free("::{}", 0, action.count, (*present, *action.ipv6_addresses)))
    kept = tuple(dict.fromkeys((*record.identity.ipv6_addresses, *added)))
    record = _identify(replace(record, intent=None), ipv6_addresses=kept)
    return record, _change(observed, ipv6_addresses=(*present, *added))


def _unassign_ipv6(record: Record, observed: Observed, action: Any) -> World:
    gone = action.ipv6_addresses
    kept = tuple(address for address in record.identity.ipv6_addresses if address not in gone)
    left = tuple(address for address in _interface(observed).ipv6_addresses if address not in gone)
    return _identify(record, ipv6_addresses=kept), _change(observed, ipv6_addresses=left)


def _allocate(record: Record, observed: Observed, action: Any) -> World:
    record = replace(record, intent=None)
    if record.wanted.elastic_ip != "new":
        return record, observed
    record = _identify(record, allocation_id=NEW_ALLOCATION, allocated=True, association_id=None)
    return record, replace(observed, address=make_address(allocation_id=NEW_ALLOCATION))


def _associate(record: Record, observed: Observed, action: Any) -> World:
    interface, allocation_id = _interface(observed), action.allocation_id or record.identity.allocation_id
    present = interface.association
    assert present is None or present.allocation_id is None, "EC2 refuses a second Elastic IP address"
    address = make_address(interface.network_interface_id, allocation_id=allocation_id)
    owned = allocation_id in record.owns.addresses
    record = _identify(
        record, allocation_id=allocation_id, association_id=address.association_id, public_ip=address.public_ip,
        allocated=owned,
    )  # fmt: skip
    return record, replace(observed, network_interface=associated(interface, allocation_id), address=address)


def _disassociate(record: Record, observed: Observed, action: Any) -> World:
    association = _interface(observed).association
    assert isinstance(association, Association)
    assert association.association_id == action.association_id
    kept = record.identity.allocation_id if record.owns.addresses else None
    address = observed.address
    if address and address.allocation_id == action.allocation_id:
        observed = replace(observed, address=make_address(allocation_id=action.allocation_id))
    return _identify(record, allocation_id=kept, association_id=None), _change(observed, association=None)


def _end(record: Record, observed: Observed, action: Any) -> World:
    interface = observed.network_interface
    kept = interface if not (interface and interface.attachment) else _freed(interface)
    record = _identify(replace(record, intent=None), instance_id=None)
    return record, replace(observed, instance=None, holder=None, network_interface=kept)


def _freed(interface: NetworkInterface) -> NetworkInterface | None:
    attachment = interface.attachment
    if attachment and attachment.delete_on_termination:
        return None
    return replace(interface, status="available", attachment=None)


def _launch(record: Record, observed: Observed, action: Any) -> World:
    generation = record.intent.number if record.intent else record.identity.generation + 1
    instance = make_instance(instance_id=f"i-generation-{generation}")
    record = _identify(
        replace(record, intent=None),
        instance_id=instance.instance_id, generation=generation, instance_generation=generation,
    )  # fmt: skip
    interface = attached(_interface(observed), instance.instance_id)
    return record, replace(observed, network_interface=interface, instance=instance, holder=instance)


def _start(record: Record, observed: Observed, action: Any) -> World:
    assert observed.instance
    instance = replace(observed.instance, state="running")
    return record, replace(observed, instance=instance, holder=instance)


def _interface(observed: Observed) -> NetworkInterface:
    assert observed.network_interface, f"there is no {INTERFACE}"
    return observed.network_interface


EFFECTS: dict[type[actions.Action], Callable[[Record, Observed, Any], World]] = {
    actions.SetDesired: _set_desired,
    actions.CreateNetworkInterface: _create_interface,
    actions.SetSecurityGroups: _set_groups,
    actions.SetSourceDestCheck: _set_check,
    actions.SetAssociatePublicIpAddress: _set_lent,
    actions.SetTags: _set_tags,
    ownership_actions.SetOwnTags: _set_own_tags,
    actions.KeepOnTermination: _protect,
    actions.AssignPrivateIpAddresses: _assign_private,
    actions.UnassignPrivateIpAddresses: _unassign_private,
    actions.AssignIpv6Addresses: _assign_ipv6,
    actions.UnassignIpv6Addresses: _unassign_ipv6,
    actions.AllocateAddress: _allocate,
    actions.AssociateAddress: _associate,
    actions.DisassociateAddress: _disassociate,
    actions.TerminateInstance: _end,
    actions.ResolveLaunch: _end,
    actions.LaunchInstance: _launch,
    actions.StartInstance: _start,
}
