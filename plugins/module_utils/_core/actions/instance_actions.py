# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions on the instance under the node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ..model.config import Candidate
from ..model.identity import RecordedInstance
from ..model.observed import Attachment, Instance
from .base_action import Action, Phase
from .state import State, Unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolveLaunch(Action):
    """Find out whether an interrupted launch was made, by making it again with its token, and end what it made."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "resolve_launch"
    generation: int

    def after(self, state: State) -> State:
        """No launch is open, and there is no instance."""
        return without_instance(state.without_intent("RunInstances"))


@dataclass(frozen=True, kw_only=True, slots=True)
class TerminateInstance(Action):
    """Terminate the node's instance; its interface stays."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "terminate_instance"
    instance_id: str

    def after(self, state: State) -> State:
        """There is no instance, and the interface is available."""
        return without_instance(state)


def without_instance(state: State) -> State:
    """Predict the node once its instance has ended: its interface, which was kept, is available."""
    ended = state.with_identity(instance=None).with_observed(instance=None, holder=None)
    return ended.with_interface(status="available", attachment=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchInstance(Action):
    """Launch an instance on the interface, trying the candidates in order."""

    phase: Phase = "launch"
    action: ClassVar[str] = "launch_instance"
    candidates: tuple[Candidate, ...]
    network_interface_id: str | None

    def after(self, state: State) -> State:
        """An instance of the next generation runs; the interface is on it unless it is attached later."""
        recorded, instance = new_instance(state, self.candidates)
        intent = state.intent_of("RunInstances")
        is_attached_later = intent.has_disposable_interface if intent else state.record.wanted.handover == "prelaunch"
        if is_attached_later:
            recorded = replace(recorded, device_index=1)
        launched = state.without_intent("RunInstances").with_observed(instance=instance)
        launched = launched.with_identity(instance=recorded, generation=recorded.generation)
        return launched if is_attached_later else with_holder(launched, instance, device_index=0)


def new_instance(state: State, candidates: tuple[Candidate, ...]) -> tuple[RecordedInstance, Instance]:
    """Predict an instance that a launch makes: as the record has it, and as EC2 shows it.

    A launch that was interrupted has its generation already.
    """
    intent = state.intent_of("RunInstances")
    generation = intent.number if intent else state.identity.generation + 1
    candidate = candidates[0]
    recorded = RecordedInstance(
        instance_id=Unknown(f"instance {generation}"),
        generation=generation,
        instance_type=candidate.instance_type,
        market=candidate.market,
    )
    instance = Instance(
        instance_id=recorded.instance_id,
        state="running",
        instance_type=candidate.instance_type or Unknown("instance type of the launch template"),
        market=candidate.market,
    )
    return recorded, instance


def with_holder(state: State, instance: Instance, *, device_index: int) -> State:
    """Predict the node with its interface attached to an instance."""
    attachment = Attachment(
        attachment_id=Unknown(f"attachment to {instance.instance_id}"),
        instance_id=instance.instance_id,
        device_index=device_index,
        delete_on_termination=False,
    )
    return state.with_interface(status="in-use", attachment=attachment).with_observed(holder=instance)


@dataclass(frozen=True, kw_only=True, slots=True)
class StartInstance(Action):
    """Start the node's instance, which was stopped."""

    phase: Phase = "launch"
    action: ClassVar[str] = "start_instance"
    instance_id: str

    def after(self, state: State) -> State:
        """The instance runs."""
        instance = state.observed.instance
        if instance is None:
            return state
        running = replace(instance, state="running")
        holder = state.observed.holder
        if holder and holder.instance_id == running.instance_id:
            state = state.with_observed(holder=running)
        return state.with_observed(instance=running)
