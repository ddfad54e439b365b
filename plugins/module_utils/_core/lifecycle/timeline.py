# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a node as its history tells it: its instances, the gaps between them, and the addresses above.

An instance that ended while no operation was at work is known to have ended only when the next operation looked, or
somebody looks now. Such an end lies somewhere between two times, and both are told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ..model.ec2_codes import SPOT_INTERRUPTION
from ..model.identity import Identity
from ..model.observed import Instance, Observed
from ..model.record import FoundInstance, Record
from .history import Entry, ongoing_entry
from .periods import AddressSpan, Cause, End, Gap, InstanceSpan

RUNNING, STOPPED = ("pending", "running"), ("stopping", "stopped")

CAUSES: dict[str, Cause] = {"pause": "paused", "replace": "replaced", "delete": "deleted"}
"""Why a node is out of service whose instance an operation terminated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """All of it, the oldest first."""

    instances: tuple[InstanceSpan, ...] = ()
    gaps: tuple[Gap, ...] = ()
    addresses: tuple[AddressSpan, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """What is known of the node now; `record` is None for one that has none (any more)."""

    now: int
    record: Record | None = None
    observed: Observed = field(default_factory=Observed)


def derive_timeline(entries: Iterable[Entry], present: Present) -> Timeline:
    """Derive the life of a node from its entries, in any order, and from how it is now."""
    fold = _Fold()
    held = ongoing_entry(present.record) if present.record else None
    for entry in sorted(entries, key=_order):
        fold.take(entry, entry.started_at if entry.ended_at is None else entry.ended_at)
    if held:
        fold.take(held, present.now)
    fold.look(present)
    return Timeline(instances=tuple(fold.instances), gaps=tuple(fold.gaps), addresses=tuple(fold.addresses))


def _order(entry: Entry) -> tuple[int, int, int, str]:
    """Sort by when operations began; within one second the id tells, the later one of which is greater."""
    return entry.started_at, entry.generation, entry.ended_at or 0, entry.operation_id


class _Termination(NamedTuple):
    """That an operation began to terminate an instance, which may have been cut off before that was seen to end."""

    instance_id: str
    at: int
    cause: Cause


class _Fold:
    """What has been derived so far. `alive_at` is when the present instance was last known to run."""

    def __init__(self) -> None:
        self.instances: list[InstanceSpan] = []
        self.gaps: list[Gap] = []
        self.addresses: list[AddressSpan] = []
        self.alive_at = 0
        self.termination: _Termination | None = None

    @property
    def current(self) -> InstanceSpan | None:
        """The instance that carries the node so far as has been told."""
        return self.instances[-1] if self.instances and self.instances[-1].end is None else None

    def take(self, entry: Entry, until: int) -> None:
        """Go on to the end of an operation, which was at `until`."""
        self._find(entry)
        self._terminate(entry, until)
        self._note_termination(entry)
        self._begin(entry, until)
        if entry.operation == "delete" and entry.error is None and entry.ended_at is not None:
            self._forget(entry.ended_at)
        else:
            self._address(entry, entry.phases_ended_at.get("interface", entry.started_at))

    def _find(self, entry: Entry) -> None:
        """Take note of what the operation found when it began."""
        found, current = entry.found, self.current
        if found is None:
            # An older version did not say. What a resume had to launch anew was gone before it began.
            if current and entry.operation == "resume" and entry.instance_id != current.instance_id:
                self._end("lost", entry.started_at, after=self.alive_at)
            return
        if found.instance_id != (current.instance_id if current else None):
            self._discover(found, entry)
        if self.current and found.instance_id:
            self._check(found.state, found.state_reason, entry.started_at)

    def _discover(self, found: FoundInstance, entry: Entry) -> None:
        """Go on with an instance of which the entries before know nothing: their operations were cut off, or older."""
        since = min(found.instance_launched_at or entry.started_at, entry.started_at)
        if self.current and not self._end_terminated():
            self._end("unknown", since, after=self.alive_at)
        last = self.instances[-1].instance_id if self.instances else None
        if found.instance_id and found.instance_id != last:
            self._start(
                InstanceSpan(
                    instance_id=found.instance_id,
                    instance_type=found.instance_type,
                    instance_lifecycle=found.market,
                    generation=found.instance_generation or None,
                    started_at=since,
                    start="launched" if found.instance_launched_at else "unknown",
                )
            )

    def _check(self, state: str | None, reason: str | None, now: int) -> None:
        """Take note of the state that the present instance was seen in."""
        if state in RUNNING:
            self.alive_at = max(self.alive_at, now)
        elif state in STOPPED:
            self._end("stopped", now, after=self.alive_at)
        elif reason == SPOT_INTERRUPTION or not self._end_terminated():
            self._end("interrupted" if reason == SPOT_INTERRUPTION else "lost", now, after=self.alive_at, reason=reason)

    def _terminate(self, entry: Entry, until: int) -> None:
        """Take note that the operation ended the instance which it found."""
        current, ended = self.current, entry.phases_ended_at.get("terminate")
        if current is None or entry.instance_id == current.instance_id:
            return
        if self._end_terminated():
            return
        cause = CAUSES.get(entry.operation, "replaced")
        seconds = round(entry.timings.get("terminate", 0))
        launched, handed_over = entry.phases_ended_at.get("launch"), entry.timings.get("handover")
        if launched is not None and handed_over is not None:
            # The instance carried the node until the interface left it for the next one, which ran by then.
            self._end("terminated", max(launched - math.ceil(handed_over), entry.started_at), cause=cause)
        elif ended is not None:
            self._end("terminated", max(ended - seconds, entry.started_at), cause=cause)
        elif entry.operation == "pause":
            # An older version did not say when. A pause ends with its only phase.
            self._end("terminated", max(until - seconds, entry.started_at), cause=cause)
        else:
            self._end("terminated", until, after=entry.started_at, cause=cause)

    def _note_termination(self, entry: Entry) -> None:
        """Take note that an operation which was not finished had begun to terminate the instance that it found."""
        cause, since, current = CAUSES.get(entry.operation), entry.out_of_service_since, self.current
        if cause and current and since is not None and since >= entry.started_at:
            self.termination = _Termination(current.instance_id, since, cause)

    def _end_terminated(self) -> bool:
        """End the present instance by the termination that an earlier operation had begun, if one had."""
        termination, current = self.termination, self.current
        if termination is None or current is None or termination.instance_id != current.instance_id:
            return False
        self._end("terminated", termination.at, cause=termination.cause)
        return True

    def _begin(self, entry: Entry, until: int) -> None:
        """Take note of the instance that the operation left on the node."""
        found, launched = entry.found, entry.phases_ended_at.get("launch")
        if entry.instance_id is None:
            return
        if self.current is None and not self._is_known_to_be_gone(entry):
            restarted = found is not None and found.instance_id == entry.instance_id
            adopted = entry.operation == "adopt"
            self._start(
                InstanceSpan(
                    instance_id=entry.instance_id,
                    instance_type=entry.instance_type,
                    instance_lifecycle=entry.market,
                    generation=entry.instance_generation or None,
                    started_at=entry.started_at if adopted else launched or entry.instance_launched_at or until,
                    start="adopted" if adopted else "started" if restarted else "launched",
                )
            )
        if self.current and launched is not None:
            self.alive_at = max(self.alive_at, launched)

    def _is_known_to_be_gone(self, entry: Entry) -> bool:
        """Whether the entry names an instance that had ended already and was not started again."""
        last = self.instances[-1] if self.instances else None
        if last is None or last.instance_id != entry.instance_id:
            return False
        return last.end != "stopped" or entry.error is not None

    def look(self, present: Present) -> None:
        """Go on to now."""
        record, instance = present.record, present.observed.instance
        if record is None:
            if self.current:
                self._end("unknown", present.now, after=self.alive_at)
            return
        self._see_addresses(record.identity, present.now)
        self._see(record, instance, present.now)
        if self.current:
            state, reason = (instance.state, instance.state_reason) if instance else (None, None)
            self._check(state, reason, present.now)

    def _see(self, record: Record, instance: Instance | None, now: int) -> None:
        """Go on with an instance that runs and of which no entry knows."""
        recorded = record.identity.instance
        last = self.instances[-1] if self.instances else None
        launched_at = recorded.launched_at if recorded else 0
        if not instance or instance.state not in RUNNING or self.current:
            return
        restarted = last is not None and last.instance_id == instance.instance_id
        self._start(
            InstanceSpan(
                instance_id=instance.instance_id,
                instance_type=instance.instance_type,
                instance_lifecycle=instance.market,
                generation=record.identity.instance_generation or None,
                started_at=now if restarted else launched_at or now,
                start="launched" if launched_at and not restarted else "unknown",
            )
        )

    def _start(self, span: InstanceSpan) -> None:
        earliest = self.instances[-1].ended_at if self.instances else None
        self.instances.append(replace(span, started_at=max(span.started_at, earliest or 0)))
        self.alive_at = self.instances[-1].started_at
        self._close_gap(self.alive_at)

    def _end(
        self, end: End, at: int, *, after: int | None = None, reason: str | None = None, cause: Cause | None = None
    ) -> None:
        """End the present instance at a time, or between two, and open a gap."""
        span = self.instances[-1]
        at = max(at, span.started_at)
        earliest = None if after is None else min(max(after, span.started_at), at)
        self.instances[-1] = replace(span, ended_after=earliest, ended_at=at, end=end, state_reason=reason)
        if end != "released":
            opened: Cause = cause or end  # type: ignore[assignment] # only "terminated" is no cause, and has one
            self.gaps.append(Gap(started_after=earliest, started_at=at, cause=opened))

    def _close_gap(self, at: int) -> None:
        if not self.gaps or self.gaps[-1].ended_at is not None:
            return
        gap = self.gaps.pop()
        if at > gap.started_at or gap.started_after is not None:
            self.gaps.append(replace(gap, ended_at=max(at, gap.started_at)))

    def _forget(self, at: int) -> None:
        """End everything: the node was deleted, and what it kept is not its any more."""
        if self.current:
            self._end("released", at)
        self._close_gap(at)
        if self.addresses and self.addresses[-1].ended_at is None:
            self.addresses[-1] = replace(self.addresses[-1], ended_at=at)

    def _address(self, holder: Entry | Identity, at: int) -> None:
        """Take note of the addresses that the node has at a time."""
        if holder.private_ip_address is None:
            return
        last = self.addresses[-1] if self.addresses else None
        span = AddressSpan(
            network_interface_id=holder.network_interface_id,
            private_ip_address=holder.private_ip_address,
            public_ip=holder.public_ip,
            started_at=at,
        )
        if last and last.ended_at is None:
            if replace(span, started_at=last.started_at) == last:
                return
            self.addresses[-1] = replace(last, ended_at=max(at, last.started_at))
        self.addresses.append(span)

    def _see_addresses(self, identity: Identity, now: int) -> None:
        """Go on with the addresses of now; an interface that is older than the entries has had the first ones."""
        created = identity.interface.created_at if identity.interface else 0
        self._address(identity, created or now)
        first = self.addresses[0] if self.addresses else None
        if first and created and first.network_interface_id == identity.network_interface_id:
            self.addresses[0] = replace(first, started_at=min(first.started_at, created))
