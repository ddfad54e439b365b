# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time, in one place so that a test can run it faster."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """Seconds since the epoch, seconds that never go back, and sleeping."""

    def now(self) -> int:
        """Return the seconds since the epoch."""
        return int(time.time())

    def monotonic(self) -> float:
        """Return seconds that only ever grow; only differences mean anything."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let other nodes go on for so many seconds."""
        await asyncio.sleep(seconds)
