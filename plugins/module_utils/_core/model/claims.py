# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses the records of a table have, or want: an address belongs to one node.

A private address is told apart by its subnet, too: the same one may exist in another VPC. An Elastic IP is told by its
allocation id, which the configuration in a record always has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .config import NEW_ADDRESS, Config

OF_CONFIG = ("subnet_id", "private_ip_address", "secondary_private_ip_addresses", "elastic_ip")
OF_INTERFACE = ("subnet_id", "private_ip_addresses")

CLAIMING = (
    "name",
    *(f"config.{field}" for field in OF_CONFIG),
    *(f"operation.config.{field}" for field in OF_CONFIG),
    *(f"identity.interface.{field}" for field in OF_INTERFACE),
    *(f"identity.next_interface.{field}" for field in OF_INTERFACE),
    "identity.elastic_ip.allocation_id",
    "identity.spare_allocation_ids",
)
"""The paths of a record's item that `claims_of` reads."""

Address = tuple[str, str]
"""The id of a subnet and a private address of it, or `""` and the allocation id of an Elastic IP."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """An address of a node; `is_had` says that the node has it, otherwise its configuration only names it."""

    name: str
    address: Address
    is_had: bool

    def __str__(self) -> str:
        return f"is node {self.name}'s" if self.is_had else f"is configured for node {self.name}"


def private_addresses(config: Config) -> Iterator[Address]:
    """List the private addresses that a configuration names."""
    if config.private_ip_address:
        yield config.subnet_id, config.private_ip_address
    for address in config.secondary_private_ip_addresses:
        yield config.subnet_id, address


def addresses_of(config: Config) -> frozenset[Address]:
    """Collect the particular addresses that a configuration names; its Elastic IP is an allocation id."""
    elastic_ip = config.elastic_ip if config.elastic_ip != NEW_ADDRESS else None
    return frozenset((*private_addresses(config), *_elastic_ips(elastic_ip)))


def claims_of(item: Mapping[str, Any]) -> Iterator[Claim]:
    """List what a record, as plain data, has and wants. Of an item that is no record, nothing is listed."""
    name = item.get("name")
    if not isinstance(name, str):
        return
    had = dict.fromkeys(_had(item))
    wanted = dict.fromkeys((*_wanted(item, "config"), *_wanted(_part(item, "operation"), "config")))
    yield from (Claim(name=name, address=address, is_had=True) for address in had)
    yield from (Claim(name=name, address=address, is_had=False) for address in wanted if address not in had)


def claims_on(addresses: Iterable[Address], name: str, claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Choose the claims of other nodes on these addresses."""
    asked = frozenset(addresses)
    return tuple(claim for claim in claims if claim.name != name and claim.address in asked)


def _had(item: Mapping[str, Any]) -> Iterator[Address]:
    identity = _part(item, "identity")
    following = _part(identity, "next_interface")
    # Also what a change of address is about to give up: the node has it until the old interface is deleted.
    yield from _of_interface(_part(identity, "interface"), _part(item, "config").get("subnet_id"))
    yield from _of_interface(following, None)
    allocation_id = _part(identity, "elastic_ip").get("allocation_id")
    yield from _elastic_ips(allocation_id, *_texts(identity.get("spare_allocation_ids")))


def _of_interface(interface: Mapping[str, Any], default_subnet_id: Any) -> Iterator[Address]:
    subnet_id = interface.get("subnet_id") or default_subnet_id
    for address in _texts(interface.get("private_ip_addresses")):
        if isinstance(subnet_id, str):
            yield subnet_id, address


def _wanted(item: Mapping[str, Any], key: str) -> Iterator[Address]:
    config = _part(item, key)
    subnet_id = config.get("subnet_id")
    named = (config.get("private_ip_address"), *_texts(config.get("secondary_private_ip_addresses")))
    for address in named:
        if isinstance(subnet_id, str) and isinstance(address, str):
            yield subnet_id, address
    elastic_ip = config.get("elastic_ip")
    yield from _elastic_ips(None if elastic_ip == NEW_ADDRESS else elastic_ip)


def _elastic_ips(*allocation_ids: Any) -> Iterator[Address]:
    return (("", allocation_id) for allocation_id in allocation_ids if isinstance(allocation_id, str))


def _part(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = item.get(key)
    return part if isinstance(part, Mapping) else {}


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, (list, tuple)) else ()
