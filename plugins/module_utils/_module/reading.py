# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the nodes that a call names: their records, and what EC2 says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from .._aws.api.store import Records
from .._core.model.names import ALL
from .._core.model.record import Failure, Record
from .._core.model.selectors import has_selectors, parse_selection, resolve
from .._reconcile.context.context import Context
from .._reconcile.context.node import Node
from .._reconcile.context.observe import observe
from .call import Call
from .results import Fleet, snapshot


def names_of(call: Call) -> tuple[str, ...]:
    """Give the names and selectors that the call gives."""
    return parse_selection(call.params["name"])


def names_or_all(call: Call) -> tuple[str, ...]:
    """Give the names and selectors that the call gives; all nodes where it gives none."""
    return names_of(call) if call.params["name"] is not None else (ALL,)


async def look(context: Context, elements: tuple[str, ...], *, begins: bool = False) -> Fleet:
    """Read the records and what EC2 says of them; all records, once, where the elements are not only names.

    `begins` says that an operation is about to begin: it works on the configuration of now, whatever one that was cut
    off has worked on. Raises NodeError for a selector that matches nothing.
    """
    store = context.store
    if elements != (ALL,) and not has_selectors(elements):
        records = await store.get(elements)
        return await read_fleet(context, elements, records, begins=begins)
    records = await store.all()
    known = known_tags(records)
    names = tuple(known) if elements == (ALL,) else resolve(elements, known, context.table)
    return await read_fleet(context, names, records, begins=begins)


def known_tags(records: Records, others: Iterable[str] = ()) -> dict[str, Mapping[str, str]]:
    """Give the tags of all nodes by their names, in order: of one whose record cannot be read, the name alone."""
    tags: dict[str, Mapping[str, str]] = {name: {} for name in (*others, *records.unreadable_nodes)}
    tags |= {name: record.config.tags for name, record in records.items()}
    return dict(sorted(tags.items()))


async def read_fleet(context: Context, names: tuple[str, ...], records: Records, *, begins: bool = False) -> Fleet:
    """Look at the nodes of these names, of which `records` have those that could be read."""
    fleet = await look_at(context, [records[name] for name in names if name in records], begins=begins)
    fleet.names = names
    fleet.warnings = tuple(str(error) for error in records.foreign_items)
    missing = [name for name in names if name not in records]
    fleet.unknown = {name: _why_unknown(name, context.table, records) for name in missing}
    return fleet


async def look_at(context: Context, records: Sequence[Record], *, begins: bool = False) -> Fleet:
    """Look at nodes whose records were read; `begins` as in `look`."""
    looked_at = [replace(record, operation=None) if begins else record for record in records]
    observed = await observe(context, looked_at, begins=begins)
    nodes = {
        record.name: Node(context=context, name=record.name, record=record, observed=observed[record.name])
        for record in records
    }
    before = {name: snapshot(node) for name, node in nodes.items()}
    return Fleet(names=tuple(nodes), nodes=nodes, before=before, reach=context.reach)


def _why_unknown(name: str, table: str, records: Records) -> Failure:
    if name in records.unreadable:
        return records.unreadable[name].failure
    return Failure(
        code="UnknownNode",
        message=f"{name}: table {table} has no node of this name. Configure it with stateful_node_config first.",
        state="the table has no record of it",
    )
