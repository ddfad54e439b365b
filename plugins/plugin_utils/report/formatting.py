# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times and durations as the page writes them."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import pairwise

MINUTE, HOUR, DAY = 60, 3600, 86400

STEPS = (
    1, 5, 15, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 28 * DAY,
    91 * DAY, 364 * DAY,
)  # fmt: skip
"""Seconds between two ticks of the axis, of which the first is taken that leaves no more than TICKS."""

TICKS = 8


def clock_time(seconds: int) -> str:
    """Write a time, in seconds since the epoch, in UTC."""
    return _utc(seconds).strftime("%Y-%m-%d %H:%M:%S")


def machine_time(seconds: int) -> str:
    """Write a time for the attribute `datetime`."""
    return _utc(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(seconds: int) -> str:
    """Write a duration in its two largest units."""
    units = (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", 1))
    for (unit, length), (smaller, part) in pairwise(units):
        if seconds >= length:
            whole, rest = seconds // length, seconds % length // part
            return f"{whole} {unit} {rest} {smaller}" if rest else f"{whole} {unit}"
    return f"{seconds} s"


def duration_between(least: int, most: int) -> str:
    """Write a duration that is known to lie between two."""
    if least == most:
        return duration(least)
    return f"up to {duration(most)}" if least == 0 else f"{duration(least)} to {duration(most)}"


def ticks(begins_at: int, ends_at: int) -> list[tuple[int, str]]:
    """Choose the times that the axis names, with their labels."""
    step = next((step for step in STEPS if (ends_at - begins_at) / step <= TICKS), STEPS[-1])
    form = "%d %b %Y" if step >= 91 * DAY else "%d %b" if step >= DAY else "%H:%M" if step >= MINUTE else "%H:%M:%S"
    first = -(-begins_at // step) * step
    return [(at, _utc(at).strftime(form)) for at in range(first, ends_at + 1, step)]


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=timezone.utc)
