# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Things in EC2 that carry the table's tag and belong to no record, in a handful of calls however many nodes there are.

The order makes it right while operations run: first EC2, then the records, then EC2 again about what seems to stray.
Whatever an operation makes is in its record before it is in EC2, and what it ends is gone by the second look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..._aws.api.store import Records
from ..._core.model.names import ALL, is_name
from ..._core.model.record import Record
from ..._core.model.tags import NAME, TABLE
from ..._core.resources.tagged import Tagged, id_of, unclaimed
from .context import Context

Look = tuple[str, Sequence[str]]
"""A filter of EC2's and its values."""


async def read_tagged(context: Context, names: Sequence[str]) -> Tagged:
    """Find what carries the table's tag: of the nodes that are named, or, with `("all",)`, of any.

    What is tagged with a name that no node can have belongs to no node: only `read_all_tagged` finds it.
    """
    found = await _read(context, names)
    return found.where(lambda thing: is_name(thing.tags.get(NAME)))


async def read_all_tagged(context: Context) -> Tagged:
    """Find what carries the table's tag and a name, also one that no node can have."""
    return await _read(context, (ALL,))


async def _read(context: Context, names: Sequence[str]) -> Tagged:
    look = (f"tag:{TABLE}", [context.table]) if tuple(names) == (ALL,) else (f"tag:{NAME}", names)
    found = await _describe(context, interfaces=look, instances=look, addresses=look)
    return found.where(lambda thing: thing.tags.get(TABLE) == context.table and NAME in thing.tags)


async def still_unclaimed(context: Context, tagged: Tagged, records: Sequence[Record]) -> Tagged:
    """Leave what is in EC2 still and no record accounts for; `records` were read after `tagged`.

    All records are read where those given leave anything, which is the exception: another node may have been given
    an address that was made for a lost one.
    """
    suspects = unclaimed(tagged, records)
    if not suspects.things:
        return suspects
    known = await context.store.all()
    suspects = without_unreadable(unclaimed(suspects, known.values()), known)
    return await look_at(context, [id_of(thing) for thing in suspects.things])


def without_unreadable(found: Tagged, known: Records) -> Tagged:
    """Leave out what carries the name of a node whose record cannot be read: it may well account for it."""
    return found.where(lambda thing: thing.tags.get(NAME) not in known.unreadable)


async def look_at(context: Context, ids: Sequence[str]) -> Tagged:
    """Say what EC2 says of things by their ids, which tell their kinds."""
    return await _describe(
        context,
        interfaces=("network-interface-id", [item for item in ids if item.startswith("eni-")]),
        instances=("instance-id", [item for item in ids if item.startswith("i-")]),
        addresses=("allocation-id", [item for item in ids if item.startswith("eipalloc-")]),
    )


async def _describe(context: Context, *, interfaces: Look, instances: Look, addresses: Look) -> Tagged:
    """Ask for each kind by a filter and its values; no values, no call."""
    ec2 = context.ec2
    found_interfaces, found_instances, found_addresses = await asyncio.gather(
        ec2.describe_network_interfaces(*interfaces),
        ec2.describe_instances(*instances),
        ec2.describe_addresses(*addresses),
    )
    return Tagged(
        network_interfaces=tuple(found_interfaces),
        instances=tuple(instance for instance in found_instances if instance.is_live),
        addresses=tuple(found_addresses),
    )
