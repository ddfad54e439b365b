# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting: one poll for all that wait, bounded, by conditions that the caller states.

botocore's own waiters look every 15 or 20 seconds and for one thing each; here a look serves all nodes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from .aws_error import AwsError
from .clock import Clock
from .error_codes import is_replayable, is_throttled

T = TypeVar("T")

FIRST_INTERVAL = 0.2
"""Seconds between the first two reads; each interval is half as long again, up to LONGEST_INTERVALS."""

LONGEST_INTERVALS = ((30.0, 0.5), (120.0, 2.0), (float("inf"), 5.0))
"""Seconds that the most recent wait has lasted, and the longest interval between two reads until then.

EC2 has one bucket of reads for an account and region, of 100 that is refilled by 20 a second:
https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
"""

THROTTLED_INTERVAL = 5.0
"""Seconds until the next look after one that EC2 refused because there were too many."""

UNANSWERED_INTERVAL = 2.0
"""Seconds until the next look after one without a good answer, which botocore has repeated for a while by itself."""


class WaitTimeoutError(Exception):
    """The condition did not come true in time. `last` is what was seen last (None: nothing)."""

    def __init__(self, resource_id: str, last: object) -> None:
        super().__init__(f"{resource_id}: {last}")
        self.resource_id, self.last = resource_id, last


@dataclass(kw_only=True, slots=True)
class _Waiting(Generic[T]):
    resource_id: str
    reached: Callable[[T | None], bool]
    deadline: float
    future: asyncio.Future[T | None]


class Poller(Generic[T]):
    """Looks at resources of one kind until each is as somebody waits for it to be."""

    def __init__(self, clock: Clock, describe: Callable[[Iterable[str]], Awaitable[Mapping[str, T]]]) -> None:
        self._clock = clock
        self._describe = describe
        self._waiting: list[_Waiting[T]] = []
        self._task: asyncio.Task[None] | None = None
        self._interval = FIRST_INTERVAL
        self._newest_at = 0.0

    async def wait_until(self, resource_id: str, reached: Callable[[T | None], bool], deadline: float) -> T | None:
        """Wait until `reached` is true of what EC2 says of the resource (None: it is not there); return that.

        `deadline` is on the clock's monotonic scale. Raises WaitTimeoutError past it, and AwsError where AWS refuses a
        look. One that AWS throttles, or that gets no good answer, is made again until the deadline, and its AwsError
        is raised only then.
        """
        future: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(resource_id=resource_id, reached=reached, deadline=deadline, future=future))
        self._interval = FIRST_INTERVAL
        self._newest_at = self._clock.monotonic()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        return await future

    async def _poll(self) -> None:
        while self._waiting:
            looked_for = list(self._waiting)
            try:
                ids = {waiting.resource_id for waiting in looked_for}
                seen = await self._describe(ids)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
                self._fail(self._not_patient(looked_for, error), error)
            else:
                self._settle(looked_for, seen)
            self._waiting = [waiting for waiting in self._waiting if not waiting.future.done()]
            if self._waiting:
                await self._clock.sleep(self._interval)
                self._interval = min(1.5 * self._interval, self._longest_interval())

    def _longest_interval(self) -> float:
        lasted = self._clock.monotonic() - self._newest_at
        return next(interval for until, interval in LONGEST_INTERVALS if lasted < until)

    def _settle(self, looked_for: list[_Waiting[T]], seen: Mapping[str, T]) -> None:
        for waiting in looked_for:
            found = seen.get(waiting.resource_id)
            if waiting.future.done():
                continue
            try:
                reached = waiting.reached(found)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
                waiting.future.set_exception(error)
                continue
            if reached:
                waiting.future.set_result(found)
            elif self._clock.monotonic() >= waiting.deadline:
                waiting.future.set_exception(WaitTimeoutError(waiting.resource_id, found))

    def _not_patient(self, looked_for: list[_Waiting[T]], error: Exception) -> list[_Waiting[T]]:
        """Return the ones that wait no longer; a look that was throttled or lost says nothing, and is made again."""
        if not isinstance(error, AwsError) or not is_replayable(error):
            return looked_for
        self._interval = THROTTLED_INTERVAL if is_throttled(error) else UNANSWERED_INTERVAL
        now = self._clock.monotonic()
        return [waiting for waiting in looked_for if now >= waiting.deadline]

    def _fail(self, looked_for: list[_Waiting[T]], error: Exception) -> None:
        for waiting in looked_for:
            if not waiting.future.done():
                waiting.future.set_exception(error)
