# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time that passes faster, or because a test says so: a history of weeks is written in seconds."""

from __future__ import annotations

import time

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clock import Clock

SPEED = 10
"""How much faster than the real time a run's sleeping and its time limits go by."""

DURATIONS = {
    "pending": 0.02,
    "shutting_down": 0.02,
    "interface_release": 0.01,
    "attaching": 0.01,
    "detaching": 0.01,
    "associating": 0.01,
}
"""Seconds that EC2's state changes take where a test uses FastClock."""


class PassingTime(Clock):
    """The real clock, `behind` seconds ago; waiting takes as long as ever."""

    def __init__(self, behind: float = 0) -> None:
        self._behind = behind

    def now(self) -> int:
        return int(super().now() - self._behind)

    def passes(self, seconds: float) -> None:
        """Let time go by."""
        self._behind -= seconds

    def goes_to(self, seconds_ago: float) -> None:
        """Go on to a time before the present."""
        self._behind = seconds_ago


class FastClock(Clock):
    """The real clock, its sleeps and limits shortened alike."""

    def __init__(self, speed: float = SPEED) -> None:
        self.speed = speed

    def monotonic(self) -> float:
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / self.speed)
