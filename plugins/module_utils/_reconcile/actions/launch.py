# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Launching: one candidate after the other, each launch written down before it is made.

A generation has at most one instance. A candidate that EC2 refuses leaves the generation to the next one; an instance
that was accepted and died has used its generation up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from ..._aws.api.parameters import run_instances_apart_parameters, run_instances_parameters
from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import (
    is_capacity,
    is_capacity_reason,
    is_dead_token,
    is_in_use,
    is_refusal,
    is_token_mismatch,
)
from ..._core.configuration.candidates import wording
from ..._core.configuration.options import public_config
from ..._core.model.config import Candidate
from ..._core.model.identity import LaunchAttempt
from ..._core.model.node_error import NodeError
from ..._core.model.observed import GOING_STATES, Instance
from ..._core.model.record import Intent
from ..._core.plan import actions, hand_over_actions
from ..context.node import Node
from ..context.pools import PoolRefusedError
from .attachment import free_interface
from .capacity import remaining
from .launch_outcome import find_apart, find_on_interface, look_for_launched, note_launch

Role: TypeAlias = Literal["standby"] | None
"""What an instance is launched for: to take the place of the node's own, or to be it."""

BETWEEN_LAUNCHES = 0.5
"""Seconds between two launches on an interface that EC2 said was in use and then showed as available."""

SPENT_TOKENS = 3
"""How many tokens in a row may stand for instances that have ended before something is held to be wrong."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """EC2 had no capacity. `reuse_generation` says that no instance has used up the generation that is the node's."""

    attempt: LaunchAttempt
    reuse_generation: bool


async def launch(node: Node, action: actions.LaunchInstance) -> None:
    """Launch the node's instance, by the first candidate that EC2 has capacity for.

    Raises NodeError with the reason of every candidate when there is none.
    """
    if not node.open_intent("RunInstances") and node.record.wanted.handover != "prelaunch":
        await free_interface(node)
    await _launch(node, action.candidates, None)


async def launch_standby(node: Node, action: hand_over_actions.LaunchStandby) -> None:
    """Launch an instance beside the node's own, which stays as it is whatever comes of that. Raises as launch does."""
    await _launch(node, action.candidates, "standby")


async def _launch(node: Node, candidates: tuple[Candidate, ...], role: Role) -> None:
    if not node.open_intent("RunInstances"):
        # Written with the intent: until that there is nothing that they would be taken for.
        node.record = replace(node.record, identity=replace(node.identity, launch_attempts=()))
    reuse_generation = False
    left = await remaining(node, candidates)
    for candidate in left:
        is_last = candidate == left[-1]
        outcome = await _try(node, candidate, role, reuse_generation=reuse_generation, is_last=is_last)
        if isinstance(outcome, Instance):
            return
        reuse_generation = outcome.reuse_generation
    await node.save(intent=None)
    raise _no_capacity(node, role)


async def _try(
    node: Node, candidate: Candidate, role: Role, *, reuse_generation: bool, is_last: bool
) -> Instance | _Refused:
    """Launch by a candidate; another node's refusal speaks for this one, too, unless it is the last candidate."""
    intent = node.open_intent("RunInstances")
    if not intent or intent.candidate != candidate:
        generation = node.identity.generation + (not reuse_generation)
        try:
            intent = await _intend(node, candidate, role, generation, is_asked_anyway=is_last)
        except PoolRefusedError as known:
            attempt = await _note_refusal(node, candidate, known.code, known.message)
            return _Refused(attempt, reuse_generation)
    node.tell(f"launching {wording(candidate)}")
    instance = await _run(node, intent, candidate, role)
    if isinstance(instance, _Refused):
        return instance
    return await _outlive_pending(node, intent, candidate, instance, role)


async def _intend(
    node: Node, candidate: Candidate, role: Role, generation: int, *, is_asked_anyway: bool = True
) -> Intent:
    apart = role == "standby" or node.record.wanted.handover == "prelaunch"
    compose = run_instances_apart_parameters if apart else run_instances_parameters
    parameters = compose(node.context.table, node.record, generation, candidate)
    intent = Intent(
        action="RunInstances", token=parameters["ClientToken"], parameters=parameters, number=generation,
        candidate=candidate, role=role, launch=public_config(node.record.wanted)["launch"], config=node.record.wanted,
    )  # fmt: skip
    async with node.ec2.reserve(intent.action):
        if not is_asked_anyway:
            node.context.pools.check(parameters)
        await node.save(intent=intent, generation=generation)
    return intent


async def _run(node: Node, intent: Intent, candidate: Candidate, role: Role) -> Instance | _Refused:
    """Make the launch that the intent says, and write down what came of it."""
    first = node.written is intent
    if not first and (launched := await find_apart(node, intent)):
        await note_launch(node, intent, launched)
        return launched
    for _spent in range(SPENT_TOKENS):
        try:
            instance = await _run_when_free(node, intent)
        except AwsError as error:
            if _may_have_launched(error, first=first) and (launched := await look_for_launched(node, intent)):
                await note_launch(node, intent, launched)
                return launched
            if is_capacity(error):
                node.context.pools.note_refusal(node.name, intent.parameters, error.code, error.message)
                attempt = await _note_refusal(node, candidate, error.code, error.message)
                return _Refused(attempt, reuse_generation=True)
            if not (is_dead_token(error) or is_token_mismatch(error)):
                if is_refusal(error, first=first):
                    await node.save(intent=None)
                raise
        else:
            if first or not _is_spent(instance):
                await note_launch(node, intent, instance)
                return instance
        # The token is spent: the same launch has a generation, and so a token, of its own.
        intent, first = await _intend(node, candidate, role, node.identity.generation + 1), True
    raise NodeError("IdempotentInstanceTerminated", f"{node.name}: {SPENT_TOKENS} launches in a row had ended.")


def _may_have_launched(error: AwsError, *, first: bool) -> bool:
    """Whether an earlier attempt, of which this refusal tells nothing, may have launched the instance."""
    return (error.repeated or not first) and is_refusal(error) and not is_dead_token(error)


def _is_spent(instance: Instance) -> bool:
    """Whether a token stands for an instance that has ended since, which EC2 may return in place of an error."""
    return instance.state in ("terminated", *GOING_STATES) and not is_capacity_reason(instance.state_reason)


async def _run_when_free(node: Node, intent: Intent) -> Instance:
    while True:
        try:
            return await node.ec2.run_instances(intent.parameters)
        except AwsError as error:
            # The interface is the mutex: look who has it, and wait only for one that is on its way out.
            if not is_in_use(error) or node.context.clock.monotonic() >= node.context.deadline:
                raise
        if launched := await find_on_interface(node, intent):
            return launched
        await free_interface(node)
        await node.context.clock.sleep(BETWEEN_LAUNCHES)


async def _note_refusal(node: Node, candidate: Candidate, code: str, message: str) -> LaunchAttempt:
    attempt = LaunchAttempt(instance_type=candidate.instance_type, market=candidate.market, code=code, message=message)
    await node.save_identity(launch_attempts=(*node.identity.launch_attempts, attempt))
    node.tell(f"{wording(attempt)}: {code}")
    return attempt


async def _outlive_pending(
    node: Node, intent: Intent, candidate: Candidate, instance: Instance, role: Role
) -> Instance | _Refused:
    """Wait until the launch has held: an accepted instance may still die in pending, with EC2's reason."""
    if not node.context.limits.wait:
        return instance
    seen = await node.context.instances.wait_until(
        instance.instance_id,
        lambda seen: seen is not None and seen.state not in ("pending", *GOING_STATES),
        node.context.deadline,
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
    if not is_capacity_reason(code):
        raise NodeError(code, f"{node.name}: instance {seen.instance_id} died before it ran: {message}")
    node.context.pools.note_refusal(node.name, intent.parameters, code, message)
    return _Refused(died, reuse_generation=False)


def _no_capacity(node: Node, role: Role) -> NodeError:
    tried = "; ".join(
        f"{attempt.instance_type or 'the launch template'} {attempt.market}: {attempt.code}: {attempt.message}"
        for attempt in node.identity.launch_attempts
    )
    kept = f" Instance {node.identity.instance_id} stays as it is." if role else ""
    return NodeError("NoCapacity", f"{node.name}: no candidate could be launched. {tried}{kept}", action="RunInstances")
