# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running calls: many at the same time, and again where that is safe.

Which call may be repeated, and how, stands in `call_policy.py`; `async_ec2.py` and `async_store.py` go by it.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TypeVar

from .aws_error import AwsError
from .clients import LONGEST_CALL, WORKERS
from .clock import Clock
from .error_codes import (
    is_gone,
    is_outcome_unknown,
    is_replayable,
    is_still_used,
    is_throttled,
    is_unseen,
)
from .rate_limits import RateLimits

T = TypeVar("T")

REPLAYS = 8
"""How often a call is made again at the most."""

FIRST_DELAY = 0.2
"""Seconds before the first replay; the delay doubles up to the longest."""

LONGEST_DELAY = 5.0

VISIBLE_AFTER = 30.0
"""Seconds for which `NotFound` of something that exists is put down to EC2's eventual consistency.

Source: https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
"""

THROTTLED_FOR = 300.0
"""Seconds for which a call that EC2 throttles is made again, from its first refusal on.

Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
"""

READ_INTERVAL = 2.0
"""Seconds before reads are made again that got no good answer, which botocore has repeated for a while by itself."""

ANSWER_INTERVAL = 0.05
"""Seconds between two looks at the calls that are under way."""

Fence = Callable[[], Awaitable[None]]
"""Raises unless the operation still holds its node; awaited right before each mutating call."""


class Executor:
    """Runs the blocking methods of Ec2, Store and Queue in worker threads."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._rate_limits = RateLimits(clock)
        self._open: dict[object, bool] = {}
        """Calls that change something: False while one is under way, True once it has ended with unknown outcome."""
        self._guard = threading.Lock()
        self._workers = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="aws")

    def close(self) -> None:
        """End the worker threads, once the calls that they are in have answered."""
        self._workers.shutdown(wait=True)

    async def run(self, call: Callable[[], T]) -> T:
        """Run a call once, whatever it does: for reads, and for writes that carry a condition of their own."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, call)

    async def run_tracked(self, call: Callable[[], T]) -> T:
        """Run a call that writes to the table once; `have_answered` waits for it."""
        return await self.run(partial(self._tracked, object(), call))

    async def retry_reads(self, read: Callable[[], Awaitable[T]], deadline: float) -> T:
        """Make reads, and all of them again while AWS throttles one or gives it no good answer.

        `deadline` is on the clock's monotonic scale; past it, AwsError is raised as by the last attempt.
        """
        while True:
            try:
                return await read()
            except AwsError as error:
                if not is_replayable(error) or self.clock.monotonic() >= deadline:
                    raise
            await self.clock.sleep(READ_INTERVAL)

    async def have_answered(self) -> bool:
        """Wait until no call that changes something is under way; return whether the outcome of all is known.

        Nothing may be waiting for a call any more: what is cancelled leaves a call that was sent to its thread. One
        that has not answered after the longest time that a call takes counts as unknown.
        """
        until = self.clock.monotonic() + LONGEST_CALL
        while self._is_any_under_way() and self.clock.monotonic() < until:
            await self.clock.sleep(ANSWER_INTERVAL)
        return not self._open

    def _is_any_under_way(self) -> bool:
        with self._guard:
            return any(not has_ended for has_ended in self._open.values())

    def _tracked(self, key: object, call: Callable[[], T]) -> T:
        """Run a call, tracked under the key while it is under way, and after it where its outcome is unknown."""
        with self._guard:
            self._open[key] = False
        try:
            outcome = call()
        except AwsError as error:
            self._note_end(key, is_unknown=is_outcome_unknown(error))
            raise
        except BaseException:
            self._note_end(key, is_unknown=False)
            raise
        self._note_end(key, is_unknown=False)
        return outcome

    def _note_end(self, key: object, *, is_unknown: bool) -> None:
        with self._guard:
            if is_unknown:
                self._open[key] = True
            else:
                self._open.pop(key, None)

    async def replay(self, action: str, call: Callable[[], T], fence: Fence, *, unseen_for: float = VISIBLE_AFTER) -> T:
        """Run an idempotent call, and again while its outcome is unknown, it is throttled, or its object unseen.

        `unseen_for` is how many seconds `NotFound` is not believed.
        """
        return await self._repeat(action, call, fence, is_replayable, partial(_is_lagging, is_unseen, unseen_for))

    async def run_once(self, action: str, call: Callable[[], T], fence: Fence) -> T:
        """Run a call that is not idempotent: again only when EC2 refused it, as throttled or for an object unseen."""
        return await self._repeat(action, call, fence, is_throttled, partial(_is_lagging, is_unseen, VISIBLE_AFTER))

    async def run_until_gone(self, action: str, call: Callable[[], T], fence: Fence) -> T | None:
        """Run a call that ends something, again like `replay`, and while EC2 still reports it as in use.

        What is gone already counts as ended; None is returned then.
        """
        is_lagging = partial(_is_lagging, is_still_used, VISIBLE_AFTER)
        try:
            return await self._repeat(action, call, fence, is_replayable, is_lagging)
        except AwsError as error:
            if not is_gone(error):
                raise
        return None

    async def run_rate_limited(self, action: str, call: Callable[[], T], fence: Fence) -> T:
        """Run a call of that action once, as soon as its rate limit lets it; the fence is asked after the waiting."""
        outcome = await self._attempt(action, partial(self._tracked, object(), call), fence)
        if isinstance(outcome, AwsError):
            raise outcome
        return outcome

    async def _attempt(self, action: str, call: Callable[[], T], fence: Fence) -> T | AwsError:
        """Return the call's error, too: what the fence raises is not the call's."""
        async with self._rate_limits.permit(action) as permit:
            await fence()
            try:
                return await self.run(partial(permit.use, call))
            except AwsError as error:
                if is_throttled(error):
                    permit.note_refusal()
                return error

    def reserve(self, action: str) -> AbstractAsyncContextManager[None]:
        """Wait until the rate limit allows a call of the action: its intent is written under it, then it is made.

        An interrupted run then leaves no intents open of calls that were still queueing.
        """
        return self._rate_limits.reserve(action)

    async def _repeat(
        self,
        action: str,
        call: Callable[[], T],
        fence: Fence,
        may_repeat: Callable[[AwsError], bool],
        is_lagging: Callable[[AwsError, float], bool],
    ) -> T:
        refused_at: float | None = None
        replays = 0
        delay = FIRST_DELAY
        repeated = False
        key = object()
        tracked = partial(self._tracked, key, call)
        while True:
            outcome = await self._attempt(action, tracked, fence)
            if not isinstance(outcome, AwsError):
                return outcome

            error = outcome
            error.repeated = repeated
            repeated = repeated or is_outcome_unknown(error)

            now = self.clock.monotonic()
            refused_at = now if refused_at is None else refused_at
            waited = now - refused_at
            patient = is_lagging(error, waited) or (is_throttled(error) and waited < THROTTLED_FOR)
            if not patient and not (may_repeat(error) and replays < REPLAYS):
                # The caller is about to act on it.
                self._note_end(key, is_unknown=False)
                raise error

            replays += not patient
            await self.clock.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - spreads calls, keeps no secret
            delay = min(2 * delay, LONGEST_DELAY)


def _is_lagging(is_sign: Callable[[AwsError], bool], patience: float, error: AwsError, waited: float) -> bool:
    """Whether an error may come of what EC2 has not taken note of yet; it is put down to that for so long."""
    return is_sign(error) and waited < patience
