# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done about a node: from an event, or from how it is, to `resume`, `replace` or nothing, with a reason.

Pure functions. What is gone is resumed, whoever ended it, since nothing is lost by that; what Spot is about to take is
replaced while it runs. What is there and not well is somebody's: it is touched only with `auto_heal`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..model.ec2_codes import SPOT_INTERRUPTION
from ..model.observed import Instance
from ..model.record import Operation, Record
from ..model.tags import GENERATION
from ..plan.plan_hand_over import standby_intent
from .instance_events import Event
from .takeover import has_taken_effect, left_to_finish, may_be_draining

Mending = Literal["resume", "replace"]

GRACE_SECONDS = 120
"""Seconds after a launch in which failed status checks are not held against the instance."""

WARNING_SECONDS = 600
"""Seconds after which an instance that runs still was not interrupted: EC2 gives it 120 (see `events`)."""

CLOCK_SECONDS = 60
"""Seconds that an event may be dated ahead of the controller's clock. One dated further ahead does not count yet."""

NOT_MARKED = "not_marked"
"""The reason of a warning whose instance EC2 has not marked for interruption, or not yet."""

ENDING = ("replace", "pause", "delete")
"""Operations that end the instance that they have begun with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is to be done, or, without `operation`, why nothing is.

    `later` says that the event has to be looked at again. `generation` is the node's when it was decided: what has
    another one by the time of the act has been dealt with meanwhile.
    """

    name: str
    reason: str
    message: str
    operation: Mending | None = None
    later: bool = False
    instance_id: str | None = None
    generation: int = 0


def decide_event(
    event: Event, record: Record, instance: Instance, now: int, *, is_marked: bool | None = None
) -> Decision:
    """Decide about an event of `instance`, which carries the node's tags; `now` is in seconds since the epoch.

    `instance` was looked at before the record was read. `is_marked` is whether EC2 has marked the instance for
    interruption, None where it does not say.

    An event is a reason to look, not a proof: others may have put it on the queue. What EC2 shows decides, wherever
    it shows anything.
    """
    if instance.instance_id != record.identity.instance_id:
        return _decide_other(record, instance, now)
    held = _held(record, now)
    if held:
        return _about_held(event, record, instance, held)
    state = decide_state(record, instance, None, now)
    if state.operation or event.kind == "state_change" or not _may_be_mended(record):
        return state
    doubt = _doubt(event, record, instance, now)
    return doubt or _decide_warning(event, record, instance, now, is_marked=is_marked)


def _doubt(event: Event, record: Record, instance: Instance, now: int) -> Decision | None:
    """Decide about a warning that cannot be true, or not yet; None when it may be."""
    if instance.market != "spot":
        return _nothing(record, instance, "not_spot", "is not on spot, and so is not interrupted: the warning is false")
    ahead = event.time - now
    if ahead > CLOCK_SECONDS:
        # Looked at again rather than dropped, since it may be the controller's clock that is slow.
        text = f"has a warning that is dated {ahead} seconds ahead of the clock here, and does not count before that"
        return _later(record, instance, "dated_ahead", text)
    return None


def _decide_warning(event: Event, record: Record, instance: Instance, now: int, *, is_marked: bool | None) -> Decision:
    if event.kind == "rebalance":
        return _decide_rebalance(record, instance)
    age = now - event.time
    if age > WARNING_SECONDS:
        text = f"was warned of its interruption {age} seconds ago and is {instance.state} still"
        return _nothing(record, instance, "outdated", text)
    if is_marked is False:
        # Never dropped: EC2 may show the mark later than it sends the warning.
        text = "is not marked for interruption by EC2, so the warning does not count yet and is looked at again"
        return _later(record, instance, NOT_MARKED, text)
    return _to("replace", record, instance, "interruption", "is about to be interrupted by Spot")


def _decide_rebalance(record: Record, instance: Instance) -> Decision:
    """Decide about a recommendation, of which EC2 shows nothing that it could be compared with."""
    if record.config.rebalance == "ignore":
        return _nothing(record, instance, "rebalance_ignored", f"{AT_RISK}, and its node has rebalance=ignore")
    return _to("replace", record, instance, "rebalance", AT_RISK)


AT_RISK = "is at an elevated risk of interruption by Spot"


def _decide_other(record: Record, instance: Instance, now: int) -> Decision:
    generation, held = instance.tags.get(GENERATION, ""), _held(record, now)
    if generation.isdecimal() and _may_be_unwritten(record, int(generation)):
        text = "is newer than the record, and is to be looked at again once its launch is written down"
        return _later(record, instance, "not_recorded", text)
    standby = record.identity.standby
    if held and standby and standby.instance_id == instance.instance_id:
        return _later(record, instance, "busy", f"is about to be the node's by {held.operation} {held.id}")
    return _nothing(record, instance, "older_generation", "is not the node's instance, or not any more")


def _may_be_unwritten(record: Record, generation: int) -> bool:
    """Whether a launch of that generation may have made an instance that the record does not name yet.

    The record was read after the instance was seen, and an intent is in it from before the launch until its end.
    """
    intent = record.intent
    is_launching = intent is not None and intent.action == "RunInstances" and intent.number == generation
    return is_launching or generation > record.identity.generation


def _about_held(event: Event, record: Record, instance: Instance, held: Operation) -> Decision:
    ending = held.operation in ENDING and record.identity.instance_generation <= held.from_generation
    if ending or event.kind == "state_change":
        return _nothing(record, instance, "busy", f"is {held.operation} {held.id}'s business")
    text = f"is to be looked at again once {held.operation} {held.id} of {held.owner} has ended"
    return _later(record, instance, "busy", text)


def decide_state(record: Record, instance: Instance | None, impaired_since: int | None, now: int) -> Decision:
    """Decide by what EC2 says of the node's own instance (None: it does not know it).

    `impaired_since` is when the earliest of the status checks that fail now began to fail, in seconds since the epoch.
    """
    held = _held(record, now)
    if held:
        return _nothing(record, instance, "busy", f"is {held.operation} {held.id}'s business")
    if record.desired != "running":
        reason = record.desired or "new"
        return _nothing(record, instance, reason, f"is not to run: the node is {reason}")
    if not _may_be_mended(record):
        return _nothing(record, instance, "unfinished", "belongs to a node that is to be deleted or adopted")
    if record.operation and has_taken_effect(record):
        return _finish(record, instance, record.operation)
    return _decide_instance(record, instance, impaired_since, now)


def _decide_instance(record: Record, instance: Instance | None, impaired_since: int | None, now: int) -> Decision:
    if instance is None or not instance.is_live:
        return _decide_gone(record, instance)
    if instance.state in ("stopping", "stopped"):
        return _healed(record, instance, "instance_stopped", f"is {instance.state}", "resume")
    if impaired_since is None:
        return _nothing(record, instance, "well", f"is {instance.state}")
    return _decide_impaired(record, instance, impaired_since, now)


def _held(record: Record, now: int) -> Operation | None:
    return record.operation if record.operation and record.operation.expires_at > now else None


def _may_be_mended(record: Record) -> bool:
    """Whether the node should run; what needs more of the user than its name is left to the user."""
    cut_off = left_to_finish(record)
    return record.desired == "running" and (cut_off is None or cut_off.operation not in ("delete", "adopt"))


def _finish(record: Record, instance: Instance | None, cut_off: Operation) -> Decision:
    """Go on with an operation whose lease has ended."""
    text = f"belongs to a node whose {cut_off.operation} {cut_off.id} of {cut_off.owner} was cut off"
    if may_be_draining(record, instance):
        # Nothing here knows the drain: a resume leaves the node with the instance that has its interface.
        return _to("resume", record, instance, "lease_expired", text)
    # Once the new launch was begun there is nothing left to replace, and to do so again would end the new instance;
    # but one that was launched beside the old one is to take its place, where a resume would end it.
    began = record.identity.generation >= cut_off.target_generation
    stands_by = bool(record.identity.standby or standby_intent(record))
    operation: Mending = "replace" if cut_off.operation == "replace" and (stands_by or not began) else "resume"
    return _to(operation, record, instance, "lease_expired", text)


def _decide_gone(record: Record, instance: Instance | None) -> Decision:
    if instance and instance.state_reason == SPOT_INTERRUPTION:
        return _to("resume", record, instance, "interrupted", "was taken back by Spot")
    state = instance.state if instance else "gone"
    return _to("resume", record, instance, "instance_missing", f"is {state}, and the node should run")


def _decide_impaired(record: Record, instance: Instance, since: int, now: int) -> Decision:
    launched_at = record.identity.instance.launched_at if record.identity.instance else 0
    failed_for = now - since
    age = now - launched_at
    text = f"has failed its status checks for {failed_for} seconds"
    if failed_for < record.config.unhealthy_after or age < GRACE_SECONDS:
        return _nothing(record, instance, "status_checks_failing", f"{text}, which is not long enough")
    return _healed(record, instance, "status_checks_failed", text, "replace")


def _healed(record: Record, instance: Instance, reason: str, text: str, operation: Mending) -> Decision:
    if record.config.auto_heal:
        return _to(operation, record, instance, reason, text)
    return _nothing(record, instance, reason, f"{text}, and is left to you as the node has no auto_heal")


def _nothing(record: Record, instance: Instance | None, reason: str, text: str) -> Decision:
    instance_id = instance.instance_id if instance else record.identity.instance_id
    return Decision(
        name=record.name,
        reason=reason,
        message=f"{record.name}: {f'instance {instance_id}' if instance_id else 'its instance'} {text}.",
        instance_id=instance_id,
        generation=record.identity.generation,
    )


def _to(operation: Mending, record: Record, instance: Instance | None, reason: str, text: str) -> Decision:
    return replace(_nothing(record, instance, reason, text), operation=operation)


def _later(record: Record, instance: Instance, reason: str, text: str) -> Decision:
    return replace(_nothing(record, instance, reason, text), later=True)
