# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking: what EC2 says of many nodes, in a handful of calls however many there are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from ..._core.model.identity import recorded_instances
from ..._core.model.observed import Address, Instance, NetworkInterface, Observed
from ..._core.model.record import Record
from ..._core.plan.plan_elastic_ip import wanted_allocation_id
from ..._core.plan.plan_hand_over import direct_intent
from ..._core.resources.tagged import was_launched_for
from ..._core.status.unused_addresses import unused_allocation_ids
from .address_holders import add_owners, add_taken
from .context import Context

T = TypeVar("T")

FRESH_SECONDS = 30
"""How long after it was made an interface or instance that EC2 does not show may merely be invisible still.

One that was made before that was seen, and is gone: somebody has deleted it.
"""

LOOKS, BETWEEN_LOOKS = 10, 1.0
"""How often, and every how many seconds, such a thing is looked for before it is held to be gone."""


async def observe(context: Context, records: Sequence[Record], *, begins: bool = False) -> dict[str, Observed]:
    """Ask EC2 about the interfaces, instances and Elastic IP addresses that the records name.

    Where an operation `begins`, also about what would keep the nodes from getting their interfaces.
    """
    seen = await add_owners(context, records, await _observe_named(context, records))
    return await add_taken(context, records, seen) if begins else seen


async def _observe_named(context: Context, records: Sequence[Record]) -> dict[str, Observed]:
    interfaces, addresses, recorded = await asyncio.gather(
        _interfaces(context, records), _addresses(context, records), _recorded_instances(context, records)
    )
    for _look in range(LOOKS):
        # The interfaces tell who holds them: as a rule those that are recorded, which then are not asked for again.
        holders = {interface.holder for interface in interfaces.values() if interface.holder} - recorded.keys()
        instances = recorded | await _instances(context, dict.fromkeys(holders, 0))
        seen = {record.name: _observed(record, interfaces, instances, addresses) for record in records}
        if not (outdated := [record for record in records if _shows_former(context, record, seen[record.name])]):
            break
        await context.clock.sleep(BETWEEN_LOOKS)
        ids = {record.identity.network_interface_id for record in outdated}
        others = {interface_id: item for interface_id, item in interfaces.items() if interface_id not in ids}
        interfaces = others | await _interfaces(context, outdated)
    return seen


def _shows_former(context: Context, record: Record, seen: Observed) -> bool:
    """Whether an instance that was the node's, and was seen to end, seems to live on the interface still."""
    holder = seen.holder
    if holder is None or not holder.is_live or direct_intent(record) or holder.instance_id in record.owns.instances:
        return False
    return was_launched_for(record, holder, context.table)


async def observe_instances(context: Context, records: Sequence[Record]) -> dict[str, Instance]:
    """Ask EC2 about the instances that the records name, by the nodes' names; what EC2 does not have is left out."""
    instances = await _recorded_instances(context, records)
    ids = {record.name: record.identity.instance_id or "" for record in records}
    return {name: instances[instance_id] for name, instance_id in ids.items() if instance_id in instances}


def _observed(
    record: Record,
    interfaces: dict[str, NetworkInterface],
    instances: dict[str, Instance],
    addresses: dict[str, Address],
) -> Observed:
    identity = record.identity
    standby = identity.standby
    previous = identity.previous_instance
    interface = interfaces.get(identity.network_interface_id or "")
    return Observed(
        network_interface=interface,
        instance=instances.get(identity.instance_id or ""),
        holder=instances.get(interface.holder or "") if interface else None,
        address=addresses.get(_allocation_id(record) or ""),
        standby=instances.get(standby.instance_id) if standby else None,
        previous=instances.get(previous.instance_id) if previous else None,
        unused_addresses=tuple(addresses[item] for item in unused_allocation_ids(record) if item in addresses),
    )


def _allocation_id(record: Record) -> str | None:
    return wanted_allocation_id(record) or record.identity.allocation_id


async def _interfaces(context: Context, records: Sequence[Record]) -> dict[str, NetworkInterface]:
    recorded = (record.identity.interface for record in records)
    made = {
        interface.network_interface_id: interface.created_at
        for interface in recorded
        if interface and interface.network_interface_id
    }
    return await _look(context, made, context.describe_interfaces)


async def _recorded_instances(context: Context, records: Sequence[Record]) -> dict[str, Instance]:
    return await _instances(context, dict(_recorded(records)))


async def _instances(context: Context, made: dict[str, int]) -> dict[str, Instance]:
    return await _look(context, made, context.describe_instances)


def _recorded(records: Sequence[Record]) -> Iterator[tuple[str, int]]:
    """List the instances that the records name, and when they were launched."""
    for record in records:
        for instance in recorded_instances(record.identity):
            yield instance.instance_id, instance.launched_at


async def _addresses(context: Context, records: Sequence[Record]) -> dict[str, Address]:
    named = (found for record in records if (found := _allocation_id(record)))
    unused = (allocation_id for record in records for allocation_id in unused_allocation_ids(record))
    made = dict.fromkeys((*named, *unused), 0)
    return await _look(context, made, context.describe_addresses)


async def _look(
    context: Context, made: dict[str, int], describe: Callable[[Iterable[str]], Awaitable[dict[str, T]]]
) -> dict[str, T]:
    if not made:
        return {}
    fresh = {item for item, made_at in made.items() if context.clock.now() - made_at < FRESH_SECONDS}
    seen = await describe(made)
    for _look in range(LOOKS):
        if not (unseen := fresh - seen.keys()):
            break
        await context.clock.sleep(BETWEEN_LOOKS)
        seen |= await describe(unseen)
    return seen
