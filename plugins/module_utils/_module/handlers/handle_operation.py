# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module stateful_node_operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ..._core.model.names import parse_names
from ..._core.model.record import Choices
from ..._core.plan.plan_delete import check_confirmed
from ..._core.status.node_results import absent_result
from ..._reconcile.context.node import Node
from ..._reconcile.operation.check_mode import CHECK
from ..._reconcile.operation.operations import begin, end, plan_begin, plan_end
from ..arguments import OPTIONS_OF
from ..call import Call
from ..place import reading_place
from ..reading import look, names_of
from ..results import Fleet, Result, fleet_result


async def handle(call: Call) -> Result:
    """Begin an operation on nodes, or end it."""
    context = call.context
    if call.params["state"] == "ended":
        fleet = await context.executor.retry_reads(partial(look, context, names_of(call)), context.deadline)
        return await _end(call, _of_operation(call, fleet))
    async with reading_place(context) as place:
        fleet = await look(context, names_of(call), begins=True)
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
    goal = call.params["operation"]
    take_over = call.params["take_over"]
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
