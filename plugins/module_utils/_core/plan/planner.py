# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: from what is recorded and what EC2 says to the actions that an operation consists of.

Pure functions. Each phase has a planner of its own, which yields actions from the state that the phases before it have
left. The plan of a whole operation is their fold: each phase is planned from what the actions before it lead to. A
module that carries out one phase plans that one from what there is, and check mode is a plan that nobody carries out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..actions.base_action import Action, Phase, predict
from ..actions.instance_actions import without_instance
from ..actions.record_actions import SetDesired
from ..actions.state import State
from ..model.observed import Observed
from ..model.record import Desired, Record
from .plan_address_change import kept_address_warnings, plan_delete_previous, plan_next
from .plan_adopt import plan_adopt
from .plan_delete import delete_warnings, plan_cancel_request, plan_delete
from .plan_elastic_ip import plan_elastic_ip, plan_elastic_ip_absent
from .plan_hand_over import hands_over, plan_standby, with_promotion
from .plan_instance import plan_launch, plan_resolution, plan_terminate
from .plan_interface import plan_interface, plan_interface_absent

Goal = Literal[
    "resume", "pause", "replace", "delete", "adopt", "interface", "elastic_ip", "interface_absent", "elastic_ip_absent"
]

PHASES: dict[Goal, tuple[Phase, ...]] = {
    "resume": ("interface", "elastic_ip", "launch"),
    "pause": ("terminate",),
    "replace": ("prelaunch", "terminate", "interface", "elastic_ip", "launch"),
    "delete": ("terminate", "elastic_ip", "interface"),
    "adopt": ("terminate", "interface", "elastic_ip"),
    "interface": ("interface",),
    "elastic_ip": ("elastic_ip",),
    "interface_absent": ("interface",),
    "elastic_ip_absent": ("elastic_ip",),
}
"""The phases of each goal, in the order in which they are carried out; the last one completes it."""

DESIRED: dict[str, Desired] = {"resume": "running", "pause": "paused", "replace": "running"}
"""What a node should be after an operation.

A resume says so when it begins: its node does not run, and one that should run and does not is shown as a drift and
brought up by `watch`. A pause says so when it terminates: its node runs until then, and has to be watched as before.
"""

ENDING: tuple[Goal, ...] = ("pause", "replace", "delete")
"""Operations that terminate the instance they have begun with. Before they act, the node is as it was before them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What has to be done, and what it leads to."""

    actions: tuple[Action, ...]
    #: Whether nothing that was begun earlier is still under way in EC2.
    settled: bool = True
    #: What a reader may not expect.
    warnings: tuple[str, ...] = ()

    def of_phase(self, phase: Phase) -> tuple[Action, ...]:
        """Take the actions of one phase."""
        return tuple(action for action in self.actions if action.phase == phase)


def plan(record: Record, observed: Observed, goal: Goal, *, release: bool = False) -> Plan:
    """Plan how the node gets to the goal.

    `release` only concerns `elastic_ip_absent`: an address that was allocated for the node is given back to Amazon as
    well. Raises NodeError when the goal cannot be reached from here; nothing has been done then.
    """
    begun = State(*with_promotion(record, observed))
    state = begun
    planned = tuple(_plan_desired(state, goal)) if goal != "pause" else ()
    last_generation = last_generation_to_end(state.record, goal)
    for phase in PHASES[goal]:
        actions = tuple(_plan_phase(state, phase, goal, last_generation=last_generation, release=release))
        planned += actions
        state = predict(state, actions)
    return Plan(
        actions=planned,
        settled=goal != "delete" and not _is_moving(begun.record, begun.observed, goal),
        warnings=_warnings(begun, goal),
    )


def plan_phase(
    record: Record, observed: Observed, goal: Goal, phase: Phase, *, release: bool = False
) -> tuple[Action, ...]:
    """Plan one phase of the goal from what there is, now that the phases before it were carried out.

    Raises NodeError when the phase cannot be carried out.
    """
    state = State(*with_promotion(record, observed))
    last_generation = last_generation_to_end(state.record, goal)
    return tuple(_plan_phase(state, phase, goal, last_generation=last_generation, release=release))


def _plan_phase(state: State, phase: Phase, goal: Goal, *, last_generation: int, release: bool) -> Iterator[Action]:
    state = _as_ended(state, phase, goal, last_generation)
    record = state.record
    observed = state.observed
    if goal == "delete":
        yield from plan_delete(record, observed, phase)
    elif goal == "adopt":
        yield from (action for action in plan_adopt(record, observed) if action.phase == phase)
    elif goal == "interface_absent":
        yield from plan_interface_absent(record, observed)
    elif goal == "elastic_ip_absent":
        yield from plan_elastic_ip_absent(record, observed, release=release)
    elif phase == "prelaunch":
        yield from _plan_prelaunch(state, last_generation)
    elif phase == "terminate":
        yield from _plan_terminate(state, goal, last_generation)
    elif phase == "interface":
        yield from plan_next(record, observed, "interface")
        yield from plan_interface(record, observed)
    elif phase == "elastic_ip":
        yield from plan_elastic_ip(record, observed)
    elif phase == "launch":
        yield from plan_launch(record, observed, last_generation=last_generation if goal == "replace" else None)
        yield from plan_delete_previous(record, "launch")


def _plan_prelaunch(state: State, last_generation: int) -> Iterator[Action]:
    if hands_over(state.record, state.observed, last_generation):
        yield from plan_standby(state.record, state.observed, last_generation, "prelaunch")


def _plan_terminate(state: State, goal: Goal, last_generation: int) -> Iterator[Action]:
    """Plan the end of the instance, unless it hands over; what a change of address leads to is made before that."""
    record = state.record
    observed = state.observed
    ending: tuple[Action, ...] = ()
    if not _hands_over(state, goal, last_generation):
        ending = tuple(plan_terminate(record, observed, last_generation))
    resolution = tuple(action for action in plan_resolution(record, last_generation) if action in ending)
    yield from resolution
    yield from plan_next(record, observed, "terminate")
    yield from plan_cancel_request(record)
    yield from ending[len(resolution) :]
    if goal == "pause":
        yield from _plan_desired(state, goal)


def _hands_over(state: State, goal: Goal, last_generation: int) -> bool:
    return goal == "replace" and hands_over(state.record, state.observed, last_generation)


def _as_ended(state: State, phase: Phase, goal: Goal, last_generation: int) -> State:
    """Show the node as a replace's phase `terminate` leaves it, although EC2 may show the instance a while longer."""
    is_later = goal == "replace" and phase in ("interface", "elastic_ip", "launch")
    is_kept = state.identity.instance_generation > last_generation or _hands_over(state, goal, last_generation)
    if not is_later or is_kept:
        return state
    return without_instance(state).with_observed(standby=None, previous=None)


def last_generation_to_end(record: Record, goal: Goal) -> int:
    """Say up to which generation instances are to be terminated.

    Inside an operation it is the one that the operation began with: an instance that the same replace launched before
    it was cut off stays. Otherwise it is the newest there is.
    """
    for cut_off in (record.operation, record.unfinished):
        if goal == "replace" and cut_off and cut_off.operation == "replace":
            return cut_off.from_generation
    return record.identity.generation


def _plan_desired(state: State, goal: Goal) -> Iterator[Action]:
    desired = DESIRED.get(goal)
    if desired is None or desired == state.record.desired:
        return
    yield SetDesired(phase="terminate" if goal == "pause" else "record", desired=desired)


def _warnings(state: State, goal: Goal) -> tuple[str, ...]:
    if goal == "delete":
        return delete_warnings(state.record)
    return kept_address_warnings(state.record, state.observed, goal)


def _is_moving(record: Record, observed: Observed, goal: Goal) -> bool:
    """Whether EC2 is still busy with what the goal is about."""
    if goal == "pause":
        interface = observed.network_interface
        # An instance that is still recorded has not been seen to end.
        return bool(record.identity.instance_id or (interface and not interface.is_available))
    if goal in ("resume", "replace"):
        return bool(observed.instance and observed.instance.state == "pending")
    return False
