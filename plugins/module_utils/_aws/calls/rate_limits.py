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
from typing import NamedTuple, TypeVar

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

HEADROOM = 0.02
"""The share of a bucket that is left in it, at least a call: the gaps between calls do not arrive as they were sent."""

SLOWER = 0.5
"""What is left of the rate after a refusal."""

SLOWEST = 0.05
"""The share of the published rate that refusals do not go below."""

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
        self._limit = limit
        self._at = now
        self._share = 1.0
        self._slowed_at = float("-inf")
        self._tokens = self._size
        self._unsent = 0

    @property
    def _size(self) -> float:
        spared = self._limit.size - max(1.0, HEADROOM * self._limit.size)
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
            self._share = max(SLOWER * self._share, SLOWEST)
            self._slowed_at = now

    def _fill(self, now: float) -> None:
        seconds = now - self._at
        share_before = self._share
        self._at = now
        self._share = min(1.0, share_before + seconds / RECOVERY)

        mean_share = (share_before + self._share) / 2
        self._tokens = min(self._size, self._tokens + seconds * self._limit.refill * mean_share)


class _Queue:
    def __init__(self, limit: Limit, now: float) -> None:
        self.bucket = Bucket(limit, now)
        self.lock = asyncio.Lock()
        self.prepaid = 0
        """Calls that were waited for by `reserve` and are not made yet."""


class Permit:
    """Leave to make one call."""

    def __init__(self, rate_limits: RateLimits, queue: _Queue) -> None:
        self._rate_limits = rate_limits
        self._queue = queue
        self.sent_at: float | None = None
        """When the call was sent, by the clock's monotonic scale."""

    def use(self, call: Callable[[], T]) -> T:
        """Make the call, in whatever thread."""
        with self._rate_limits.guard:
            self.sent_at = self._rate_limits.clock.monotonic()
            self._queue.bucket.send(self.sent_at)
        return call()

    def note_refusal(self) -> None:
        """Take note that EC2 refused the call because there were too many."""
        if self.sent_at is not None:
            with self._rate_limits.guard:
                self._queue.bucket.slow_down(self._rate_limits.clock.monotonic(), self.sent_at)


class RateLimits:
    """The queues for EC2's actions of one call of a module: first come, first served."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.guard = threading.Lock()
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def permit(self, action: str) -> AsyncIterator[Permit]:
        """Wait until the action may be called, unless that was reserved; a permit that is not used is put back."""
        queue = self._queue(action)
        if queue.prepaid:
            queue.prepaid -= 1
        else:
            await self._wait(queue)
        permit = Permit(self, queue)
        try:
            yield permit
        finally:
            if permit.sent_at is None:
                with self.guard:
                    queue.bucket.put_back()

    @asynccontextmanager
    async def reserve(self, action: str) -> AsyncIterator[None]:
        """Wait now, so that the next `permit` does not; nothing stays reserved where the body fails."""
        queue = self._queue(action)
        await self._wait(queue)
        try:
            yield
        except BaseException:
            with self.guard:
                queue.bucket.put_back()
            raise
        queue.prepaid += 1

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


def action_of(method: str) -> str:
    """Return the action that a method of Ec2 calls: `run_instances` calls RunInstances."""
    return "".join(word.capitalize() for word in method.split("_"))
