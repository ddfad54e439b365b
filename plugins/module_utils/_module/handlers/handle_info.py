# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module stateful_node_info."""

from __future__ import annotations

from dataclasses import replace

from ..._core.model.names import ALL
from ..._core.model.selectors import has_selectors, resolve
from ..._core.model.tags import NAME
from ..._core.resources.tagged import Tagged
from ..._core.status.node_results import lost_result
from ..._reconcile.context.address_holders import unrecorded
from ..._reconcile.context.context import Context
from ..._reconcile.context.tagged_resources import read_tagged, still_unclaimed
from ..call import Call
from ..place import reading_place
from ..reading import known_tags, look, names_or_all, read_fleet
from ..results import Fleet, Result, fleet_result


async def handle(call: Call) -> Result:
    """Show nodes."""
    context = call.context
    async with reading_place(context) as place:
        fleet = await _look_everywhere(context, names_or_all(call))
        return fleet_result(fleet, now=context.clock.now(), **await place)


async def _look_everywhere(context: Context, elements: tuple[str, ...]) -> Fleet:
    """Read the nodes, and what EC2 has of those whose record is lost."""
    if not has_selectors(elements):
        tagged = await read_tagged(context, elements)
        fleet = await look(context, elements)
        strays = await still_unclaimed(context, tagged, [node.record for node in fleet.known])
        return _with_strays(context, fleet, strays)
    tagged = await read_tagged(context, (ALL,))
    records = await context.store.all()
    strays = await still_unclaimed(context, tagged, list(records.values()))
    # A lost record has no tags, but a name that a pattern can match.
    names = resolve(elements, known_tags(records, others=strays.names), context.table)
    fleet = await read_fleet(context, names, records)
    return _with_strays(context, fleet, strays.where(lambda thing: thing.tags.get(NAME) in names))


def _with_strays(context: Context, fleet: Fleet, strays: Tagged) -> Fleet:
    """Add what carries the names of nodes and belongs to no record: to its node, or as one whose record is lost."""
    for node in fleet.known:
        own = strays.of(node.name)
        unknown_interfaces = unrecorded(node.record, own.network_interfaces, context.reach.table)
        node.observed = replace(node.observed, others=own.instances, unrecorded=unknown_interfaces)
    now = context.clock.now()
    lost_names = [name for name in strays.names if name not in fleet.nodes]
    lost = {name: lost_result(name, strays.of(name), context.reach, now=now) for name in lost_names}
    unknown = {name: failure for name, failure in fleet.unknown.items() if name not in lost}
    names = (*fleet.names, *sorted(lost.keys() - set(fleet.names)))
    return replace(fleet, names=names, unknown=unknown, lost=lost)
