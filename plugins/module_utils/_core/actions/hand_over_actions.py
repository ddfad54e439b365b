# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions by which a node's interface comes to an instance that runs already, and moves on to the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ..model.config import Candidate
from ..model.identity import promoted
from .base_action import Action, Phase
from .instance_actions import new_instance, with_holder
from .state import State


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchStandby(Action):
    """Launch an instance in addition to the node's own, to take its place, trying the candidates in order."""

    phase: Phase = "prelaunch"
    action: ClassVar[str] = "launch_standby"
    candidates: tuple[Candidate, ...]

    def after(self, state: State) -> State:
        """A standby of the next generation runs, without the interface."""
        recorded, instance = new_instance(state, self.candidates)
        standby = replace(recorded, device_index=1)
        launched = state.without_intent("RunInstances").with_identity(standby=standby, generation=standby.generation)
        return launched.with_observed(standby=instance)


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscardStandby(Action):
    """Terminate an instance that was to take the place of the node's own, and will not."""

    phase: Phase = "launch"
    action: ClassVar[str] = "discard_standby"
    instance_id: str | None

    def after(self, state: State) -> State:
        """There is no standby, and no launch of one is open."""
        intent = state.intent_of("RunInstances")
        if intent and intent.role == "standby":
            state = state.with_record(intent=None)
        return state.with_identity(standby=None).with_observed(standby=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachNetworkInterface(Action):
    """Attach the interface to the node's running instance, next to the one that it was launched with."""

    phase: Phase = "launch"
    action: ClassVar[str] = "attach_network_interface"
    network_interface_id: str | None
    #: None for the instance that was launched before.
    instance_id: str | None
    device_index: int = 1

    def after(self, state: State) -> State:
        """The node's instance has the interface."""
        instance = state.observed.instance
        return with_holder(state, instance, device_index=self.device_index) if instance else state


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveNetworkInterface(Action):
    """Detach the interface from the node's instance and attach it to the standby."""

    phase: Phase = "launch"
    action: ClassVar[str] = "move_network_interface"
    network_interface_id: str | None
    from_instance_id: str | None
    instance_id: str | None
    device_index: int = 1

    def after(self, state: State) -> State:
        """The standby has the interface."""
        standby = state.observed.standby
        return with_holder(state, standby, device_index=self.device_index) if standby else state


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoteStandby(Action):
    """Make the standby, which has the interface, the node's instance: one conditional write."""

    phase: Phase = "launch"
    action: ClassVar[str] = "promote_standby"
    instance_id: str | None
    replaces: str | None

    def after(self, state: State) -> State:
        """The standby is the node's instance, and the one before is still to be terminated."""
        seen = state.observed
        promotion = state.with_record(identity=promoted(state.identity))
        return promotion.with_observed(instance=seen.standby, standby=None, previous=seen.instance)


@dataclass(frozen=True, kw_only=True, slots=True)
class TerminatePreviousInstance(Action):
    """Terminate the instance whose place was taken."""

    phase: Phase = "launch"
    action: ClassVar[str] = "terminate_previous_instance"
    instance_id: str | None

    def after(self, state: State) -> State:
        """There is no previous instance."""
        return state.with_identity(previous_instance=None).with_observed(previous=None)
