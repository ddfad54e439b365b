# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One RunInstances call: written down before it is made, and its outcome written down when it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..._aws.api.parameters import run_instances_apart_parameters, run_instances_parameters
from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import (
    is_about_candidate,
    is_capacity,
    is_dead_token,
    is_in_use,
    is_launch_fault,
    is_profile_not_visible,
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
from ..context.node import Node
from .attachment import free_interface
from .launch_outcome import find_apart, find_on_interface, look_for_launched, note_launch

Role: TypeAlias = Literal["standby"] | None
"""What an instance is launched for: to take the place of the node's own, or to be it."""

LONGEST_PAUSE = 15.0
"""Seconds between two launches that EC2 refuses for a reason that passes, at most; the first pause is one second."""

PATIENCE = 120.0
"""Seconds for which such a launch is tried again, before the next candidate is.

An interface may stay in use after a launch that EC2 refused for want of capacity, on no instance
(https://github.com/openshift/cluster-network-operator/issues/1675). An instance profile is visible to EC2 up to two
minutes after it was created (https://github.com/hashicorp/terraform/issues/15341).
"""

SPENT_TOKENS = 3
"""How many tokens in a row may stand for instances that have ended before something is held to be wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A candidate that could not be launched, while another one may be.

    `reuse_generation` says that no instance has used up the node's generation. `error` is what EC2 answered; None where
    it was not asked, or where the instance terminated while pending.
    """

    attempt: LaunchAttempt
    reuse_generation: bool = True
    error: AwsError | None = None


async def intend(
    node: Node, candidate: Candidate, role: Role, generation: int, *, is_asked_anyway: bool = True
) -> Intent:
    """Write down the launch that is made next, when EC2's rate of launches lets it through.

    Raises PoolRefusedError, with nothing written down, when a launch like it was refused a moment ago; not when
    `is_asked_anyway`.
    """
    apart = role == "standby" or node.record.wanted.handover == "prelaunch"
    compose = run_instances_apart_parameters if apart else run_instances_parameters
    parameters = compose(node.context.table, node.record, generation, candidate)
    intent = Intent(
        action="RunInstances",
        token=parameters["ClientToken"],
        parameters=parameters,
        number=generation,
        candidate=candidate,
        role=role,
        launch=public_config(node.record.wanted)["launch"],
        config=node.record.wanted,
    )
    async with node.ec2.reserve(intent.action):
        if not is_asked_anyway:
            node.context.pools.check(parameters)
        await node.save(intent=intent, generation=generation)
    node.begin_wait()
    return intent


async def run(node: Node, intent: Intent, candidate: Candidate, role: Role) -> Instance | Refused:
    """Make the launch that the intent says, and write down what came of it.

    Raises AwsError for a refusal that another candidate would get as well, or when the outcome is not known.
    """
    first = node.written is intent
    if not first and (launched := await find_apart(node, intent)):
        await note_launch(node, intent, launched)
        return launched

    for _spent in range(SPENT_TOKENS):
        try:
            instance = await _run_when_possible(node, intent)
        except AwsError as error:
            if _may_have_launched(error, first=first) and (launched := await look_for_launched(node, intent)):
                await note_launch(node, intent, launched)
                return launched
            if not (is_dead_token(error) or is_token_mismatch(error)):
                return await _refused(node, intent, candidate, error, first=first)
        else:
            if first or not _is_spent(instance):
                await note_launch(node, intent, instance)
                return instance
        # The token is spent: the same launch has a generation, and so a token, of its own.
        intent = await intend(node, candidate, role, node.identity.generation + 1)
        first = True

    raise NodeError("IdempotentInstanceTerminated", f"{node.name}: {SPENT_TOKENS} launches in a row had ended.")


async def note_refusal(node: Node, candidate: Candidate, code: str, message: str) -> LaunchAttempt:
    """Write down that a candidate was not launched, and why."""
    attempt = LaunchAttempt(instance_type=candidate.instance_type, market=candidate.market, code=code, message=message)
    await node.save_identity(launch_attempts=(*node.identity.launch_attempts, attempt))
    node.tell(f"{wording(attempt)}: {code}")
    return attempt


async def _refused(node: Node, intent: Intent, candidate: Candidate, error: AwsError, *, first: bool) -> Refused:
    """Note a refusal after which another candidate may do. Raises any other."""
    if is_capacity(error):
        node.context.pools.note_refusal(node.name, intent.parameters, error.code, error.message)
    elif not (is_about_candidate(error) or is_in_use(error)):
        if is_refusal(error, first=first):
            await node.save(intent=None)
        raise error
    attempt = await note_refusal(node, candidate, error.code, error.message)
    return Refused(attempt=attempt, error=error)


def _may_have_launched(error: AwsError, *, first: bool) -> bool:
    """Whether an earlier attempt, of which this refusal tells nothing, may have launched the instance."""
    return (error.repeated or not first) and is_refusal(error) and not is_dead_token(error)


def _is_spent(instance: Instance) -> bool:
    """Whether a token stands for an instance that has ended since, which EC2 may return in place of an error."""
    return instance.state in ("terminated", *GOING_STATES) and not is_launch_fault(instance.state_reason)


async def _run_when_possible(node: Node, intent: Intent) -> Instance:
    """Make the call; try it again for a while when EC2's reason passes: the interface is in use, the profile is new."""
    clock = node.context.clock
    deadline = min(node.deadline, clock.monotonic() + PATIENCE)
    pause = 1.0
    while True:
        try:
            return await node.ec2.run_instances(intent.parameters)
        except AwsError as error:
            if not _may_pass(error) or clock.monotonic() >= deadline:
                raise
            launched = await _look_at_holder(node, intent) if is_in_use(error) else None
        if launched:
            return launched
        await clock.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _may_pass(error: AwsError) -> bool:
    return is_in_use(error) or is_profile_not_visible(error)


async def _look_at_holder(node: Node, intent: Intent) -> Instance | None:
    """Find this launch's own instance on the interface; wait for another one only if it is on its way out.

    Raises NodeError when a live instance holds the interface that is not the node's.
    """
    if launched := await find_on_interface(node, intent):
        return launched
    await free_interface(node)
    return None
