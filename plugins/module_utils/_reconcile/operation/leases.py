# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking a node for an operation, keeping it while the work lasts, and giving it back."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from ..._aws.api.store import Conflict
from ..._aws.calls.aws_error import AwsError
from ..._core.lifecycle.history import found_instance, history_entry
from ..._core.lifecycle.takeover import RESUMABLE, busy, has_taken_effect, new_operation, unfinished, with_operation
from ..._core.model.node_error import NodeError
from ..._core.model.record import Choices, Failure, Operation, Record, Unfinished
from ..._core.model.serialization import to_dict
from ..context.node import Node

HISTORY_DAYS = 400
"""Days after which DynamoDB drops an entry of the history."""

RENEWALS = 3
"""How often a lease is renewed within its length while the work waits."""


def new_operation_id() -> str:
    """Name an operation, 32 hexadecimal digits that begin with the time in milliseconds.

    The history sorts by seconds and then by id: of two operations within a second the later one comes last.
    Source: UUID version 7 (https://www.rfc-editor.org/rfc/rfc9562#section-5.7).
    """
    return f"{time.time_ns() // 1_000_000:012x}7{uuid.uuid4().hex[13:]}"


async def acquire(
    node: Node, *, operation: str, operation_id: str, take_over: bool, choices: Choices | None = None
) -> None:
    """Take the node. Raises NodeError when somebody else is faster."""
    context, seen = node.context, node.record
    found = found_instance(seen.identity, node.observed.instance)
    taken = new_operation(
        seen, operation=operation, operation_id=operation_id, owner=context.owner, now=context.clock.now(),
        seconds=context.limits.lease_seconds, choices=choices, rerun=context.rerun, found=found,
        playbook_pid=context.playbook_pid,
    )  # fmt: skip
    record = with_operation(seen, taken)
    changes = {"operation": taken, "desired": record.desired, "unfinished": record.unfinished}
    # What was planned on must still be so: an operation may have come and gone since the record was read.
    unchanged = {"identity": to_dict(seen.identity), "desired": seen.desired}
    expected = {**_as_seen(seen.operation, take_over=take_over), **unchanged}
    if seen.operation:
        await _write_cut_off(node, seen.operation, taken)
    context.held[node.name] = operation_id
    try:
        await context.store.update(node.name, changes, expected)
    except Conflict as conflict:
        context.held.pop(node.name, None)
        node.record = conflict.record or seen
        raise _lost(node, conflict.record) from conflict
    node.record, node.operation_id = record, operation_id


async def _write_cut_off(node: Node, held: Operation, taken: Operation) -> None:
    """Write the history of the operation that is about to be taken over: it cannot do so itself any more.

    It is written before the node is taken, so that a run which is killed in between leaves it to the next one, which
    writes the same entry again. One that is at work after all writes its own end over it.
    """
    failure = Failure(
        code="CutOff",
        message=f"{node.name}: {held.operation} was cut off, and taken over by {taken.operation} {taken.id}.",
    )
    # When it was cut off is not known. Its lease was renewed while it was at work, and ended no later than now.
    ended_at = min(held.expires_at, node.context.clock.now())
    try:
        await _write_history(node, held, failure, max(ended_at, held.started_at))
    except AwsError as error:
        node.warnings.append(f"{node.name}: the history of {held.operation} {held.id} was not written: {error}")


def _as_seen(held: Operation | None, *, take_over: bool) -> dict[str, Any]:
    if held is None:
        return {"operation": None}
    # Without take_over it is the expiry that permits this, and a holder that renews the lease must win.
    return {"operation.id": held.id} | ({} if take_over else {"operation.expires_at": held.expires_at})


def _lost(node: Node, current: Record | None) -> NodeError:
    if current is None:
        return NodeError("UnknownNode", f"{node.name}: the node was removed from table {node.context.table}.")
    if current.operation is None:
        return NodeError("Busy", f"{node.name}: another operation was faster and has ended; run this one again.")
    return busy(node.name, current.operation, current.identity.adoption)


@asynccontextmanager
async def kept(node: Node) -> AsyncIterator[None]:
    """Renew the lease for as long as the work within lasts."""
    task = asyncio.create_task(_renew(node))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _renew(node: Node) -> None:
    while True:
        await node.context.clock.sleep(node.context.limits.lease_seconds / RENEWALS)
        with suppress(AwsError, NodeError):
            # A lease that could not be renewed, or is gone, shows before the next mutating call.
            await node.renew()


async def release(node: Node) -> Failure | None:
    """Give the node back and write its history; return why the operation is not finished, if it is not.

    A node whose delete is finished is forgotten by that. A history that cannot be written keeps no node: it is given
    back all the same, and the AwsError raised then.
    """
    operation = node.record.operation
    if operation is None:
        return None
    failure = operation.error or (None if operation.done else _incomplete(node, operation))
    try:
        await _write_history(node, operation, failure, node.context.clock.now())
    finally:
        await _give_back(node, operation, failure)
    node.context.held.pop(node.name, None)
    return failure


async def _give_back(node: Node, operation: Operation, failure: Failure | None) -> None:
    context = node.context
    changes = {"operation": None, "unfinished": _left(node, operation, failure)}
    try:
        if operation.operation == "delete" and not failure:
            await context.store.remove(node.name, operation.id)
            node.is_deleted = True
        else:
            await context.store.update(node.name, changes, {"operation.id": operation.id})
    except Conflict as conflict:
        raise _lost(node, conflict.record) from conflict


def _incomplete(node: Node, operation: Operation) -> Failure:
    reached = ", ".join(operation.timings) or "none"
    message = f"{node.name}: {operation.operation} was ended before it was complete (phases done: {reached})."
    if operation.timings:
        return Failure(code="OperationIncomplete", message=message)
    correct = "Nothing was done to the node: correct what failed before that."
    return Failure(code="OperationIncomplete", message=f"{message} {correct}", retry="after_correction")


def _left(node: Node, operation: Operation, failure: Failure | None) -> Unfinished | None:
    has_come_to_nothing = failure is not None and not has_taken_effect(node.record)
    if operation.operation not in RESUMABLE or has_come_to_nothing:
        return node.record.unfinished
    return unfinished(operation, failure) if failure else None


async def _write_history(node: Node, operation: Operation, failure: Failure | None, ended_at: int) -> None:
    context = node.context
    entry = history_entry(node.identity, operation, failure, ended_at=ended_at)
    stored = {**entry, "name": node.name, "expires_at": ended_at + HISTORY_DAYS * 86400}
    await context.store.add_history(stored)
