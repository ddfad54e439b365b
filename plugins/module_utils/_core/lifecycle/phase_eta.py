# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a phase will take still, from what EC2 lets through and what was measured of it so far."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..actions.base_action import Phase

LAUNCHES_AT_ONCE, LAUNCHES_PER_SECOND = 5, 2.0
"""EC2's bucket for RunInstances: so many at once, then so many a second, until it is measured to be another.

Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
"""

MEASURED_AFTER = 3 * LAUNCHES_AT_ONCE
"""From how many launches on their pace may show to be above the published one: of fewer, most came at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """What was counted and measured of a phase; times in seconds.

    `retrying` counts the nodes whose call was refused and is tried again: of these nothing can be estimated.
    `accepted` counts the nodes whose turn has come, whatever became of them. `newest` is how long ago that was for the
    latest of those that are under way (None: there is none), `typical` how long it took from there to the end for
    those that have got there (None: none has).
    """

    phase: Phase
    queued: int
    accepted: int
    reached: int
    elapsed: float
    newest: float | None = None
    typical: float | None = None
    retrying: int = 0


def seconds_left(pace: Pace) -> float | None:
    """Estimate the seconds until the last node is there; None when nothing is left, or it cannot be known."""
    if pace.retrying:
        return None
    if not pace.queued and pace.newest is None:
        return None
    if pace.phase in ("prelaunch", "launch", "terminate"):
        return _until_the_last_has_ended(pace)
    return pace.queued * pace.elapsed / pace.reached if pace.reached else None


def _until_the_last_has_ended(pace: Pace) -> float | None:
    if pace.typical is None:
        return None
    if pace.queued:
        # Terminating takes many instances in a call: nothing of that kind queues for long.
        return pace.typical + (0 if pace.phase == "terminate" else _seconds_of_queue(pace))
    return max(0.0, pace.typical - (pace.newest or 0))


def _seconds_of_queue(pace: Pace) -> float:
    left_of_burst = max(0, LAUNCHES_AT_ONCE - pace.accepted)
    return max(0, pace.queued - left_of_burst) / _launches_per_second(pace)


def _launches_per_second(pace: Pace) -> float:
    if not pace.accepted or pace.elapsed <= 0:
        return LAUNCHES_PER_SECOND
    if pace.accepted < MEASURED_AFTER:
        return min(LAUNCHES_PER_SECOND, pace.accepted / pace.elapsed)
    return (pace.accepted - LAUNCHES_AT_ONCE) / pace.elapsed


def wording(seconds: float) -> str:
    """Say a duration no more exactly than it is known: `3 s`, `40 s`, `4 min`."""
    if seconds < 10:  # noqa: PLR2004 - a few seconds are told one by one
        return f"{max(1, math.ceil(seconds))} s"
    if seconds < 120:  # noqa: PLR2004 - two minutes
        return f"{5 * math.ceil(seconds / 5)} s"
    return f"{math.ceil(seconds / 60)} min"
