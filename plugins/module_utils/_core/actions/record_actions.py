# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions that change the record alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..model.record import Desired
from .base_action import Action, Phase
from .state import State


@dataclass(frozen=True, kw_only=True, slots=True)
class SetDesired(Action):
    """Write down what the node should be from now on: `running` or `paused`.

    `running` is written when a resume begins (phase `record`), `paused` with the first termination of a pause, or at
    the end of its phase `terminate` where there is nothing to terminate.
    """

    phase: Phase = "record"
    action: ClassVar[str] = "set_desired"
    desired: Desired

    def after(self, state: State) -> State:
        """The record has the new state."""
        return state.with_record(desired=self.desired)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateRecord(Action):
    """Write the node down."""

    phase: Phase = "record"
    action: ClassVar[str] = "create_record"

    def after(self, state: State) -> State:
        """Nothing changes: a plan is made from the record that is to be written."""
        return state


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteRecord(Action):
    """Forget the node."""

    phase: Phase = "record"
    action: ClassVar[str] = "delete_record"

    def after(self, state: State) -> State:
        """Nothing changes: it is the last action, and there is no state without a record."""
        return state
