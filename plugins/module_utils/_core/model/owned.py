# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which resources of EC2 a record accounts for: the one answer that every part of the collection asks for.

Only the fields of the identity that name a resource count. An id that stands anywhere else in a record, such as in a
tag of the user's, claims nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .identity import Identity, recorded_instances

if TYPE_CHECKING:
    from .record import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class Owned:
    """The ids of what belongs to a node, each kind without duplicates."""

    # The node's interface, then the one of a change of address that is to come or was left.
    network_interfaces: tuple[str, ...] = ()
    # Interfaces at device 0 that EC2 made with an instance and deletes with it.
    disposable_interfaces: tuple[str, ...] = ()
    # The node's instance, then its standby, then the one whose place was taken.
    instances: tuple[str, ...] = ()
    # Elastic IP addresses that were allocated for the node or adopted with it; the associated one first.
    addresses: tuple[str, ...] = ()
    # Elastic IP addresses that the user gave to the node: they are used by it and never released.
    given_addresses: tuple[str, ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        """All of them."""
        interfaces = (*self.network_interfaces, *self.disposable_interfaces)
        return frozenset((*interfaces, *self.instances, *self.addresses, *self.given_addresses))


def find_owned(record: Record) -> Owned:
    """Say what a record accounts for."""
    identity = record.identity
    addresses = _allocated(identity)
    return Owned(
        network_interfaces=_network_interfaces(identity),
        disposable_interfaces=_disposable_interfaces(identity),
        instances=_instances(identity),
        addresses=addresses,
        given_addresses=tuple(item for item in _given_addresses(record) if item not in addresses),
    )


def _network_interfaces(identity: Identity) -> tuple[str, ...]:
    interfaces = (identity.interface, identity.next_interface, identity.previous_interface)
    return _distinct(interface.network_interface_id for interface in interfaces if interface)


def _disposable_interfaces(identity: Identity) -> tuple[str, ...]:
    return _distinct(instance.primary_network_interface_id for instance in recorded_instances(identity))


def _instances(identity: Identity) -> tuple[str, ...]:
    return _distinct(instance.instance_id for instance in recorded_instances(identity))


def _allocated(identity: Identity) -> tuple[str, ...]:
    elastic_ip = identity.elastic_ip
    current = elastic_ip.allocation_id if elastic_ip and elastic_ip.allocated else None
    return _distinct((current, *identity.spare_allocation_ids))


def _given_addresses(record: Record) -> tuple[str, ...]:
    """List the associated address, the configured one, and the one that a running operation works towards."""
    of_operation = record.operation.config.elastic_ip if record.operation else None
    found = _distinct((record.identity.allocation_id, record.config.elastic_ip, of_operation))
    # `new` is not an address.
    return tuple(item for item in found if item.startswith("eipalloc-"))


def _distinct(ids: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for item in ids if item))
