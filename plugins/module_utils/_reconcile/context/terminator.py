# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Terminating the instances of many nodes with few calls, and one by one where EC2 refuses some of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..._aws.api.async_ec2 import FencedEc2
from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.clock import Clock
from ..._aws.calls.error_codes import is_throttled
from ..._aws.calls.executor import Fence

INSTANCES_PER_CALL = 100

COLLECT_SECONDS = 0.1
"""How long a call waits for more instances to come along."""

THROTTLED = 6
"""How often a call is made that EC2 refuses because there were too many, before its instances get one each."""


@dataclass(kw_only=True, slots=True)
class _Waiting:
    """An instance to terminate. The future becomes true when it was accepted, false when it needs a call of its own."""

    instance_id: str
    fence: Fence
    future: asyncio.Future[bool]


class Terminator:
    """Collects what arrives while a call is under way into the next one.

    One unknown id keeps TerminateInstances from terminating any, one protected instance those of its zone
    (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html): after a refusal each
    instance gets a call, and so an error, of its own.
    """

    def __init__(self, clock: Clock, fenced_ec2: Callable[[Fence], FencedEc2]) -> None:
        self._clock = clock
        self._fenced_ec2 = fenced_ec2
        self._waiting: list[_Waiting] = []
        self._called: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def terminate(self, instance_id: str, fence: Fence) -> None:
        """Terminate an instance; `fence` is awaited before each call that does. Raises AwsError."""
        if not await self._in_batch(instance_id, fence):
            self._called.add(instance_id)
            await self._fenced_ec2(fence).terminate_instances([instance_id])

    def has_called(self, instance_id: str) -> bool:
        """Whether a call for the instance may have been made, answered or not."""
        return instance_id in self._called

    async def _in_batch(self, instance_id: str, fence: Fence) -> bool:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(instance_id=instance_id, fence=fence, future=future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._flush())
        return await future

    async def _flush(self) -> None:
        while self._waiting:
            await self._clock.sleep(COLLECT_SECONDS)
            batch, self._waiting = self._waiting[:INSTANCES_PER_CALL], self._waiting[INSTANCES_PER_CALL:]
            try:
                await self._terminate(batch)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
                _settle(batch, outcome=error)

    async def _terminate(self, batch: list[_Waiting]) -> None:
        ec2 = self._fenced_ec2(partial(_ask_fences, batch))
        for _attempt in range(THROTTLED):
            try:
                await ec2.terminate_batch(partial(self._take, batch))
            except AwsError as error:
                if not is_throttled(error):
                    break
            else:
                _settle(batch, outcome=True)
                return
        _settle(batch, outcome=False)

    def _take(self, batch: list[_Waiting]) -> list[str]:
        """List the instances that are still to be terminated, right before the call."""
        instance_ids = [waiting.instance_id for waiting in batch if not waiting.future.done()]
        self._called.update(instance_ids)
        return instance_ids


async def _ask_fences(batch: list[_Waiting]) -> None:
    """Ask the fences of all at the same time; who is not let through is told so, and waits no more."""
    waiting = [each for each in batch if not each.future.done()]
    answers = await asyncio.gather(*(each.fence() for each in waiting), return_exceptions=True)
    for each, answer in zip(waiting, answers, strict=True):
        if isinstance(answer, BaseException):
            _settle([each], outcome=answer)


def _settle(batch: list[_Waiting], *, outcome: bool | BaseException) -> None:
    for waiting in batch:
        if waiting.future.done():
            continue
        if isinstance(outcome, BaseException):
            waiting.future.set_exception(outcome)
        else:
            waiting.future.set_result(outcome)
