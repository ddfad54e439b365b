# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time that passes because a test says so: histories of weeks, written in seconds."""

from __future__ import annotations

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.clock import Clock


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
