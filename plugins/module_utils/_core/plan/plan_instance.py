# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases `terminate` and `launch`: which instance carries the interface."""

from __future__ import annotations

from collections.abc import Iterator

from ..actions.base_action import Action, Phase
from ..actions.hand_over_actions import AttachNetworkInterface
from ..actions.instance_actions import LaunchInstance, ResolveLaunch, StartInstance, TerminateInstance
from ..model.config import candidates
from ..model.node_error import NodeError
from ..model.observed import Observed
from ..model.record import Record
from .plan_hand_over import (
    ANY_GENERATION,
    can_use_standby,
    direct_intent,
    hands_over,
    plan_attach,
    plan_discard,
    plan_move,
    plan_standby,
    plan_terminate_previous,
)
from .plan_interface import plan_keep_on_termination


def plan_terminate(record: Record, observed: Observed, last_generation: int) -> Iterator[Action]:
    """Plan to terminate the node's instance if its generation is at most `last_generation`; the interface stays."""
    _refuse_foreign_holder(record, observed, "terminate")
    yield from plan_resolution(record, last_generation)
    ending = (*_plan_leftovers(record, last_generation), *_plan_own_end(record, observed, last_generation))
    if ending and observed.network_interface:
        yield from plan_keep_on_termination(observed.network_interface, phase="terminate")
    yield from ending


def plan_resolution(record: Record, last_generation: int) -> Iterator[Action]:
    """Plan to find out what became of an interrupted launch of a generation up to this one."""
    intent = record.intent
    if intent and intent.action == "RunInstances" and intent.number <= last_generation:
        yield ResolveLaunch(generation=intent.number)


def _plan_leftovers(record: Record, last_generation: int) -> Iterator[Action]:
    """Plan the end of what a hand-over that was cut off has left besides the instance."""
    if record.identity.instance_generation > last_generation:
        return
    if record.identity.standby:
        yield from plan_discard(record, "terminate")
    yield from plan_terminate_previous(record, "terminate")


def _plan_own_end(record: Record, observed: Observed, last_generation: int) -> Iterator[Action]:
    instance = observed.instance
    intent = direct_intent(record)
    is_launching = intent is not None and intent.number <= last_generation
    if is_launching or not instance or not instance.is_live or record.identity.instance_generation > last_generation:
        return
    yield TerminateInstance(instance_id=instance.instance_id)


def plan_launch(record: Record, observed: Observed, *, last_generation: int | None = None) -> Iterator[Action]:
    """Plan to have an instance run with the interface: launch one, start the one that is stopped, or hand over.

    `last_generation` is, in a replace, the last generation to end, and None otherwise.
    """
    _refuse_foreign_holder(record, observed, "launch")
    if last_generation is not None and hands_over(record, observed, last_generation):
        yield from plan_standby(record, observed, last_generation, "launch")
        yield from plan_move(record, observed)
    elif can_use_standby(record, observed):
        yield from plan_standby(record, observed, ANY_GENERATION, "launch")
        yield from plan_move(record, observed)
    elif observed.instance and observed.instance.is_live:
        # Service first.
        yield from _plan_own(record, observed)
        yield from _plan_leftovers_of_hand_over(record)
    else:
        # No instance next to one that is about to end.
        yield from _plan_leftovers_of_hand_over(record)
        yield from _plan_own(record, observed)


def _plan_leftovers_of_hand_over(record: Record) -> Iterator[Action]:
    yield from plan_discard(record, "launch")
    yield from plan_terminate_previous(record, "launch")


def _plan_own(record: Record, observed: Observed) -> Iterator[Action]:
    launching = direct_intent(record)
    instance = observed.instance
    if instance and not launching and instance.state in ("stopped", "stopping"):
        yield StartInstance(instance_id=instance.instance_id)
        yield from plan_attach(record, observed, "launch")
        return
    if instance and not launching and instance.is_live:
        yield from plan_attach(record, observed, "launch")
        return

    interface = observed.network_interface
    interface_id = interface.network_interface_id if interface else None
    yield LaunchInstance(candidates=candidates(record.wanted.launch), network_interface_id=interface_id)
    # What is being launched already is launched as its intent says.
    is_attached_later = launching.has_disposable_interface if launching else record.wanted.handover == "prelaunch"
    if is_attached_later:
        yield AttachNetworkInterface(network_interface_id=interface_id, instance_id=None)


def _refuse_foreign_holder(record: Record, observed: Observed, phase: Phase) -> None:
    """Raise NodeError when an instance that is not the node's lives on the node's interface.

    While a launch is unresolved the holder may be the very instance that it made.
    """
    holder = observed.holder
    if direct_intent(record) or not holder or not holder.is_live or holder.instance_id in record.owns.instances:
        return
    told = observed.holder_whose or "which this collection did not launch for the node"
    # What may be a node's is not to be terminated on our advice.
    way_out = "detach" if observed.holder_whose else "terminate or detach"
    raise NodeError(
        "NetworkInterfaceInUse",
        f"{record.name}: interface {record.identity.network_interface_id} is attached to instance "
        f"{holder.instance_id} ({holder.state}), {told}. "
        f"It is left alone: {way_out} it yourself, then run the playbook again.",
        phase=phase,
        retry="after_correction",
    )
