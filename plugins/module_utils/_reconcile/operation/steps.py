# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases of an operation, carried out for many nodes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import product

from ..._aws.calls.aws_error import AwsError
from ..._core.lifecycle.ownership_confirmation import check_confirmed
from ..._core.lifecycle.takeover import check_free
from ..._core.model.node_error import NodeError
from ..._core.model.record import Failure, Record
from ..._core.plan.planner import PHASES, Goal, Plan, plan
from ..context.failures import EXPECTED, to_failure
from ..context.node import Node
from ..context.progress_reports import told
from ..context.refresh import Looks, look_again
from .check_mode import CHECK, as_begun, parse_check_id
from .leases import acquire, kept, new_operation_id, release
from .phase import Step, carry_out

NEED_INTERFACE = ("resume", "elastic_ip")
"""The goals whose modules, called on their own, take the interface for granted."""


async def carry_out_steps(nodes: Sequence[Node], steps: Sequence[Step], operation_id: str | None) -> None:
    """Carry the steps out for every node, each at its own pace.

    A node that fails says so in `failure`, goes no further, and leaves the others alone.
    """
    looks = Looks()
    async with told(nodes, steps[-1].phase, steps[-1].goal):
        await asyncio.gather(*(_guarded(node, steps, operation_id, looks) for node in nodes))
    touched = [node for node in nodes if node.done or node.failure]
    if touched:
        context = touched[0].context
        await context.executor.retry_reads(partial(look_again, touched), context.deadline)


async def _guarded(node: Node, steps: Sequence[Step], operation_id: str | None, looks: Looks) -> None:
    for step in steps:
        done = len(node.done)
        try:
            await (_inside(node, step, operation_id) if operation_id else _alone(node, step))
            if step.leads_on and len(node.done) > done:
                await looks.look_again(node)
        except EXPECTED as error:
            node.failure = _failure(node, step, error)
            node.tell(f"failed in phase {node.failure.phase}: {node.failure.code}", "failed")
            return


def _failure(node: Node, step: Step, error: BaseException) -> Failure:
    operation = node.record.operation.operation if node.record.operation else step.goal
    return to_failure(node, error, phase=step.phase, operation=operation)


async def _inside(node: Node, step: Step, operation_id: str) -> None:
    """Work under an operation that was begun; its end is somebody else's."""
    held = node.record.operation
    if held is None or held.id != operation_id:
        holder = f"{held.operation} {held.id} of {held.owner} holds it" if held else "it has ended"
        raise NodeError("OperationTakenOver", f"{node.name}: not under operation {operation_id} any more: {holder}.")
    node.operation_id = operation_id
    node.context.held[node.name] = operation_id
    await _work(node, step, _goal_inside(held.operation, step))


def _goal_inside(operation: str, step: Step) -> Goal:
    """Say what the step serves inside an operation: the operation, where that has such a phase."""
    if operation == "delete":
        return _goal_of_delete(step)
    if step.phase == "prelaunch" and operation != "replace":
        raise NodeError("NotReplaced", f"The state prelaunched belongs to an operation replace, not to {operation}.")
    goals = {goal: goal for goal in PHASES}
    goal = goals.get(operation, step.goal)  # type: ignore[call-overload]
    return goal if step.phase in PHASES[goal] and not step.goal.endswith("_absent") else step.goal


def _goal_of_delete(step: Step) -> Goal:
    """Let a delete decide what becomes of the node's things. Raises NodeError for a step that would make some."""
    if step.goal not in ("pause", "interface_absent", "elastic_ip_absent"):
        raise NodeError("NodeIsDeleted", "An operation delete takes only the states terminated and absent.")
    return "delete"


def predict_steps(nodes: Sequence[Node], steps: Sequence[Step], operation_id: str | None) -> None:
    """Note as done what `carry_out_steps` would do, over the state that the operation's earlier phases would leave."""
    for node, step in product(nodes, steps):
        if node.failure:
            continue
        record, operation = _as_inside(node, operation_id)
        try:
            check_free(node.record, take_over=bool(operation), now=node.context.clock.now())
            node.done += plan_step(node, step, operation, record).actions
        except EXPECTED as error:
            node.failure = _failure(node, step, error)


def _as_inside(node: Node, operation_id: str | None) -> tuple[Record, str | None]:
    """Show the record as the step would find it inside the operation, and that operation's name."""
    held = node.record.operation
    if operation_id and operation_id.startswith(CHECK):
        operation, choices = parse_check_id(operation_id)
        return as_begun(node, operation, choices), operation
    return node.record, held.operation if held and held.id == operation_id else None


def plan_step(node: Node, step: Step, operation: str | None, record: Record) -> Plan:
    """Plan the step's own part of the operation, or of its own goal where it is called alone."""
    goal = _goal_inside(operation, step) if operation else step.goal
    planned = plan(record, node.observed, goal, release=step.release)
    own = (() if operation else planned.of_phase("record")) + planned.of_phase(step.phase)
    check_confirmed(record, node.observed, own, node.context.table)
    if own and not operation and step.goal in NEED_INTERFACE:
        _check_has_interface(node)
    return Plan(actions=own, settled=planned.settled)


def _check_has_interface(node: Node) -> None:
    if node.observed.network_interface is None:
        lost = node.identity.network_interface_id
        raise NodeError(
            "NoNetworkInterface",
            f"{node.name}: {f'interface {lost} does not exist any more' if lost else 'the node has no interface yet'}. "
            "Run stateful_node_eni, or the resume playbook, first.",
        )


async def _alone(node: Node, step: Step) -> None:
    """Take the node, carry out the step, give the node back; touch nothing when there is nothing to do."""
    context, record = node.context, node.record
    check_free(record, take_over=False, now=context.clock.now())
    planned = plan_step(node, step, None, replace(record, operation=None))
    if not (planned.actions or not planned.settled or record.operation or record.intent):
        node.tell(stage="reached")
        return
    operation = step.goal
    await acquire(node, operation=operation, operation_id=new_operation_id(), take_over=False)
    node.done += [action for action in planned.actions if action.phase == "record"]
    try:
        await _work(node, step, step.goal)
    except Exception:
        with suppress(NodeError, AwsError):
            await release(node)
        raise
    else:
        await release(node)
    finally:
        node.record = replace(node.record, operation=None)


async def _work(node: Node, step: Step, goal: Goal) -> None:
    async with kept(node):
        try:
            await carry_out(node, step, goal)
        except EXPECTED as error:
            with suppress(*EXPECTED):
                await node.save_operation(error=_failure(node, step, error))
            raise
