# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One phase of an operation, carried out for one node: planned, applied, and waited for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..._core.actions import (
    address_change_actions,
    elastic_ip_actions,
    hand_over_actions,
    instance_actions,
    interface_actions,
    ownership_actions,
    private_address_actions,
    record_actions,
)
from ..._core.actions.base_action import Action, Phase
from ..._core.lifecycle.downtime import back_in_service
from ..._core.plan.plan_delete import delete_choices
from ..._core.plan.plan_hand_over import hands_over
from ..._core.plan.planner import PHASES, Goal, last_generation_to_end, plan_phase
from ..actions import address_change, addresses, elastic_ip, hand_over, instance, interface, launch, ownership
from ..actions.confirmation import confirm
from ..context.node import Node
from ..context.progress_reports import phase_reached
from .edited_intents import drop_edited_intent
from .intents import settle

HANDLERS: dict[type[Action], Callable[[Node, Any], Awaitable[None]]] = {
    interface_actions.CreateNetworkInterface: interface.create,
    interface_actions.DeleteNetworkInterface: interface.delete,
    address_change_actions.CreateNextInterface: address_change.create_next,
    address_change_actions.DiscardNextInterface: address_change.discard_next,
    address_change_actions.SwapInterface: address_change.swap,
    address_change_actions.DeletePreviousInterface: address_change.delete_previous,
    interface_actions.SetSecurityGroups: interface.set_security_groups,
    interface_actions.SetSourceDestCheck: interface.set_source_dest_check,
    interface_actions.SetAssociatePublicIpAddress: interface.set_associate_public_ip_address,
    interface_actions.KeepOnTermination: interface.keep_on_termination,
    interface_actions.SetTags: interface.set_tags,
    private_address_actions.AssignPrivateIpAddresses: addresses.assign_private_ip_addresses,
    private_address_actions.UnassignPrivateIpAddresses: addresses.unassign_private_ip_addresses,
    private_address_actions.AssignIpv6Addresses: addresses.assign_ipv6_addresses,
    private_address_actions.UnassignIpv6Addresses: addresses.unassign_ipv6_addresses,
    elastic_ip_actions.AllocateAddress: elastic_ip.allocate,
    elastic_ip_actions.AssociateAddress: elastic_ip.associate,
    elastic_ip_actions.DisassociateAddress: elastic_ip.disassociate,
    elastic_ip_actions.ReleaseAddress: elastic_ip.release,
    record_actions.SetDesired: instance.set_desired,
    instance_actions.ResolveLaunch: instance.resolve,
    instance_actions.TerminateInstance: instance.terminate,
    instance_actions.LaunchInstance: launch.launch,
    instance_actions.StartInstance: instance.start,
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A phase, and the goal that it serves on its own, outside of an operation.

    `leads_on` says that the same call goes on to another phase of the node.
    """

    phase: Phase
    goal: Goal
    release: bool = False
    wait_for: str = "running"
    leads_on: bool = False


async def carry_out(node: Node, step: Step, goal: Goal) -> None:
    """Carry the step's phase out for the goal, under an operation that holds the node."""
    clock = node.context.clock
    started = clock.monotonic()
    node.begin_wait()
    await drop_edited_intent(node)
    for action in await _plan_phase(node, step, goal):
        await confirm(node, action)
        await HANDLERS[type(action)](node, action)
        node.done.append(action)
    await _settle(node, step, goal)
    node.timings[step.phase] = clock.monotonic() - started
    await _note_end(node, step, goal)
    _tell_reached(node, step, goal)


async def _note_end(node: Node, step: Step, goal: Goal) -> None:
    operation, now = node.record.operation, node.context.clock.now()
    timings = {**(operation.timings if operation else {}), **node.timings}
    ended = {**(operation.phases_ended_at if operation else {}), step.phase: now}
    if step.leads_on:
        node.note_operation(timings=timings, phases_ended_at=ended)
        return
    identity = back_in_service(node.identity, now) if step.phase == "launch" else None
    done = _is_complete(step, goal, timings)
    await node.save_operation(identity=identity, timings=timings, phases_ended_at=ended, done=done, error=None)


def _tell_reached(node: Node, step: Step, goal: Goal) -> None:
    reached = phase_reached(node, step.phase, goal)
    text = f"{reached}, {node.timings[step.phase]:.0f} s" if reached else ""
    node.tell(text, None if step.leads_on else "reached")


def _is_complete(step: Step, goal: Goal, timings: Mapping[str, float]) -> bool:
    """Whether that was the goal's last phase; before a record is forgotten, none of the others may be missing."""
    return PHASES[goal][-1] == step.phase and (goal != "delete" or set(PHASES[goal]) <= timings.keys())


async def _plan_phase(node: Node, step: Step, goal: Goal) -> tuple[Action, ...]:
    await hand_over.catch_up(node)
    planned = _plan_own(node, step, goal)
    return _plan_own(node, step, goal) if await settle(node, step.phase, planned) else planned


def _plan_own(node: Node, step: Step, goal: Goal) -> tuple[Action, ...]:
    return plan_phase(node.record, node.observed, goal, step.phase, release=step.release)


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
        interface.note_applied(node)
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
