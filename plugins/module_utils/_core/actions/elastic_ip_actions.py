# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions on the node's Elastic IP address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ..model.identity import RecordedElasticIp, without_association
from ..model.observed import Address, Association, NetworkInterface
from .base_action import Action, Phase
from .state import State, Unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class AllocateAddress(Action):
    """Allocate the node an Elastic IP address of its own."""

    phase: Phase = "elastic_ip"
    action: ClassVar[str] = "allocate_address"

    def after(self, state: State) -> State:
        """There is an address that belongs to the node and is associated with nothing."""
        address = Address(allocation_id=Unknown("allocated address"), public_ip=Unknown("public address"))
        allocated = RecordedElasticIp(allocation_id=address.allocation_id, public_ip=address.public_ip, allocated=True)
        return (
            state.without_intent("AllocateAddress").with_identity(elastic_ip=allocated).with_observed(address=address)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AssociateAddress(Action):
    """Associate the Elastic IP address with the interface: its primary private address unless another is named."""

    phase: Phase = "elastic_ip"
    action: ClassVar[str] = "associate_address"
    #: None for the address that was allocated before.
    allocation_id: str | None
    network_interface_id: str | None
    private_ip_address: str | None = None

    def after(self, state: State) -> State:
        """The interface has the address; one that was allocated for the node and is not used now stays allocated."""
        address = self._associated(state)
        ours = state.record.owns.addresses
        elastic_ip = RecordedElasticIp(
            allocation_id=address.allocation_id,
            public_ip=address.public_ip,
            association_id=address.association_id,
            allocated=address.allocation_id in ours,
        )
        spare = tuple(sorted(item for item in ours if item != address.allocation_id))
        associated = state.with_identity(elastic_ip=elastic_ip, spare_allocation_ids=spare)
        return _with_association(associated, address).with_observed(address=address)

    def _associated(self, state: State) -> Address:
        allocation_id = self.allocation_id or state.identity.allocation_id or Unknown("allocated address")
        seen = state.observed.address
        if seen is None or seen.allocation_id != allocation_id:
            seen = Address(allocation_id=allocation_id, public_ip=Unknown(f"public address of {allocation_id}"))
        return replace(
            seen,
            association_id=Unknown(f"association of {allocation_id}"),
            network_interface_id=state.identity.network_interface_id,
            private_ip_address=self.private_ip_address or state.identity.private_ip_address,
        )


def _with_association(state: State, address: Address) -> State:
    interface = state.network_interface
    if interface is None:
        return state
    association = Association(
        public_ip=address.public_ip, allocation_id=address.allocation_id, association_id=address.association_id
    )
    if address.private_ip_address in (None, interface.private_ip_address):
        return state.with_interface(association=association)
    others = {**interface.secondary_associations, address.private_ip_address or "": association}
    return state.with_interface(secondary_associations=others)


@dataclass(frozen=True, kw_only=True, slots=True)
class DisassociateAddress(Action):
    """Take an Elastic IP address off the interface; it stays allocated."""

    phase: Phase = "elastic_ip"
    action: ClassVar[str] = "disassociate_address"
    allocation_id: str
    association_id: str

    def after(self, state: State) -> State:
        """The address is associated with nothing; the record keeps it only if it was allocated for the node."""
        elastic_ip = state.identity.elastic_ip
        is_kept = elastic_ip is not None and elastic_ip.allocated
        ended = state.with_identity(elastic_ip=without_association(elastic_ip) if is_kept else None)
        address = ended.observed.address
        if address and address.allocation_id == self.allocation_id:
            free = Address(allocation_id=address.allocation_id, public_ip=address.public_ip, tags=address.tags)
            ended = ended.with_observed(address=free)
        if ended.network_interface is None:
            return ended
        return ended.with_observed(network_interface=self._without_association(ended.network_interface))

    def _without_association(self, interface: NetworkInterface) -> NetworkInterface:
        others = {
            private_ip_address: association
            for private_ip_address, association in interface.secondary_associations.items()
            if association.association_id != self.association_id
        }
        primary = interface.association
        if primary and primary.association_id == self.association_id:
            primary = None
        return replace(interface, association=primary, secondary_associations=others)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseAddress(Action):
    """Give an Elastic IP address that was allocated for the node back to Amazon, for good."""

    phase: Phase = "elastic_ip"
    action: ClassVar[str] = "release_address"
    allocation_id: str

    def after(self, state: State) -> State:
        """The address is not the node's any more, nor anybody's."""
        identity = state.identity
        elastic_ip = identity.elastic_ip if identity.allocation_id != self.allocation_id else None
        spare = tuple(item for item in identity.spare_allocation_ids if item != self.allocation_id)
        released = state.with_identity(elastic_ip=elastic_ip, spare_allocation_ids=spare)
        address = released.observed.address
        if address and address.allocation_id == self.allocation_id:
            return released.with_observed(address=None)
        return released
