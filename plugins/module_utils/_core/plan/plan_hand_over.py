# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hand-over: the replacement runs before the interface leaves the instance that it replaces.

An interface at device 0 stays with its instance until that is terminated. A node with `handover: prelaunch` therefore
has it at device 1 of every instance, where it can be detached and attached again. EC2 attaches an interface to one
instance at a time, and that is the lock; the record follows it: the instance that has the interface is the node's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..actions.base_action import Action, Phase
from ..actions.hand_over_actions import (
    AttachNetworkInterface,
    DiscardStandby,
    LaunchStandby,
    MoveNetworkInterface,
    PromoteStandby,
    TerminatePreviousInstance,
)
from ..model.config import candidates
from ..model.identity import promoted
from ..model.observed import Observed
from ..model.record import Intent, Record
from .plan_address_change import is_due

ANY_GENERATION = -1
"""Before the first generation: a standby of any is as good as another."""


def standby_intent(record: Record) -> Intent | None:
    """Find the intent of a standby's launch that was not resolved."""
    intent = record.intent
    return intent if intent and intent.action == "RunInstances" and intent.role == "standby" else None


def direct_intent(record: Record) -> Intent | None:
    """Find the intent of a launch, of the node's own next instance, that was not resolved."""
    intent = record.intent
    return intent if intent and intent.action == "RunInstances" and intent.role is None else None


def with_promotion(record: Record, observed: Observed) -> tuple[Record, Observed]:
    """Show the record as of what EC2 says: whoever has the interface is the node's instance.

    Between the interface's arrival at a standby and the write that makes it the node's own a run may have been cut off.
    """
    standby, holder = record.identity.standby, observed.holder
    if standby is None or holder is None or not holder.is_live or holder.instance_id != standby.instance_id:
        return record, observed
    seen = replace(observed, instance=holder, standby=None, previous=observed.instance)
    return replace(record, identity=promoted(record.identity)), seen


def hands_over(record: Record, observed: Observed, last_generation: int) -> bool:
    """Whether a replace of the instances up to a generation has the replacement run first."""
    if record.identity.instance_generation > last_generation:
        return False
    return _has_begun(record, observed, last_generation) or _may_begin(record, observed)


def _has_begun(record: Record, observed: Observed, last_generation: int) -> bool:
    """Whether a standby beyond a generation lives, or may have been launched."""
    intent, standby = standby_intent(record), record.identity.standby
    if intent and intent.number > last_generation:
        return True
    is_live = observed.standby is not None and observed.standby.is_live
    return standby is not None and standby.generation > last_generation and is_live


def _may_begin(record: Record, observed: Observed) -> bool:
    instance, interface = observed.instance, observed.network_interface
    if record.wanted.handover != "prelaunch" or not instance or not instance.is_live or not interface:
        return False
    if not record.identity.device_index or direct_intent(record):
        return False
    # Another address is another interface, which the present instance is to be ended for.
    return not is_due(record, observed)


def can_use_standby(record: Record, observed: Observed) -> bool:
    """Whether a resume goes on with a standby that a replace has left: the present instance does not do any more."""
    instance = observed.instance
    if not _has_begun(record, observed, ANY_GENERATION):
        return False
    if instance is None or not instance.is_live:
        return True
    has_interface = observed.holder is not None and observed.holder.instance_id == instance.instance_id
    return standby_intent(record) is None and not has_interface


def plan_standby(record: Record, observed: Observed, last_generation: int, phase: Phase) -> Iterator[Action]:
    """Plan to have a standby beyond a generation run; the present instance has the interface meanwhile."""
    has_begun = _has_begun(record, observed, last_generation)
    runs = observed.instance is not None and observed.instance.state in ("pending", "running")
    if runs and not has_begun:
        yield from plan_attach(record, observed, phase)
    yield from plan_terminate_previous(record, phase)
    if not has_begun:
        yield from plan_discard(record, phase)
    if not has_begun or standby_intent(record):
        yield LaunchStandby(phase=phase, candidates=candidates(record.wanted.launch))


def plan_attach(record: Record, observed: Observed, phase: Phase) -> Iterator[Action]:
    """Plan to attach the interface to the present instance, which lives without it."""
    instance = observed.instance
    interface = observed.network_interface
    if not record.identity.device_index or not instance or not instance.is_live:
        return
    if interface and interface.holder == instance.instance_id:
        return
    yield AttachNetworkInterface(
        phase=phase,
        network_interface_id=interface.network_interface_id if interface else None,
        instance_id=instance.instance_id,
    )


def plan_move(record: Record, observed: Observed) -> Iterator[Action]:
    """Plan to move the interface to the standby, to make that the node's instance, and to end the one before."""
    interface = observed.network_interface
    standby = record.identity.standby
    standby_id = standby.instance_id if standby else None
    holder = interface.holder if interface else None
    own = record.identity.instance_id
    yield MoveNetworkInterface(
        network_interface_id=interface.network_interface_id if interface else None,
        from_instance_id=holder if holder == own else None,
        instance_id=standby_id,
    )
    yield PromoteStandby(instance_id=standby_id, replaces=own)
    if own:
        yield TerminatePreviousInstance(instance_id=own)


def plan_terminate_previous(record: Record, phase: Phase) -> Iterator[Action]:
    """Plan the end of an instance whose place was taken."""
    previous = record.identity.previous_instance
    if previous:
        yield TerminatePreviousInstance(phase=phase, instance_id=previous.instance_id)


def plan_discard(record: Record, phase: Phase) -> Iterator[Action]:
    """Plan the end of a standby that leads nowhere any more."""
    standby = record.identity.standby
    if standby or standby_intent(record):
        yield DiscardStandby(phase=phase, instance_id=standby.instance_id if standby else None)


def is_hand_over_unfinished(record: Record) -> bool:
    """Whether a hand-over was begun and not finished."""
    identity = record.identity
    return bool(identity.standby or identity.previous_instance or standby_intent(record))
