# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Launching: one candidate after the other, each launch written down before it is made.

A generation has at most one instance. A candidate that EC2 refuses leaves the generation to the next one; an instance
that was accepted and died has used its generation up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..._aws.calls.error_codes import ABOUT_CANDIDATE, is_launch_fault
from ..._core.actions import hand_over_actions, instance_actions
from ..._core.configuration.candidates import NOT_OFFERED, wording
from ..._core.model.config import Candidate
from ..._core.model.identity import LaunchAttempt
from ..._core.model.node_error import NodeError
from ..._core.model.observed import GOING_STATES, Instance
from ..._core.model.record import Intent
from ..context.node import Node
from ..context.pools import PoolRefusedError
from .attachment import free_interface
from .capacity import remaining
from .launch_call import Refused, Role, intend, note_refusal, run


async def launch(node: Node, action: instance_actions.LaunchInstance) -> None:
    """Launch the node's instance, by the first candidate that EC2 launches.

    Raises NodeError with the reason of every candidate when there is none, AwsError when the reason is not one that
    another candidate may not have.
    """
    if not node.open_intent("RunInstances") and node.record.wanted.handover != "prelaunch":
        await free_interface(node)
    await _launch(node, action.candidates, None)


async def launch_standby(node: Node, action: hand_over_actions.LaunchStandby) -> None:
    """Launch an instance in addition to the node's own, which stays as it is in any case. Raises as launch does."""
    await _launch(node, action.candidates, "standby")


async def _launch(node: Node, candidates: tuple[Candidate, ...], role: Role) -> None:
    if not node.open_intent("RunInstances"):
        # Written with the intent: until that there is nothing that they would be taken for.
        node.record = replace(node.record, identity=replace(node.identity, launch_attempts=()))
    reuse_generation = False
    left = await remaining(node, candidates)
    refused: list[Refused] = []
    for candidate in left:
        is_last = candidate == left[-1]
        outcome = await _try(node, candidate, role, reuse_generation=reuse_generation, is_last=is_last)
        if isinstance(outcome, Instance):
            return
        reuse_generation = outcome.reuse_generation
        refused.append(outcome)
    await node.save(intent=None)
    raise _nothing_launched(node, role, refused)


async def _try(
    node: Node, candidate: Candidate, role: Role, *, reuse_generation: bool, is_last: bool
) -> Instance | Refused:
    """Launch by a candidate; another node's refusal speaks for this one, too, unless it is the last candidate."""
    intent = node.open_intent("RunInstances")
    if not intent or intent.candidate != candidate:
        generation = node.identity.generation + (not reuse_generation)
        try:
            intent = await intend(node, candidate, role, generation, is_asked_anyway=is_last)
        except PoolRefusedError as known:
            attempt = await note_refusal(node, candidate, known.code, known.message)
            return Refused(attempt=attempt, reuse_generation=reuse_generation)
    node.tell(f"launching {wording(candidate)}")
    instance = await run(node, intent, candidate, role)
    if isinstance(instance, Refused):
        return instance
    return await _outlive_pending(node, intent, candidate, instance, role)


async def _outlive_pending(
    node: Node, intent: Intent, candidate: Candidate, instance: Instance, role: Role
) -> Instance | Refused:
    """Wait until the launch has held: an accepted instance may still die in pending, with EC2's reason."""
    if not node.context.limits.wait:
        return instance
    seen = await node.context.instances.wait_until(
        instance.instance_id,
        lambda seen: seen is not None and seen.state not in ("pending", *GOING_STATES),
        node.deadline,
    )
    node.observed = replace(node.observed, standby=seen) if role else replace(node.observed, instance=seen)
    if seen is None or seen.is_live:
        return seen or instance
    code, message = seen.state_reason or "InstanceEnded", seen.state_reason_message or "no reason given"
    node.tell(f"instance {seen.instance_id} died before it ran: {code}", "queued")
    if not role and not intent.has_disposable_interface:
        await free_interface(node)
    died = LaunchAttempt(instance_type=seen.instance_type, market=candidate.market, code=code, message=message)
    attempts = (*node.identity.launch_attempts[:-1], died)
    gone = "standby" if role else "instance"
    await node.save(intent=None, launch_attempts=attempts, **{gone: None})
    if not is_launch_fault(code):
        raise NodeError(code, f"{node.name}: instance {seen.instance_id} died before it ran: {message}")
    node.context.pools.note_refusal(node.name, intent.parameters, code, message)
    return Refused(attempt=died, reuse_generation=False)


def _nothing_launched(node: Node, role: Role, refused: Sequence[Refused]) -> Exception:
    """Say why no candidate was launched: for want of capacity, or since EC2 launches none of them as configured."""
    attempts = node.identity.launch_attempts
    if len(attempts) == 1 and refused[0].error and _must_be_corrected(attempts[0]):
        return refused[0].error
    told = "; ".join(_told(attempt) for attempt in attempts)
    kept = f" Instance {node.identity.instance_id} stays as it is." if role else ""
    message = f"{node.name}: no candidate could be launched. {told}{kept}"
    asked = [attempt for attempt in attempts if attempt.code != NOT_OFFERED]
    if asked and all(_must_be_corrected(attempt) for attempt in asked):
        return NodeError(asked[0].code or "", message, action="RunInstances", retry="after_correction")
    return NodeError("NoCapacity", message, action="RunInstances")


def _must_be_corrected(attempt: LaunchAttempt) -> bool:
    """Whether EC2 will refuse the attempt again, however much capacity there is."""
    return attempt.code in ABOUT_CANDIDATE


def _told(attempt: LaunchAttempt) -> str:
    return f"{attempt.instance_type or 'the launch template'} {attempt.market}: {attempt.code}: {attempt.message}"
