# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Beginning an operation on many nodes, and ending it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ..._core.actions.hand_over_actions import LaunchStandby
from ..._core.actions.instance_actions import LaunchInstance, TerminateInstance
from ..._core.actions.record_actions import DeleteRecord
from ..._core.lifecycle.ownership_confirmation import check_confirmed
from ..._core.lifecycle.takeover import check_free, check_replaceable
from ..._core.model.node_error import NodeError
from ..._core.model.record import Choices, Record
from ..._core.plan.planner import Goal, Plan, plan
from ..._core.status.unused_addresses import unused_address_warnings
from ..context.failures import EXPECTED, completed, to_failure
from ..context.node import Node
from .check_mode import as_begun, check_id, parse_check_id
from .leases import acquire, new_operation_id, release
from .planned_launch import planned_launch
from .preflight import check_launches, warn_of_launches

PAUSE_OUTLOOK = "The node is paused all the same; until this is corrected, it cannot be resumed."


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """What beginning came to: the operation's id (None when no node needs work) and the nodes that it has taken."""

    operation_id: str | None
    names: tuple[str, ...]


async def begin(nodes: Sequence[Node], goal: Goal, choices: Choices, *, take_over: bool) -> Begun:
    """Take the nodes that need work; a node that cannot be taken says why in `failure`."""
    operation_id = new_operation_id()
    ready = await _find_ready(nodes, goal, choices, take_over=take_over)
    taken = await asyncio.gather(*(_take(node, goal, choices, operation_id, take_over=take_over) for node in ready))
    names = tuple(node.name for node, was_taken in zip(ready, taken, strict=True) if was_taken)
    return Begun(operation_id=operation_id if names else None, names=names)


async def plan_begin(nodes: Sequence[Node], goal: Goal, choices: Choices, *, take_over: bool) -> Begun:
    """Say what `begin` would come to, without taking any node."""
    ready = await _find_ready(nodes, goal, choices, take_over=take_over)
    names = tuple(node.name for node in ready)
    return Begun(operation_id=check_id(goal, choices) if names else None, names=names)


async def _find_ready(nodes: Sequence[Node], goal: Goal, choices: Choices, *, take_over: bool) -> list[Node]:
    """List the nodes that need work and can have it; one whose instance could not be launched is refused here."""
    plans = {node.name: _plan_work(node, goal, choices, take_over=take_over) for node in nodes}
    launches = [
        planned_launch(node, as_begun(node, goal, choices))
        for node in nodes
        if _needs_launch(node, goal, plans[node.name])
    ]
    if goal == "pause":
        await warn_of_launches(launches, goal, PAUSE_OUTLOOK)
    else:
        await check_launches(launches, goal, choices)
    return [node for node in nodes if plans[node.name] and not node.failure]


def _needs_launch(node: Node, goal: Goal, planned: Plan | None) -> bool:
    """Return whether an instance is to be launched now, or, after a pause, later.

    One whose launch is under way already is launched as its intent says.
    """
    if planned is None or node.open_intent("RunInstances"):
        return False
    sought = TerminateInstance if goal == "pause" else (LaunchInstance, LaunchStandby)
    return any(isinstance(action, sought) for action in planned.actions)


def _plan_work(node: Node, goal: Goal, choices: Choices, *, take_over: bool) -> Plan | None:
    """Plan the operation, None where there is nothing to do; note the record's part as done, and failures."""
    context, record = node.context, node.record
    try:
        check_free(record, take_over=take_over, now=context.clock.now())
        check_replaceable(record, goal)
        begun = as_begun(node, goal, choices)
        planned = plan(begun, node.observed, goal)
        check_confirmed(begun, node.observed, planned.actions, context.table)
    except EXPECTED as error:
        node.failure = to_failure(node, error, phase="begin", operation=goal, choices=choices, rerun=context.rerun)
        return None
    node.done += planned.of_phase("record")
    node.warnings += planned.warnings
    node.warnings += unused_address_warnings(record, node.observed) if goal == "resume" else ()
    return planned if _is_work(record, planned, goal) else None


def _is_work(record: Record, planned: Plan, goal: Goal) -> bool:
    left_open = record.intent and (goal != "pause" or record.intent.action == "RunInstances")
    return bool(planned.actions or not planned.settled or record.operation or record.unfinished or left_open)


async def _take(node: Node, goal: Goal, choices: Choices, operation_id: str, *, take_over: bool) -> bool:
    try:
        await acquire(node, operation=goal, operation_id=operation_id, take_over=take_over, choices=choices)
    except EXPECTED as error:
        node.done.clear()
        node.failure = to_failure(node, error, phase="begin", operation=goal, choices=choices, rerun=node.context.rerun)
        return False
    return True


async def end(nodes: Sequence[Node], operation_id: str) -> None:
    """Give every node of the operation back; a node that was not finished says why in `failure`."""
    await asyncio.gather(*(_end(node, operation_id) for node in nodes))


async def _end(node: Node, operation_id: str) -> None:
    held = node.record.operation
    if held is None:
        return
    goal = held.operation
    try:
        if held.id != operation_id:
            check_free(node.record, take_over=False, now=0)
            return
        node.operation_id, node.timings = operation_id, dict(held.timings)
        failure = await release(node)
        node.record = replace(node.record, operation=None)
    except EXPECTED as error:
        node.failure = to_failure(node, error, phase="end", operation=goal)
        return
    node.failure = failure and completed(
        node, failure, phase="end", operation=goal, choices=held.choices, rerun=held.rerun
    )
    if node.is_deleted:
        node.done.append(DeleteRecord())


def plan_end(nodes: Sequence[Node], operation_id: str) -> None:
    """Note as done what ending an operation would do that was only planned: a delete forgets the node."""
    operation, choices = parse_check_id(operation_id)
    for node in nodes if operation == "delete" else ():
        with suppress(NodeError):
            plan(as_begun(node, "delete", choices), node.observed, "delete")
            node.is_deleted = True
            node.done.append(DeleteRecord())
