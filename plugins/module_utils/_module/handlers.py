# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each module does with its parameters: one coroutine a module."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .._aws.store import Records
from .._core.adoptee import Request
from .._core.data import to_dict
from .._core.history import parse_since
from .._core.names import ALL, parse_names
from .._core.options import public_config
from .._core.orphans import parse_ids
from .._core.plan_delete import check_confirmed
from .._core.record import Choices, Failure, Record
from .._core.results import absent_result, lost_result
from .._core.selectors import has_selectors, parse_selection, resolve
from .._core.tagged import Tagged
from .._core.tags import NAME
from .._core.unused_addresses import unused_address_warnings
from .._reconcile.adopt import adopt, plan_adoption
from .._reconcile.check import CHECK
from .._reconcile.configure import configure, plan_configure
from .._reconcile.context import Context
from .._reconcile.events import Sources, find
from .._reconcile.histories import read_histories
from .._reconcile.node import Node
from .._reconcile.observe import observe
from .._reconcile.operations import begin, end, plan_begin, plan_end
from .._reconcile.orphans import delete_orphans, find_orphans
from .._reconcile.phase import Step
from .._reconcile.planned_launch import planned_launch
from .._reconcile.preflight import warn_of_launches
from .._reconcile.rebuild import rebuild
from .._reconcile.steps import carry_out_steps, predict_steps
from .._reconcile.strays import read_tagged, still_unclaimed
from .._reconcile.taken import unrecorded
from .arguments import OPTIONS_OF
from .place import reading_place
from .results import Fleet, Result, events_result, fleet_result, histories_result, orphans_result, snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of a module."""

    params: Mapping[str, Any]
    check_mode: bool
    context: Context


CONFIG_OUTLOOK = "It is stored all the same; a resume or replace is refused until it is corrected."


async def _config(call: Call) -> Result:
    params, context = call.params, call.context
    decide = plan_configure if call.check_mode else configure
    done = await decide(context, params["name"], params)
    async with reading_place(context) as place:
        fleet = await _look_at(context, [done.after]) if done.after else Fleet(names=(), reach=context.reach)
        if params["launch"] and done.changed:
            launches = [planned_launch(node, node.record) for node in fleet.known]
            await warn_of_launches(launches, "config", CONFIG_OUTLOOK)
        for node in fleet.known:
            node.warnings += unused_address_warnings(node.record, node.observed)
        more = {"changed": done.changed, "actions": list(done.actions), "diff": done.diff, **await place}
    return fleet_result(fleet, now=context.clock.now(), **more)


async def _adopt(call: Call) -> Result:
    params, context, name = call.params, call.context, call.params["name"]
    request = Request(
        name=name,
        instance_id=params["instance_id"],
        network_interface_id=params["network_interface_id"],
        accept_root_volume_loss=params["accept_root_volume_loss"],
        options=params,
    )
    decide = plan_adoption if call.check_mode else adopt
    done = await decide(context, request, take_over=params["take_over"])
    fleet = Fleet(names=(name,), nodes={name: done.node}, reach=context.reach)
    result = fleet_result(fleet, now=context.clock.now())
    diff = [*([done.diff] if done.diff else []), *result.values["diff"]]
    return replace(result, values={**result.values, "diff": diff})


async def _eni(call: Call) -> Result:
    goal = "interface" if call.params["state"] == "present" else "interface_absent"
    return await _step(call, Step(phase="interface", goal=goal))  # type: ignore[arg-type]


async def _eip(call: Call) -> Result:
    goal = "elastic_ip" if call.params["state"] == "present" else "elastic_ip_absent"
    return await _step(call, Step(phase="elastic_ip", goal=goal, release=call.params["release"]))  # type: ignore[arg-type]


NETWORK = (
    Step(phase="interface", goal="interface", leads_on=True),
    Step(phase="elastic_ip", goal="elastic_ip", leads_on=True),
)
"""What an instance is launched on."""


async def _instance(call: Call) -> Result:
    if call.params["state"] == "terminated":
        return await _step(call, Step(phase="terminate", goal="pause"))
    if call.params["state"] == "prelaunched":
        return await _step(call, Step(phase="prelaunch", goal="replace", wait_for=call.params["wait_for"]))
    launch = Step(phase="launch", goal="resume", wait_for=call.params["wait_for"])
    # Inside an operation a node that is ready is launched at once, whatever the others still lack.
    return await _step(call, *(NETWORK if call.params["operation_id"] else ()), launch)


async def _step(call: Call, *steps: Step) -> Result:
    operation_id, context = call.params["operation_id"] or None, call.context
    if operation_id:
        # The node may be out of service: an answer that does not come for a while is waited for.
        fleet = await context.executor.retry_reads(partial(_look, context, _names(call)), context.deadline)
    else:
        fleet = await _look(context, _names(call), begins=True)
    if call.check_mode or (operation_id or "").startswith(CHECK):
        predict_steps(fleet.known, steps, operation_id)
    else:
        await carry_out_steps(fleet.known, steps, operation_id)
    return fleet_result(fleet, now=call.context.clock.now())


async def _operation(call: Call) -> Result:
    context = call.context
    if call.params["state"] == "ended":
        fleet = await context.executor.retry_reads(partial(_look, context, _names(call)), context.deadline)
        return await _end(call, _of_operation(call, fleet))
    async with reading_place(context) as place:
        fleet = await _look(context, _names(call), begins=True)
        result = await _begin(call, _of_operation(call, fleet))
        return replace(result, values={**result.values, **await place})


def _of_operation(call: Call, fleet: Fleet) -> Fleet:
    return _with_absent(fleet) if call.params["operation"] == "delete" else fleet


def _with_absent(fleet: Fleet) -> Fleet:
    """Show what has no record as absent, which is what a delete is for; an item that cannot be read stays an error."""
    absent = [name for name, failure in fleet.unknown.items() if failure.code == "UnknownNode"]
    unknown = {name: failure for name, failure in fleet.unknown.items() if name not in absent}
    return replace(fleet, unknown=unknown, lost={name: absent_result(name) for name in absent})


async def _end(call: Call, fleet: Fleet) -> Result:
    operation_id = call.params["operation_id"] or CHECK
    if operation_id.startswith(CHECK) or call.check_mode:
        plan_end(fleet.known, operation_id)
    else:
        await end(fleet.known, operation_id)
    return fleet_result(fleet, now=call.context.clock.now())


async def _begin(call: Call, fleet: Fleet) -> Result:
    goal, take_over = call.params["operation"], call.params["take_over"]
    choices = Choices(**{option: call.params[option] for option in OPTIONS_OF[goal]})
    check_confirmed(choices, fleet.names, parse_names(call.params["delete_confirm"] or (), "delete_confirm"))
    nodes = _still_of(fleet.known, call.params["generations"] or {})
    if call.check_mode:
        begun = await plan_begin(nodes, goal, choices, take_over=take_over)
    else:
        begun = await begin(nodes, goal, choices, take_over=take_over)
    more = {"operation_id": begun.operation_id, "begun": list(begun.names), "busy": list(_busy(fleet))}
    return fleet_result(fleet, now=call.context.clock.now(), **more)


def _still_of(nodes: Sequence[Node], generations: Mapping[str, Any]) -> list[Node]:
    """Leave out nodes that have another generation than the given one: they have been dealt with meanwhile."""
    return [node for node in nodes if generations.get(node.name, node.identity.generation) in _spellings(node)]


def _spellings(node: Node) -> tuple[int, str]:
    # Values of a dictionary are not converted: a template may have made a text of the number.
    return node.identity.generation, str(node.identity.generation)


def _busy(fleet: Fleet) -> Any:
    for node in fleet.known:
        held = node.record.operation
        if held and node.failure and node.failure.code == "Busy":
            yield {"name": node.name, "operation": held.operation, "owner": held.owner, "expires_at": held.expires_at}


async def _info(call: Call) -> Result:
    context = call.context
    async with reading_place(context) as place:
        fleet = await _look_everywhere(context, _names_or_all(call))
        return fleet_result(fleet, now=context.clock.now(), **await place)


async def _look_everywhere(context: Context, elements: tuple[str, ...]) -> Fleet:
    """Read the nodes, and what EC2 has of those whose record is lost."""
    if not has_selectors(elements):
        tagged = await read_tagged(context, elements)
        fleet = await _look(context, elements)
        strays = await still_unclaimed(context, tagged, [node.record for node in fleet.known])
        return _with_strays(context, fleet, strays)
    tagged = await read_tagged(context, (ALL,))
    records = await context.store.all()
    strays = await still_unclaimed(context, tagged, list(records.values()))
    # A lost record has no tags, but a name that a pattern can match.
    names = resolve(elements, _known_tags(records, others=strays.names), context.table)
    fleet = await _fleet(context, names, records)
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


async def _rebuild(call: Call) -> Result:
    context, params = call.context, call.params
    confirmed = parse_ids(params["confirm"], option="confirm")
    rebuilt = await rebuild(context, params["name"], params["launch"], confirmed=confirmed, check_mode=call.check_mode)
    fleet = await _look_at(context, [rebuilt.record])
    assumed = [f"{params['name']}: {item.option} is taken to be {item.value}: {item.why}." for item in rebuilt.assumed]
    result = fleet_result(fleet, now=context.clock.now(), changed=True, actions=rebuilt.actions)
    after = {"name": params["name"], **public_config(rebuilt.record.config)}
    more = {
        "diff": {"before": {}, "after": after},
        "assumed": [to_dict(item) for item in rebuilt.assumed],
        "warnings": [*result.values["warnings"], *assumed],
    }
    return replace(result, values={**result.values, **more})


async def _orphans(call: Call) -> Result:
    context, ids = call.context, parse_ids(call.params["delete"])
    orphans = await find_orphans(context)
    deletion = await delete_orphans(context, ids, check_mode=call.check_mode)
    return orphans_result(orphans, deletion)


async def _history_info(call: Call) -> Result:
    context, now = call.context, call.context.clock.now()
    since = parse_since(call.params["since"], now)
    fleet = await _look(context, _names_or_all(call))
    histories = await read_histories(context, fleet.names, limit=call.params["limit"], since=since)
    result = histories_result(fleet, histories, now=now, since=since)
    place = {"region": await context.store.get_region(), "table_name": context.table}
    return replace(result, values={**result.values, **place})


async def _events(call: Call) -> Result:
    params, context = call.params, call.context
    if params["state"] == "deleted":
        return await _delete_messages(call, params["receipt_handles"])
    # To receive a message hides it for a while and counts: check mode leaves the queue alone.
    receive = params["receive"] and params["events"] is None and not call.check_mode
    sources = Sources(
        events=params["events"] or (),
        receive=receive,
        reconcile=params["reconcile"],
        wait_seconds=0 if call.check_mode else params["wait_seconds"],
        exclude=params["exclude"],
    )
    return events_result(await find(context, sources))


async def _delete_messages(call: Call, handles: Sequence[str]) -> Result:
    context = call.context
    if handles and not call.check_mode:
        await context.queue.delete(handles)
    return Result(values={"changed": bool(handles), "actions": [{"action": "delete_message"} for _handle in handles]})


def _names(call: Call) -> tuple[str, ...]:
    return parse_selection(call.params["name"])


def _names_or_all(call: Call) -> tuple[str, ...]:
    return _names(call) if call.params["name"] is not None else (ALL,)


async def _look(context: Context, elements: tuple[str, ...], *, begins: bool = False) -> Fleet:
    """Read the records and what EC2 says of them; all records, once, where the elements are not only names.

    `begins` says that an operation is about to begin: it works on the configuration of now, whatever one that was cut
    off has worked on. Raises NodeError for a selector that matches nothing.
    """
    store = context.store
    if elements != (ALL,) and not has_selectors(elements):
        records = await store.get(elements)
        return await _fleet(context, elements, records, begins=begins)
    records = await store.all()
    known = _known_tags(records)
    names = tuple(known) if elements == (ALL,) else resolve(elements, known, context.table)
    return await _fleet(context, names, records, begins=begins)


def _known_tags(records: Records, others: Iterable[str] = ()) -> dict[str, Mapping[str, str]]:
    """Give the tags of all nodes by their names, in order: of one whose record cannot be read, the name alone."""
    tags: dict[str, Mapping[str, str]] = {name: {} for name in (*others, *records.unreadable_nodes)}
    tags |= {name: record.config.tags for name, record in records.items()}
    return dict(sorted(tags.items()))


async def _fleet(context: Context, names: tuple[str, ...], records: Records, *, begins: bool = False) -> Fleet:
    fleet = await _look_at(context, [records[name] for name in names if name in records], begins=begins)
    fleet.names = names
    fleet.warnings = tuple(str(error) for error in records.foreign_items)
    missing = [name for name in names if name not in records]
    fleet.unknown = {name: _why_unknown(name, context.table, records) for name in missing}
    return fleet


async def _look_at(context: Context, records: Sequence[Record], *, begins: bool = False) -> Fleet:
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


MODULES: dict[str, Callable[[Call], Coroutine[Any, Any, Result]]] = {
    "stateful_node_config": _config,
    "stateful_node_adopt": _adopt,
    "stateful_node_eni": _eni,
    "stateful_node_eip": _eip,
    "stateful_node_instance": _instance,
    "stateful_node_operation": _operation,
    "stateful_node_info": _info,
    "stateful_node_events": _events,
    "stateful_node_history_info": _history_info,
    "stateful_node_orphans": _orphans,
    "stateful_node_rebuild": _rebuild,
}
