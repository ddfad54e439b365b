# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phase `elastic_ip`: the chosen Elastic IP address is associated with the node's interface."""

from __future__ import annotations

from collections.abc import Iterator

from ..actions.base_action import Action
from ..actions.elastic_ip_actions import AllocateAddress, AssociateAddress, DisassociateAddress, ReleaseAddress
from ..model.config import NEW_ADDRESS
from ..model.node_error import NodeError
from ..model.observed import Address, Holder, Observed
from ..model.record import Record


def wanted_allocation_id(record: Record) -> str | None:
    """Say which address the node is to have; None when it is to have none, or one that is not allocated yet."""
    wanted, identity = record.wanted.elastic_ip, record.identity
    if wanted == NEW_ADDRESS:
        # One that was allocated for the node before is taken again rather than a further one allocated.
        if identity.elastic_ip and identity.elastic_ip.allocated:
            return identity.elastic_ip.allocation_id
        return next(iter(identity.spare_allocation_ids), None)
    return wanted


def plan_elastic_ip(record: Record, observed: Observed) -> Iterator[Action]:
    """Plan to give the interface its Elastic IP address, and to take off one that it had before."""
    allocation_id = wanted_allocation_id(record)
    if record.wanted.elastic_ip:
        _refuse_stranger(record, observed, allocation_id)
    address = _get_address(record, observed, allocation_id) if allocation_id else None
    is_in_place = address is not None and _is_own(record, address) and _is_in_place(record, address)
    left = _plan_leaving(record, address) if address and not is_in_place else None
    if address and not is_in_place and not left:
        _refuse_foreign(record, observed, address)

    yield from _plan_disassociation(record, observed, keep=allocation_id)
    if left:
        yield left
    if not record.wanted.elastic_ip or is_in_place:
        return
    if allocation_id is None:
        yield AllocateAddress()
    yield _association(record, observed, allocation_id)


def plan_elastic_ip_absent(record: Record, observed: Observed, *, release: bool) -> Iterator[Action]:
    """Plan to take the Elastic IP address off the interface and, with `release`, to give it back if it is ours."""
    yield from _plan_disassociation(record, observed, keep=None)
    if release:
        for allocation_id in record.owns.addresses:
            yield ReleaseAddress(allocation_id=allocation_id)


def _association(record: Record, observed: Observed, allocation_id: str | None) -> AssociateAddress:
    interface = observed.network_interface
    return AssociateAddress(
        allocation_id=allocation_id,
        network_interface_id=interface.network_interface_id if interface else None,
        private_ip_address=record.wanted.elastic_ip_private_ip_address,
    )


def _is_in_place(record: Record, address: Address) -> bool:
    """Whether the address is on the private address that it is to be on."""
    wanted = record.wanted.elastic_ip_private_ip_address or record.identity.private_ip_address
    return address.private_ip_address in (None, wanted)


def _plan_leaving(record: Record, address: Address) -> DisassociateAddress | None:
    """Plan to take the address off another private address, or the interface that the node has left."""
    previous = record.identity.previous_interface
    is_on_previous = previous is not None and address.network_interface_id == previous.network_interface_id
    ours = _is_own(record, address) or is_on_previous
    if not ours or not address.association_id:
        return None
    return DisassociateAddress(allocation_id=address.allocation_id, association_id=address.association_id)


def _is_own(record: Record, address: Address) -> bool:
    interface_id = record.identity.network_interface_id
    return interface_id is not None and address.network_interface_id == interface_id


def _plan_disassociation(record: Record, observed: Observed, *, keep: str | None) -> Iterator[Action]:
    """Plan to end the node's own association, by its recorded id where the interface is not (yet) seen with it."""
    own = record.identity.allocation_id
    if own is None or own == keep:
        return
    interface = observed.network_interface
    present = interface.associations if interface else ()
    seen = (association.association_id for association in present if association.allocation_id == own)
    for association_id in dict.fromkeys((*seen, record.identity.association_id)):
        if association_id:
            yield DisassociateAddress(allocation_id=own, association_id=association_id)


def _refuse_stranger(record: Record, observed: Observed, wanted: str | None) -> None:
    """Raise NodeError when the interface carries an Elastic IP address that it has not got from us."""
    interface, private_ip_address = observed.network_interface, record.wanted.elastic_ip_private_ip_address
    association = interface.association_on(private_ip_address) if interface else None
    if not association or association.allocation_id in (None, wanted, record.identity.allocation_id):
        return
    raise NodeError(
        "ElasticIpConflict",
        f"{record.name}: interface {record.identity.network_interface_id} carries the Elastic IP "
        f"{association.public_ip}, which is not the configured one and was not given to it by this collection. "
        f"Disassociate it, or configure it as elastic_ip: {association.public_ip}.",
        phase="elastic_ip",
        retry="after_correction",
    )


def _get_address(record: Record, observed: Observed, allocation_id: str) -> Address:
    address = observed.address
    if address and address.allocation_id == allocation_id:
        return address
    way_out = "Configure another one (stateful_node_config, elastic_ip)."
    if record.wanted.elastic_ip == NEW_ADDRESS:
        way_out = (
            "To have another one allocated, run stateful_node_eip with state=absent release=true, which forgets this "
            "one, and then the resume playbook."
        )
    raise NodeError(
        "ElasticIpMissing",
        f"{record.name}: elastic_ip: {allocation_id} does not exist in this region any more; it was released. "
        f"{way_out}",
        phase="elastic_ip",
        retry="after_correction",
    )


def _refuse_foreign(record: Record, observed: Observed, address: Address) -> None:
    place = address.network_interface_id or address.instance_id
    if not address.association_id or not place:
        return
    if address.instance_id and address.network_interface_id:
        place = f"{place} of instance {address.instance_id}"
    holder = observed.address_holder
    raise NodeError(
        "ElasticIpInUse",
        f"{record.name}: elastic_ip: {address.public_ip} ({address.allocation_id}) is associated with "
        f"{holder.add_owner(place) if holder else place}. It is not taken away from there: {_way_to_address(holder)}",
        phase="elastic_ip",
        next_command=holder.next_command if holder else None,
        retry="after_correction",
    )


def _way_to_address(holder: Holder | None) -> str:
    if holder and holder.next_command:
        return f"{holder.way_out[0].lower()}{holder.way_out[1:]}"
    return "disassociate it first, or configure another one."
