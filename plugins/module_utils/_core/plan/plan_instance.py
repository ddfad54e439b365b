# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases `terminate` and `launch`: which instance carries the interface."""

from __future__ import annotations

from ..model.config import candidates
from ..model.node_error import NodeError
from ..model.observed import Observed
from ..model.record import Record
from .actions import Action, LaunchInstance, Phase, ResolveLaunch, StartInstance, TerminateInstance
from .hand_over_actions import AttachNetworkInterface
from .plan_hand_over import (
    ANY_GENERATION,
    direct_intent,
    hands_over,
    plan_attach,
    plan_discard,
    plan_move,
    plan_standby,
    plan_terminate_previous,
    takes_standby,
)
from .plan_interface import plan_keep_on_termination


def plan_terminate(record: Record, observed: Observed, upto: int) -> tuple[Action, ...]:
    """Plan to terminate the node's instance if its generation is at most `upto`; the interface stays."""
    resolution = _plan_resolution(record, upto)
    _refuse_foreign_holder(record, observed, "terminate")
    ending = (*_plan_leftovers(record, upto), *_plan_own_end(record, observed, upto))
    interface = observed.network_interface
    protection = plan_keep_on_termination(interface, phase="terminate") if ending and interface else ()
    return (*resolution, *protection, *ending)


def _plan_resolution(record: Record, upto: int) -> tuple[ResolveLaunch, ...]:
    intent = record.intent
    if intent and intent.action == "RunInstances" and intent.number <= upto:
        return (ResolveLaunch(generation=intent.number),)
    return ()


def _plan_leftovers(record: Record, upto: int) -> tuple[Action, ...]:
    """Plan the end of what a hand-over that was cut off has left beside the instance."""
    if record.identity.instance_generation > upto:
        return ()
    discard = plan_discard(record, "terminate") if record.identity.standby else ()
    return (*discard, *plan_terminate_previous(record, "terminate"))


def _plan_own_end(record: Record, observed: Observed, upto: int) -> tuple[TerminateInstance, ...]:
    instance, identity = observed.instance, record.identity
    intent = direct_intent(record)
    is_launching = intent is not None and intent.number <= upto
    if is_launching or not instance or not instance.is_live or identity.instance_generation > upto:
        return ()
    return (TerminateInstance(instance_id=instance.instance_id),)


def plan_launch(
    record: Record, observed: Observed, *, upto: int | None = None, prepared: bool = False
) -> tuple[Action, ...]:
    """Plan to have an instance run with the interface: launch one, start the one that is stopped, or hand over.

    `upto` is, in a replace, the last generation to end, and None otherwise. `prepared` says that an earlier phase has
    launched the standby.
    """
    _refuse_foreign_holder(record, observed, "launch")
    if upto is not None and hands_over(record, observed, upto):
        return (*(() if prepared else plan_standby(record, observed, upto, "launch")), *plan_move(record, observed))
    if takes_standby(record, observed):
        return (*plan_standby(record, observed, ANY_GENERATION, "launch"), *plan_move(record, observed))
    leftovers = (*plan_discard(record, "launch"), *plan_terminate_previous(record, "launch"))
    own = _plan_own(record, observed)
    is_live = observed.instance is not None and observed.instance.is_live
    # Service first, and otherwise no instance beside one that is to end.
    return (*own, *leftovers) if is_live else (*leftovers, *own)


def _plan_own(record: Record, observed: Observed) -> tuple[Action, ...]:
    launching = direct_intent(record)
    instance = observed.instance
    if instance and not launching and instance.state in ("stopped", "stopping"):
        return (StartInstance(instance_id=instance.instance_id), *plan_attach(record, observed, "launch"))
    if instance and not launching and instance.is_live:
        return plan_attach(record, observed, "launch")
    interface = observed.network_interface
    interface_id = interface.network_interface_id if interface else None
    launch = LaunchInstance(candidates=candidates(record.wanted.launch), network_interface_id=interface_id)
    # What is being launched already is launched as its intent says.
    is_attached_later = launching.has_disposable_interface if launching else record.wanted.handover == "prelaunch"
    if not is_attached_later:
        return (launch,)
    return (launch, AttachNetworkInterface(network_interface_id=interface_id, instance_id=None))


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
