# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A world in which time passes only when somebody sleeps, and calls are answered at once."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import LOST_REPLY, AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clock import Clock
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.executor import Executor

T = TypeVar("T")


class Deadlock(Exception):
    """Everything waits, and nothing is left that could end it."""


class _InstantSelector(selectors.DefaultSelector):
    elapsed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise Deadlock
        self.elapsed += max(timeout, 0)
        return super().select(0)


class _InstantLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._instant = _InstantSelector()
        super().__init__(self._instant)

    def time(self) -> float:
        return self._instant.elapsed


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it without waiting for anything; raises Deadlock where it would wait for ever."""
    loop = _InstantLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


class FakeClock(Clock):
    """Tells the time of the loop that runs."""

    def now(self) -> int:
        return 1_700_000_000 + int(self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class InlineExecutor(Executor):
    """Calls that are made in this thread, each so many seconds after it was asked for."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__(FakeClock())
        self._seconds = seconds

    async def run(self, call: Callable[[], T]) -> T:
        await asyncio.sleep(self._seconds)
        return call()


class Script:
    """A call that answers as scripted, the last answer again and again, and remembers when it was made."""

    def __init__(self, answers: Sequence[Any]) -> None:
        self._answers = list(answers)
        self.made_at: list[float] = []

    def __call__(self) -> Any:
        self.made_at.append(asyncio.get_running_loop().time())
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def count(self) -> int:
        return len(self.made_at)


class Fence:
    """A fence that counts, and from the call `closes_at` on lets nobody pass."""

    def __init__(self, closes_at: int = 0) -> None:
        self.passed, self._closes_at = 0, closes_at

    async def __call__(self) -> None:
        if self._closes_at and self.passed + 1 >= self._closes_at:
            raise FenceClosed
        self.passed += 1


class FenceClosed(Exception):
    """Somebody has taken the node over."""


def refused(code: str, status: int = 400) -> AwsError:
    return AwsError("RunInstances", code, "no", status)


def lost() -> AwsError:
    return AwsError("RunInstances", LOST_REPLY, "connection reset")
