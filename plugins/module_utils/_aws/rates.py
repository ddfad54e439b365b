# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking EC2 for no more than it takes: a token bucket for each action, as EC2 keeps one for the account.

A call that EC2 refuses costs it a token's worth of patience and us a round trip, and others use the account too. So
calls queue here, at the rate that EC2 publishes, and at a slower one for a while after it refused one all the same.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple, TypeVar

from .clock import Clock

T = TypeVar("T")


class Limit(NamedTuple):
    """A bucket that holds so many calls, and is refilled with so many a second."""

    size: int
    refill: float


LIMITS = {
    "RunInstances": Limit(5, 2),
    "StartInstances": Limit(5, 2),
    "TerminateInstances": Limit(100, 5),
    "CreateNetworkInterface": Limit(100, 5),
    "DeleteNetworkInterface": Limit(100, 5),
    "ModifyNetworkInterfaceAttribute": Limit(100, 5),
    "AssignPrivateIpAddresses": Limit(100, 5),
    "UnassignPrivateIpAddresses": Limit(100, 5),
    "CreateTags": Limit(100, 10),
}
"""The actions with a bucket of their own kind, for an account and a region.

Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
"""

OTHER_ACTIONS = Limit(50, 5)
"""What other actions that change something have."""

SPARE = 0.02
"""The share of a bucket that is left in it, at least a call: the gaps between calls do not arrive as they were sent."""

SLOWER, SLOWEST = 0.5, 0.05
"""What is left of the rate after a refusal, and what share of the published one it does not go below."""

RECOVERY = 120.0
"""Seconds in which nothing would grow to the published rate again."""


ROUNDING = 1e-6
"""What may be missing of a call after the seconds that it was said to take."""


class Bucket:
    """What may be asked of EC2, by times that the caller gives (seconds on any scale, never going back).

    A call leaves EC2's bucket when it arrives and not when it was let go, which on a busy machine is some time before:
    what has been taken and not sent yet is counted by itself.
    """

    def __init__(self, limit: Limit, now: float) -> None:
        self._limit, self._at = limit, now
        self._share, self._slowed_at = 1.0, float("-inf")
        self._tokens, self._unsent = self._size, 0

    @property
    def _size(self) -> float:
        spared = self._limit.size - max(1.0, SPARE * self._limit.size)
        return max(1.0, self._share * spared)

    def take(self, now: float) -> float:
        """Let a call go and return 0, or return the seconds until one may."""
        self._fill(now)
        left = self._tokens - self._unsent
        if left < 1 - ROUNDING:
            return (1 - left) / (self._share * self._limit.refill)
        self._unsent += 1
        return 0.0

    def send(self, now: float) -> None:
        """Take note that a call that was let go is on its way."""
        self._fill(now)
        self._tokens -= 1
        self._unsent -= 1

    def put_back(self) -> None:
        """Take note that a call that was let go is not made."""
        self._unsent -= 1

    def slow_down(self, now: float, sent_at: float) -> None:
        """Take note that EC2 refused a call that was sent then: somebody else has emptied its bucket.

        Those that were under way with it are refused for the same reason, and count no more.
        """
        self._fill(now)
        self._tokens = min(self._tokens, 0.0)
        if sent_at > self._slowed_at:
            self._share, self._slowed_at = max(SLOWER * self._share, SLOWEST), now

    def _fill(self, now: float) -> None:
        seconds, share = now - self._at, self._share
        self._share, self._at = min(1.0, share + seconds / RECOVERY), now
        self._tokens = min(self._size, self._tokens + seconds * self._limit.refill * (share + self._share) / 2)


class _Queue:
    def __init__(self, limit: Limit, now: float) -> None:
        self.bucket, self.lock, self.paid = Bucket(limit, now), asyncio.Lock(), 0


class Turn:
    """A call's turn to be made, once."""

    def __init__(self, rates: Rates, queue: _Queue) -> None:
        self._rates, self._queue = rates, queue
        self.sent_at: float | None = None
        """When the call was sent, by the clock's monotonic scale."""

    def use(self, call: Callable[[], T]) -> T:
        """Make the call, in whatever thread."""
        with self._rates.guard:
            self.sent_at = self._rates.clock.monotonic()
            self._queue.bucket.send(self.sent_at)
        return call()

    def note_refusal(self) -> None:
        """Take note that EC2 refused the call because there were too many."""
        if self.sent_at is not None:
            with self._rates.guard:
                self._queue.bucket.slow_down(self._rates.clock.monotonic(), self.sent_at)


class Rates:
    """The queues for EC2's actions of one call of a module: first come, first served."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.guard = clock, threading.Lock()
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def turn(self, action: str) -> AsyncIterator[Turn]:
        """Wait until the action may be asked for, unless that was waited for ahead; a turn not used is put back."""
        queue = self._queue(action)
        if queue.paid:
            queue.paid -= 1
        else:
            await self._wait(queue)
        turn = Turn(self, queue)
        try:
            yield turn
        finally:
            if turn.sent_at is None:
                with self.guard:
                    queue.bucket.put_back()

    @asynccontextmanager
    async def ahead(self, action: str) -> AsyncIterator[None]:
        """Wait for what the next `turn` need not wait for then, whoever takes it; none follows where this fails."""
        queue = self._queue(action)
        await self._wait(queue)
        try:
            yield
        except BaseException:
            with self.guard:
                queue.bucket.put_back()
            raise
        queue.paid += 1

    def _queue(self, action: str) -> _Queue:
        if action not in self._queues:
            self._queues[action] = _Queue(LIMITS.get(action, OTHER_ACTIONS), self.clock.monotonic())
        return self._queues[action]

    async def _wait(self, queue: _Queue) -> None:
        async with queue.lock:
            while seconds := self._take(queue):
                await self.clock.sleep(seconds)

    def _take(self, queue: _Queue) -> float:
        with self.guard:
            return queue.bucket.take(self.clock.monotonic())


def action_of(call: Callable[..., Any]) -> str:
    """Name the action that a method of Ec2, or a `partial` of it, asks for: `run_instances` is RunInstances."""
    while isinstance(call, partial):
        call = call.func
    name: str = getattr(call, "__name__", "")
    return "".join(word.capitalize() for word in name.split("_"))
