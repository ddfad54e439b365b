# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who else has what a node is to have: addresses on other interfaces, and interfaces that its record does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..._core.model.commands import Command, rebuild_command
from ..._core.model.observed import Address, Holder, Instance, NetworkInterface, Observed
from ..._core.model.record import Record
from ..._core.model.tags import NAME, TABLE
from ..._core.plan.plan_addresses import SubnetAddress, lacked_addresses
from ..._core.resources.owners import is_of_another_node, is_own, whose
from ..._core.resources.tagged import Tagged
from .context import Context
from .tagged_resources import still_unclaimed

FREE_IT = "Free it, or configure another address."


async def add_taken(context: Context, records: Sequence[Record], seen: Mapping[str, Observed]) -> dict[str, Observed]:
    """Add to what was seen what keeps nodes from getting their interfaces; no call where none lacks anything."""
    lacked = {record.name: lacked_addresses(record, seen[record.name]) for record in records}
    held, tagged = await asyncio.gather(_find_held(context, lacked), _find_unrecorded(context, records))
    return {
        record.name: replace(
            seen[record.name],
            taken=_taken(context, record, lacked[record.name], held),
            unrecorded=unrecorded(record, tagged.get(record.name, ()), context.table),
        )
        for record in records
    }


async def _find_held(
    context: Context, lacked: Mapping[str, Sequence[SubnetAddress]]
) -> dict[SubnetAddress, NetworkInterface]:
    addresses = {address for pairs in lacked.values() for _subnet_id, address in pairs}
    if not addresses:
        return {}
    found = await context.ec2.describe_network_interfaces("addresses.private-ip-address", addresses)
    return {
        (interface.subnet_id, address): interface for interface in found for address in interface.private_ip_addresses
    }


def _taken(
    context: Context,
    record: Record,
    lacked: Sequence[SubnetAddress],
    held: Mapping[SubnetAddress, NetworkInterface],
) -> dict[SubnetAddress, Holder]:
    others = {place: held[place] for place in lacked if place in held and not _may_be_own(context, record, held[place])}
    return {place: to_holder(record, interface, context.table) for place, interface in others.items()}


def _may_be_own(context: Context, record: Record, interface: NetworkInterface) -> bool:
    """Whether the interface is the node's, or may have been made by the call that its intent is about."""
    if interface.network_interface_id in record.owns.network_interfaces:
        return True
    return record.intent is not None and is_own(interface.tags, table=context.table, name=record.name)


async def _find_unrecorded(context: Context, records: Sequence[Record]) -> dict[str, tuple[NetworkInterface, ...]]:
    """Find interfaces that carry the tags of nodes which have never had one, by the nodes' names."""
    names = [record.name for record in records if _has_never_had_one(record)]
    if not names:
        return {}
    tagged = await context.ec2.describe_network_interfaces(f"tag:{NAME}", names)
    own = tuple(interface for interface in tagged if interface.tags.get(TABLE) == context.table)
    left = (await still_unclaimed(context, Tagged(network_interfaces=own).lasting, ())).lasting
    return {name: left.of(name).network_interfaces for name in names}


def _has_never_had_one(record: Record) -> bool:
    return not record.identity.incarnation and record.intent is None


def unrecorded(record: Record, tagged: Sequence[NetworkInterface], table: str) -> tuple[Holder, ...]:
    """Choose, of interfaces that no record accounts for, those that a node which has never had one may have lost."""
    if not _has_never_had_one(record):
        return ()
    return tuple(to_holder(record, interface, table) for interface in tagged)


async def add_owners(context: Context, records: Sequence[Record], seen: Mapping[str, Observed]) -> dict[str, Observed]:
    """Add to what was seen whose the instances on the interfaces are, and who has the Elastic IPs."""
    told = {
        record.name: replace(seen[record.name], holder_whose=_holder_whose(context, record, seen[record.name].holder))
        for record in records
    }
    return await _add_address_holders(context, records, told)


def _holder_whose(context: Context, record: Record, holder: Instance | None) -> str:
    if holder is None or holder.instance_id in record.owns.instances:
        return ""
    return whose(holder.tags, table=context.table, name=record.name)


async def _add_address_holders(
    context: Context, records: Sequence[Record], seen: dict[str, Observed]
) -> dict[str, Observed]:
    places = {record.name: _other_place(record, seen[record.name].address) for record in records}
    ids = {interface_id for interface_id in places.values() if interface_id}
    if not ids:
        return seen
    found = await find_interfaces(context, ids)
    holders = {
        record.name: to_holder(record, found[place], context.table)
        for record in records
        if (place := places[record.name]) in found
    }
    return {name: replace(observed, address_holder=holders.get(name)) for name, observed in seen.items()}


def _other_place(record: Record, address: Address | None) -> str | None:
    place = address.network_interface_id if address else None
    return None if place in record.owns.network_interfaces else place


async def find_interfaces(context: Context, ids: set[str]) -> dict[str | None, NetworkInterface]:
    """Find interfaces by their ids."""
    found = await context.ec2.describe_network_interfaces("network-interface-id", ids)
    return {interface.network_interface_id: interface for interface in found}


def to_holder(record: Record, interface: NetworkInterface, table: str) -> Holder:
    """Say of an interface that has what the node is to have whose it is, and how the node goes on."""
    owner = {"table": table, "name": record.name}
    return Holder(
        network_interface_id=interface.network_interface_id,
        instance_id=interface.holder,
        whose=whose(interface.tags, **owner),
        way_out=_way_out(record, interface, table),
        next_command=_next_command(record, interface, table),
    )


def _way_out(record: Record, interface: NetworkInterface, table: str) -> str:
    if is_of_another_node(interface.tags, table=table, name=record.name):
        return "Have that node give it up first, or configure another address."
    if not is_own(interface.tags, table=table, name=record.name):
        return FREE_IT
    if record.identity.network_interface_id:
        return "Check what that interface is: the playbook orphans lists it."
    return "Forget this record with stateful_node_config, state: absent, and then rebuild the one that was lost."


def _next_command(record: Record, interface: NetworkInterface, table: str) -> Command | None:
    """Compose the command that rebuilds the lost record, where the interface shows that there was one."""
    is_lost = is_own(interface.tags, table=table, name=record.name) and not record.identity.network_interface_id
    return rebuild_command(record.name) if is_lost else None
