# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: from what is recorded and what EC2 says to the actions that an operation consists of.

Pure functions. A plan covers the whole operation, each action labelled with its phase: a module that carries out one
phase takes that part, and check mode is a plan that nobody carries out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from ..model.identity import RecordedInterface, without_association
from ..model.observed import Observed
from ..model.record import Desired, Record
from .actions import Action, DiscardNextInterface, Phase, ResolveLaunch, SetDesired, SwapInterface
from .plan_address_change import is_due, kept_address_warnings, plan_delete_previous, plan_next
from .plan_adopt import plan_adopt
from .plan_delete import delete_warnings, plan_cancel_request, plan_delete
from .plan_elastic_ip import plan_elastic_ip, plan_elastic_ip_absent
from .plan_hand_over import caught_up, hands_over, plan_standby, standby_intent
from .plan_instance import plan_launch, plan_terminate
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
    """What has to be done. `settled` is false while something that was begun earlier is still under way in EC2.

    `warnings` say what a reader may not expect.
    """

    actions: tuple[Action, ...]
    settled: bool = True
    warnings: tuple[str, ...] = ()

    def of_phase(self, phase: Phase) -> tuple[Action, ...]:
        """Take the actions of one phase."""
        return tuple(action for action in self.actions if action.phase == phase)


def plan(record: Record, observed: Observed, goal: Goal, *, release: bool = False, only: Phase | None = None) -> Plan:
    """Plan how the node gets to the goal.

    `release` only concerns `elastic_ip_absent`: an address that we allocated is given back to Amazon as well. `only` is
    the one phase that is about to be carried out: what an earlier one was to prepare and has not belongs to it then.
    Raises NodeError when the goal cannot be reached from here; nothing has been done then.
    """
    record, observed = caught_up(record, observed)
    if goal == "delete":
        # As long as there is a record to plan for, the node is not deleted.
        return Plan(actions=plan_delete(record, observed), settled=False, warnings=delete_warnings(record))
    if goal == "adopt":
        return Plan(actions=plan_adopt(record, observed))
    if goal == "interface_absent":
        return Plan(actions=plan_interface_absent(record, observed))
    if goal == "elastic_ip_absent":
        return Plan(actions=plan_elastic_ip_absent(record, observed, release=release))
    return _plan_phases(record, observed, goal, only)


def _plan_phases(record: Record, observed: Observed, goal: Goal, only: Phase | None) -> Plan:
    upto = last_generation_to_end(record, goal)
    actions = () if goal == "pause" else _plan_desired(record, goal, "record")
    settled = not _is_moving(record, observed, goal)
    warnings = kept_address_warnings(record, observed, goal)
    hands = goal == "replace" and hands_over(record, observed, upto)
    for phase in PHASES[goal]:
        if phase == "prelaunch":
            actions += plan_standby(record, observed, upto, phase) if hands else ()
        elif phase == "terminate":
            ending = _plan_terminate(record, observed, upto, hands=hands)
            actions += ending
            actions += _plan_desired(record, goal, phase) if goal == "pause" else ()
            ended, observed = (record, observed) if hands else _without_instance(record, observed, upto)
            ended = _after_discard(ended, ending)
            # What is carried out by itself finds in the record what the phases before it have left there.
            record = ended if only is None else record
        elif phase == "launch":
            actions += _plan_launch(record, observed, upto if goal == "replace" else None, prepared=only is None)
        else:
            planned = _PLANNERS[phase](record, observed)
            actions += planned
            record, observed = _after_swap(record, observed, planned)
    return Plan(actions=actions, settled=settled, warnings=warnings)


def _plan_terminate(record: Record, observed: Observed, upto: int, *, hands: bool) -> tuple[Action, ...]:
    """Plan the end of the instance, unless it hands over; what a change of address leads to is made before that."""
    ending = () if hands else plan_terminate(record, observed, upto)
    resolution = tuple(action for action in ending if isinstance(action, ResolveLaunch))
    following = plan_next(record, observed, "terminate")
    return (*resolution, *following, *plan_cancel_request(record), *ending[len(resolution) :])


def _plan_interface(record: Record, observed: Observed) -> tuple[Action, ...]:
    # A replace makes the next interface before it terminates; one that leads nowhere may be known only now.
    made_before = _is_replacing(record) and is_due(record, observed)
    following = () if made_before else plan_next(record, observed, "interface")
    return (*following, *plan_interface(record, observed))


def _is_replacing(record: Record) -> bool:
    return record.operation is not None and record.operation.operation == "replace"


def _plan_launch(record: Record, observed: Observed, upto: int | None, *, prepared: bool) -> tuple[Action, ...]:
    launching = plan_launch(record, observed, upto=upto, prepared=prepared)
    return (*launching, *plan_delete_previous(record, "launch"))


_PLANNERS: dict[Phase, Callable[[Record, Observed], tuple[Action, ...]]] = {
    "interface": _plan_interface,
    "elastic_ip": plan_elastic_ip,
}


def last_generation_to_end(record: Record, goal: Goal) -> int:
    """Say up to which generation instances are to be terminated.

    Inside an operation it is the one that the operation began with: an instance that the same replace launched before
    it was cut off stays. Otherwise it is the newest there is.
    """
    for cut_off in (record.operation, record.unfinished):
        if goal == "replace" and cut_off and cut_off.operation == "replace":
            return cut_off.from_generation
    return record.identity.generation


def _plan_desired(record: Record, goal: Goal, phase: Phase) -> tuple[Action, ...]:
    desired = DESIRED.get(goal)
    if desired is None or desired == record.desired:
        return ()
    return (SetDesired(phase=phase, desired=desired),)


def _is_moving(record: Record, observed: Observed, goal: Goal) -> bool:
    """Whether EC2 is still busy with what the goal is about."""
    if goal == "pause":
        interface = observed.network_interface
        # An instance that is still recorded has not been seen to end.
        return bool(record.identity.instance_id or (interface and not interface.is_available))
    if goal in ("resume", "replace"):
        return bool(observed.instance and observed.instance.state == "pending")
    return False


def _without_instance(record: Record, observed: Observed, upto: int) -> tuple[Record, Observed]:
    """Predict the node once instances up to a generation are terminated."""
    if record.identity.instance_generation > upto:
        return record, observed
    interface = observed.network_interface
    freed = replace(interface, status="available", attachment=None) if interface else None
    ended = replace(record.identity, standby=None, previous_instance=None)
    intent = None if standby_intent(record) else record.intent
    seen = replace(observed, instance=None, holder=None, standby=None, previous=None, network_interface=freed)
    return replace(record, identity=ended, intent=intent), seen


def _after_discard(record: Record, planned: tuple[Action, ...]) -> Record:
    """Predict the node without a next interface that is deleted."""
    if not any(isinstance(action, DiscardNextInterface) for action in planned):
        return record
    return replace(record, identity=replace(record.identity, next_interface=None))


def _after_swap(record: Record, observed: Observed, planned: tuple[Action, ...]) -> tuple[Record, Observed]:
    """Predict the node on its next interface, of which nothing is seen yet."""
    swap = next((action for action in planned if isinstance(action, SwapInterface)), None)
    if swap is None:
        return record, observed
    addresses = (swap.private_ip_address,) if swap.private_ip_address else ()
    new_interface = RecordedInterface(
        network_interface_id=swap.network_interface_id or "", private_ip_addresses=addresses
    )
    swapped = replace(
        record.identity,
        interface=record.identity.next_interface or new_interface,
        next_interface=None,
        previous_interface=record.identity.interface,
        elastic_ip=without_association(record.identity.elastic_ip),
    )
    return replace(record, identity=swapped), replace(observed, network_interface=None)
