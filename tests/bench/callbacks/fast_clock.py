# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has the collection's own waiting go by as much faster as the emulator's states do: BENCH_SPEED."""

from __future__ import annotations

import asyncio
import os
import time

from ansible.plugins.callback import CallbackBase
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clock import Clock

DOCUMENTATION = """
name: fast_clock
type: aggregate
short_description: The time, faster
description: Loaded in the controller before it forks, so that the modules' code that runs in its process has it.
"""

SPEED = float(os.environ.get("BENCH_SPEED", "1"))


def _monotonic(_clock: Clock) -> float:
    return time.monotonic() * SPEED


async def _sleep(_clock: Clock, seconds: float) -> None:
    await asyncio.sleep(seconds / SPEED)


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "fast_clock"
    CALLBACK_NEEDS_ENABLED = True

    Clock.monotonic = _monotonic  # type: ignore[method-assign]
    Clock.sleep = _sleep  # type: ignore[method-assign]
