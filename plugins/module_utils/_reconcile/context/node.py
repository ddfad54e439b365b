# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node while it is being worked on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ..._aws.api.async_ec2 import FencedEc2
from ..._aws.api.store import Conflict
from ..._core.actions.base_action import Action
from ..._core.lifecycle.phase_progress import Event, Stage
from ..._core.model.identity import Identity, RecordedInterface
from ..._core.model.node_error import NodeError
from ..._core.model.observed import NetworkInterface, Observed
from ..._core.model.record import Desired, Failure, Intent, Record
from .context import Context

WRITTEN_LATELY = 1.0
"""Seconds after one of its own conditional writes for which the lease needs no other: a call may take far longer."""


@dataclass(kw_only=True, slots=True)
class Node:
    """What is recorded and observed of a node, kept up to date as the work goes on, and what was done to it.

    `operation_id` is the operation under which the work is done; None for one that is only looked at. `written` is the
    intent that this run wrote itself, so that nothing can have come of it before. `is_deleted` says that the record is
    gone. `warnings` are for whoever runs the module. What is `unwritten` is saved with what is saved next. `held_at`,
    on the clock's monotonic scale, is when the last write was sent that has shown the node to be ours.
    """

    context: Context
    name: str
    record: Record
    observed: Observed
    operation_id: str | None = None
    done: list[Action] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    failure: Failure | None = None
    written: Intent | None = None
    is_deleted: bool = False
    warnings: list[str] = field(default_factory=list)
    unwritten: dict[str, Any] = field(default_factory=dict)
    held_at: float = float("-inf")
    waits_until: float | None = None
    """When the waits of the phase end that the node is in, on the clock's monotonic scale; None outside of a phase."""

    @property
    def identity(self) -> Identity:
        """The identity as recorded."""
        return self.record.identity

    @property
    def interface(self) -> RecordedInterface:
        """The interface as recorded. Raises NodeError when the node has none yet."""
        if self.identity.interface is None:
            raise NodeError(
                "NoNetworkInterface",
                f"{self.name}: the node has no interface yet. Run stateful_node_eni, or the resume playbook, first.",
            )
        return self.identity.interface

    @property
    def network_interface_id(self) -> str:
        """The id of the node's interface. Raises NodeError when it has none yet."""
        return self.interface.network_interface_id

    @property
    def ec2(self) -> FencedEc2:
        """EC2's writes, each behind the node's fence."""
        return self.context.fenced_ec2(self.fence)

    @property
    def deadline(self) -> float:
        """When waits for the node end, on the clock's monotonic scale."""
        return self.context.deadline if self.waits_until is None else self.waits_until

    def begin_wait(self) -> None:
        """Give the node all of `wait_timeout` from now on: each phase has it, and a launch that was queued has."""
        self.waits_until = self.context.clock.monotonic() + self.context.limits.wait_timeout

    def open_intent(self, action: str) -> Intent | None:
        """The intent that an earlier run left open, if it is one to make this API call."""
        intent = self.record.intent
        return intent if intent and intent.action == action else None

    async def fence(self) -> None:
        """Renew the lease. Raises NodeError when another operation has taken the node over.

        Awaited right before each mutating call, so that one whose lease is gone makes none, and one that goes on
        has all of its lease before it. A write of a moment ago, as that of an intent, has shown and renewed as much.
        """
        is_recent = self.context.clock.monotonic() - self.held_at <= WRITTEN_LATELY
        if is_recent and self._has_acted:
            return
        await self._update({"operation.has_acted": True})
        self._change_operation({"has_acted": True})

    async def renew(self) -> None:
        """Renew the lease while the work waits. Raises NodeError when another operation has taken the node over."""
        await self._update({})

    async def save(self, *, intent: Intent | None, desired: Desired | None = None, **identity: Any) -> None:
        """Write the intent (None: there is none any more) and what changed of the identity, in one write.

        `desired` is what the node should be from now on; None leaves it as it is.
        """
        changed = replace(self.identity, **identity)
        changes: dict[str, Any] = {"intent": intent, "identity": changed, "operation.has_acted": True}
        if desired:
            changes["desired"] = desired
        await self._write(changes)
        if intent is not self.record.intent:
            self.written = intent
        self.record = replace(self.record, intent=intent, identity=changed, desired=desired or self.record.desired)
        self._change_operation({"has_acted": True})

    async def take_back(self, before: Record) -> None:
        """Write again what stood in the record before a termination that was refused: it has changed nothing."""
        identity = replace(self.identity, out_of_service_since=before.identity.out_of_service_since)
        has_acted = before.operation is not None and before.operation.has_acted
        await self._write({"identity": identity, "desired": before.desired, "operation.has_acted": has_acted})
        self.record = replace(self.record, identity=identity, desired=before.desired)
        self._change_operation({"has_acted": has_acted})

    async def save_identity(self, **identity: Any) -> None:
        """Write what changed of the identity; writes nothing where nothing did."""
        if replace(self.identity, **identity) != self.identity:
            await self.save(intent=self.record.intent, **identity)

    async def save_operation(self, *, identity: Identity | None = None, **changes: Any) -> None:
        """Write what changed of the operation, and the identity with it where one is given, in one write."""
        changed = {"identity": identity} if identity else {}
        await self._write({**changed, **{f"operation.{name}": value for name, value in changes.items()}})
        self.record = replace(self.record, identity=identity or self.identity)
        self._change_operation(changes)

    def note_operation(self, **changes: Any) -> None:
        """Take note of what changed of the operation, to be written with what is saved next."""
        self._change_operation(changes)
        self.unwritten.update({f"operation.{name}": value for name, value in changes.items()})

    def note_identity(self, **identity: Any) -> None:
        """Take note of what changed of the identity, to be written with what is saved next."""
        self.record = replace(self.record, identity=replace(self.identity, **identity))
        self.unwritten["identity"] = self.identity

    def note_desired(self, desired: Desired) -> None:
        """Take note of what the node should be, to be written with what is saved next."""
        self.record = replace(self.record, desired=desired)
        self.unwritten["desired"] = desired

    @property
    def _has_acted(self) -> bool:
        return self.record.operation is not None and self.record.operation.has_acted

    def _change_operation(self, changes: dict[str, Any]) -> None:
        if self.record.operation:
            self.record = replace(self.record, operation=replace(self.record.operation, **changes))

    async def _write(self, changes: dict[str, Any]) -> None:
        # A renewal of the lease never takes the noted along: sent at the same time as this, it might arrive later.
        await self._update({**self.unwritten, **changes})
        self.unwritten.clear()

    async def _update(self, changes: dict[str, Any]) -> None:
        context, sent_at = self.context, self.context.clock.monotonic()
        expires_at = context.clock.now() + context.limits.lease_seconds
        changes = {**changes, "operation.expires_at": expires_at}
        expected = {"operation.id": self.operation_id or ""}
        try:
            await context.store.update(self.name, changes, expected)
        except Conflict as conflict:
            raise _taken_over(self.name, conflict.record) from conflict
        self.held_at = sent_at

    def tell(self, text: str = "", stage: Stage | None = None) -> None:
        """Tell whoever watches what has happened to the node, and how far it has come. No secret may be in `text`."""
        if listener := self.context.listener:
            listener.note(Event(name=self.name, at=self.context.clock.monotonic(), text=text, stage=stage))

    def see(self, interface: NetworkInterface | None) -> None:
        """Take note of what EC2 says of the interface now."""
        self.observed = replace(self.observed, network_interface=interface)


def _taken_over(name: str, current: Record | None) -> NodeError:
    operation = current.operation if current else None
    by = f"{operation.operation} {operation.id} of {operation.owner}" if operation else "somebody who ended it"
    return NodeError(
        "OperationTakenOver",
        f"{name}: this operation was taken over by {by}. It changes nothing more.",
        state="left to the operation that took over",
    )
