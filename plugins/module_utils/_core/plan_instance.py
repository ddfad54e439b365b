# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases `terminate` and `launch`: which instance carries the interface."""

from __future__ import annotations

from .actions import Action, LaunchInstance, Phase, ResolveLaunch, StartInstance, TerminateInstance
from .config import candidates
from .errors import NodeError
from .observed import Observed
from .plan_interface import plan_keep_on_termination
from .record import Record


def plan_terminate(record: Record, observed: Observed, upto: int) -> tuple[Action, ...]:
    """Plan to terminate the node's instance if its generation is at most `upto`; the interface stays."""
    resolution = _plan_resolution(record, upto)
    _refuse_foreign_holder(record, observed, "terminate")
    instance, identity = observed.instance, record.identity
    if resolution or not instance or not instance.is_live or identity.instance_generation > upto:
        return resolution
    interface = observed.network_interface
    protection = plan_keep_on_termination(interface, phase="terminate") if interface else ()
    return (*protection, TerminateInstance(instance_id=instance.instance_id))


def _plan_resolution(record: Record, upto: int) -> tuple[Action, ...]:
    intent = record.intent
    if intent and intent.action == "RunInstances" and intent.number <= upto:
        return (ResolveLaunch(generation=intent.number),)
    return ()


def plan_launch(record: Record, observed: Observed) -> tuple[Action, ...]:
    """Plan to have an instance run on the interface: launch one, or start the one that is stopped."""
    launching = _is_launching(record)
    _refuse_foreign_holder(record, observed, "launch")
    instance = observed.instance
    if instance and not launching and instance.state in ("stopped", "stopping"):
        return (StartInstance(instance_id=instance.instance_id),)
    if instance and not launching and instance.is_live:
        return ()
    interface = observed.network_interface
    return (
        LaunchInstance(
            candidates=candidates(record.wanted.launch),
            network_interface_id=interface.network_interface_id if interface else None,
        ),
    )


def _is_launching(record: Record) -> bool:
    return record.intent is not None and record.intent.action == "RunInstances"


def _refuse_foreign_holder(record: Record, observed: Observed, phase: Phase) -> None:
    """Raise NodeError when an instance that is not the node's lives on the node's interface.

    While a launch is unresolved the holder may be the very instance that it made.
    """
    holder = observed.holder
    if _is_launching(record) or not holder or not holder.is_live or holder.instance_id == record.identity.instance_id:
        return
    raise NodeError(
        "NetworkInterfaceInUse",
        f"{record.name}: interface {record.identity.network_interface_id} is attached to instance "
        f"{holder.instance_id} ({holder.state}), which this collection did not launch for the node. "
        "It is left alone: terminate or detach it yourself, then run the playbook again.",
        phase=phase,
    )
