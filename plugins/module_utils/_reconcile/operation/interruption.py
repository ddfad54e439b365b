# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ctrl-C and SIGTERM: the work ends, and the nodes are given back where it is known what was done to them.

Ansible sends a worker SIGINT for a Ctrl-C, and SIGTERM right after it when it cleans up: each signal counts once, and
the second one of its kind ends the process at once.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import FrameType
from typing import Any, TypeVar

from ..._core.model.observed import Observed
from ..._core.model.record import Failure, Operation, Record
from ..context.context import Context
from ..context.failures import EXPECTED
from ..context.node import Node
from .leases import release

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class InterruptedWork(Exception):
    """A signal has ended the work."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.signal_number = signal_number


async def interruptible(context: Context, work: Coroutine[Any, Any, T]) -> T:
    """Do the work; on a signal cancel it, give back the nodes that it holds, and raise InterruptedWork."""
    task = asyncio.ensure_future(work)
    with _signals_cancel(task) as received:
        try:
            result = await task
        except asyncio.CancelledError:
            if not received:
                raise
        if received:
            await _give_back(context, received[0])
            raise InterruptedWork(received[0])
    return result


@contextmanager
def _signals_cancel(task: asyncio.Future[Any]) -> Iterator[list[int]]:
    """Have the signals cancel the task; yields the list of those that came. Only the main thread gets any."""
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    loop = asyncio.get_running_loop()

    def cancel(signal_number: int, _frame: FrameType | None) -> None:
        if signal_number in received:
            signal.signal(signal_number, before[signal_number])
            signal.raise_signal(signal_number)
            return
        received.append(signal_number)
        if len(received) == 1:
            loop.call_soon_threadsafe(task.cancel)

    before: dict[int, Any] = {number: signal.signal(number, cancel) for number in SIGNALS}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _give_back(context: Context, signal_number: int) -> None:
    """Give back every node that the call holds.

    The leases stay while the outcome of a call is unknown: the next operation may look before EC2 has carried it out.
    What was about to be created stays as an intent, which the next operation resolves.
    """
    held = dict(context.held)
    if not held or not await context.executor.have_answered():
        return
    with suppress(*EXPECTED):
        records = await context.store.get(list(held))
        await asyncio.gather(
            *(_end(context, record, signal_number) for name, record in records.items() if _is_held(record, held[name]))
        )


def _is_held(record: Record, operation_id: str) -> bool:
    return record.operation is not None and record.operation.id == operation_id


async def _end(context: Context, record: Record, signal_number: int) -> None:
    operation: Operation = record.operation  # type: ignore[assignment] # it is held
    error = operation.error or (None if operation.done else _interrupted(record.name, operation, signal_number))
    node = Node(
        context=context,
        name=record.name,
        record=replace(record, operation=replace(operation, error=error)),
        observed=Observed(),
        operation_id=operation.id,
    )
    with suppress(*EXPECTED):
        await release(node)


def _interrupted(name: str, operation: Operation, signal_number: int) -> Failure:
    reached = ", ".join(operation.timings) or "none"
    return Failure(
        code="Interrupted",
        message=f"{name}: {operation.operation} was interrupted by {signal.Signals(signal_number).name} "
        f"(phases done: {reached}).",
    )
