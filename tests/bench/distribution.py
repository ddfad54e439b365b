# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How figures are distributed: the least, the most, and those that half, most and nearly all do not exceed."""

from __future__ import annotations

import math
from collections.abc import Sequence

PERCENTILES = (50, 90, 99)
NAMES = ("min", *(f"p{percent}" for percent in PERCENTILES), "max")


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the value that so many percent of the values, at the least, do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def distribution(values: Sequence[float]) -> tuple[float, ...]:
    """Give the figures that NAMES names."""
    return (min(values), *(percentile(values, percent) for percent in PERCENTILES), max(values))
