# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Terminating the instances of many nodes with few calls, and one by one where EC2 refuses some of them."""

from __future__ import annotations

import asyncio

from .._aws.calls import Calls, Fence
from .._aws.ec2 import Ec2
from .._aws.errors import AwsError, is_throttled

INSTANCES_PER_CALL = 100

COLLECT_SECONDS = 0.1
"""How long a call waits for more instances to come along."""

THROTTLED = 6
"""How often a call is made that EC2 refuses because there were too many, before its instances get one each."""


_Batch = list[tuple[str, asyncio.Future[bool]]]


class Terminator:
    """Collects what arrives while a call is under way into the next one.

    One unknown id keeps TerminateInstances from terminating any, one protected instance those of its zone
    (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html): after a refusal each
    instance gets a call, and so an error, of its own.
    """

    def __init__(self, calls: Calls, ec2: Ec2) -> None:
        self._calls, self._ec2 = calls, ec2
        self._waiting: _Batch = []
        self._task: asyncio.Task[None] | None = None

    async def terminate(self, instance_id: str, fence: Fence) -> None:
        """Terminate an instance; `fence` is awaited before each call that does. Raises AwsError."""
        await fence()
        if not await self._in_batch(instance_id):
            await self._calls.replay(lambda: self._ec2.terminate_instances([instance_id]), fence)

    async def _in_batch(self, instance_id: str) -> bool:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((instance_id, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._flush())
        return await future

    async def _flush(self) -> None:
        while self._waiting:
            await self._calls.clock.sleep(COLLECT_SECONDS)
            batch, self._waiting = self._waiting[:INSTANCES_PER_CALL], self._waiting[INSTANCES_PER_CALL:]
            _settle(batch, await self._outcome([instance_id for instance_id, _future in batch]))

    async def _outcome(self, instance_ids: list[str]) -> bool | Exception:
        try:
            return await self._accepted(instance_ids)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            return error

    async def _accepted(self, instance_ids: list[str]) -> bool:
        for attempt in range(THROTTLED):
            try:
                await self._calls.make(lambda: self._ec2.terminate_instances(instance_ids))
            except AwsError as error:
                if not is_throttled(error):
                    return False
                await self._calls.clock.sleep(COLLECT_SECONDS * 2**attempt)
            else:
                return True
        return False


def _settle(batch: _Batch, outcome: bool | Exception) -> None:  # noqa: FBT001 - what the futures are of
    for _instance_id, future in batch:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
