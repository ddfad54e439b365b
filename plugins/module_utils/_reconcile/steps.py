# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One phase of an operation, carried out for many nodes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from .._aws.errors import AwsError
from .._core import actions, hand_over_actions, ownership_actions
from .._core.errors import NodeError
from .._core.leases import check_free
from .._core.plan_delete import delete_choices
from .._core.plan_hand_over import hands_over
from .._core.planner import PHASES, Goal, Plan, last_generation_to_end, plan
from .._core.record import Failure, Record
from .._core.service import back_in_service
from . import address_change, addresses, elastic_ip, hand_over, instance, interface, launch, ownership
from .check import CHECK, as_begun, parse_check_id
from .failures import EXPECTED, to_failure
from .intents import settle
from .leases import acquire, kept, new_operation_id, release
from .node import Node
from .observe import observe
from .progress import phase_reached, told

HANDLERS: dict[type[actions.Action], Callable[[Node, Any], Awaitable[None]]] = {
    actions.CreateNetworkInterface: interface.create,
    actions.DeleteNetworkInterface: interface.delete,
    actions.CreateNextInterface: address_change.create_next,
    actions.DiscardNextInterface: address_change.discard_next,
    actions.SwapInterface: address_change.swap,
    actions.DeletePreviousInterface: address_change.delete_previous,
    actions.SetSecurityGroups: interface.set_security_groups,
    actions.SetSourceDestCheck: interface.set_source_dest_check,
    actions.SetAssociatePublicIpAddress: interface.set_associate_public_ip_address,
    actions.KeepOnTermination: interface.keep_on_termination,
    actions.SetTags: interface.set_tags,
    actions.AssignPrivateIpAddresses: addresses.assign_private_ip_addresses,
    actions.UnassignPrivateIpAddresses: addresses.unassign_private_ip_addresses,
    actions.AssignIpv6Addresses: addresses.assign_ipv6_addresses,
    actions.UnassignIpv6Addresses: addresses.unassign_ipv6_addresses,
    actions.AllocateAddress: elastic_ip.allocate,
    actions.AssociateAddress: elastic_ip.associate,
    actions.DisassociateAddress: elastic_ip.disassociate,
    actions.ReleaseAddress: elastic_ip.release,
    actions.ResolveLaunch: instance.resolve,
    actions.TerminateInstance: instance.terminate,
    actions.LaunchInstance: launch.launch,
    actions.StartInstance: instance.start,
    hand_over_actions.LaunchStandby: launch.launch_standby,
    hand_over_actions.DiscardStandby: hand_over.discard_standby,
    hand_over_actions.AttachNetworkInterface: hand_over.attach,
    hand_over_actions.MoveNetworkInterface: hand_over.move,
    hand_over_actions.PromoteStandby: hand_over.promote,
    hand_over_actions.TerminatePreviousInstance: hand_over.terminate_previous,
    ownership_actions.AbandonIntent: ownership.abandon_intent,
    ownership_actions.RemoveOwnTags: ownership.remove_own_tags,
    ownership_actions.PutBackDeleteOnTermination: ownership.put_back_delete_on_termination,
    ownership_actions.CancelSpotRequest: ownership.cancel_spot_request,
    ownership_actions.SetOwnTags: ownership.set_own_tags,
}


NEED_INTERFACE = ("resume", "elastic_ip")
"""The goals whose modules, called on their own, take the interface for granted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A phase, and the goal that it serves on its own, outside of an operation."""

    phase: actions.Phase
    goal: Goal
    release: bool = False
    wait_for: str = "running"


async def carry_out_step(nodes: Sequence[Node], step: Step, operation_id: str | None) -> None:
    """Carry the step out for every node; a node that fails says so in `failure` and leaves the others alone."""
    async with told(nodes, step.phase, step.goal):
        await asyncio.gather(*(_guarded(node, step, operation_id) for node in nodes))
    await look_again([node for node in nodes if node.done or node.failure])


async def look_again(nodes: Sequence[Node]) -> None:
    """Bring what is known of the nodes up to date, in one round of reads."""
    if not nodes:
        return
    seen = await observe(nodes[0].context, [node.record for node in nodes])
    for node in nodes:
        node.observed = seen[node.name]


async def _guarded(node: Node, step: Step, operation_id: str | None) -> None:
    try:
        await (_inside(node, step, operation_id) if operation_id else _alone(node, step))
    except EXPECTED as error:
        node.failure = _failure(node, step, error)
        node.tell(f"failed in phase {node.failure.phase}: {node.failure.code}", "failed")


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


def predict_step(nodes: Sequence[Node], step: Step, operation_id: str | None) -> None:
    """Note as done what `carry_out_step` would do, over the state that the operation's earlier phases would leave."""
    for node in nodes:
        record, operation = _as_inside(node, operation_id)
        try:
            check_free(node.record, take_over=bool(operation), now=node.context.clock.now(), table=node.context.table)
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
    check_free(record, take_over=False, now=context.clock.now(), table=context.table)
    planned = plan_step(node, step, None, replace(record, operation=None))
    if not (planned.actions or not planned.settled or record.operation or record.intent):
        node.tell(stage="reached")
        return
    operation = step.goal
    await acquire(node, operation=operation, operation_id=new_operation_id(), take_over=False)
    node.done += [action for action in planned.actions if action.phase == "record"]
    try:
        await _work(node, step, step.goal)
    except BaseException:
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
            await _apply(node, step, goal)
        except EXPECTED as error:
            with suppress(*EXPECTED):
                await node.save_operation(error=_failure(node, step, error))
            raise


async def _apply(node: Node, step: Step, goal: Goal) -> None:
    clock = node.context.clock
    started = clock.monotonic()
    for action in await _plan_phase(node, step, goal):
        await HANDLERS[type(action)](node, action)
        node.done.append(action)
    await _settle(node, step, goal)
    node.timings[step.phase] = clock.monotonic() - started
    operation = node.record.operation
    timings = {**(operation.timings if operation else {}), **node.timings}
    ended = {**(operation.phases_ended_at if operation else {}), step.phase: clock.now()}
    identity = back_in_service(node.identity, clock.now()) if step.phase == "launch" else None
    done = _is_complete(step, goal, timings)
    await node.save_operation(identity=identity, timings=timings, phases_ended_at=ended, done=done, error=None)
    _tell_reached(node, step, goal)


def _tell_reached(node: Node, step: Step, goal: Goal) -> None:
    reached = phase_reached(node, step.phase, goal)
    node.tell(f"{reached}, {node.timings[step.phase]:.0f} s" if reached else "", "reached")


def _is_complete(step: Step, goal: Goal, timings: Mapping[str, float]) -> bool:
    """Whether that was the goal's last phase; before a record is forgotten, none of the others may be missing."""
    return PHASES[goal][-1] == step.phase and (goal != "delete" or set(PHASES[goal]) <= timings.keys())


async def _plan_phase(node: Node, step: Step, goal: Goal) -> tuple[actions.Action, ...]:
    await hand_over.catch_up(node)
    planned = _plan_own(node, step, goal)
    return _plan_own(node, step, goal) if await settle(node, step.phase, planned) else planned


def _plan_own(node: Node, step: Step, goal: Goal) -> tuple[actions.Action, ...]:
    planned = plan(node.record, node.observed, goal, release=step.release, only=step.phase)
    return planned.of_phase(step.phase)


def _keeps_instance(node: Node, goal: Goal) -> bool:
    """Whether an instance stays: kept by a delete, or one that this operation launched before it was cut off."""
    if goal == "delete":
        return not delete_choices(node.record).destroys
    newest_to_end = last_generation_to_end(node.record, goal)
    if _hands_over(node, goal):
        return True
    return node.open_intent("RunInstances") is not None or node.identity.instance_generation > newest_to_end


def _hands_over(node: Node, goal: Goal) -> bool:
    return goal == "replace" and hands_over(node.record, node.observed, last_generation_to_end(node.record, goal))


async def _settle(node: Node, step: Step, goal: Goal) -> None:
    """Wait for what the phase promises, and let the record catch up with EC2."""
    if step.phase == "interface":
        await addresses.record_unassigned(node)
    if step.phase == "elastic_ip" and not step.goal.endswith("_absent"):
        await elastic_ip.record_association(node)
    if not node.context.limits.wait:
        return
    if step.phase == "prelaunch" and (standby := node.identity.standby) and _hands_over(node, goal):
        await instance.wait_until_instance_runs(node, standby.instance_id, step.wait_for)
    if step.phase == "terminate" and not _keeps_instance(node, goal):
        await instance.wait_until_terminated(node)
    if step.phase == "launch":
        await instance.wait_until_running(node, step.wait_for)
        await instance.check_identity(node)
