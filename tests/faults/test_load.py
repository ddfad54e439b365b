# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small fleet under a small account's request limits; `make faults` runs a hundred nodes under EC2's own."""

from __future__ import annotations

import pytest

from tests.emulator.process import Emulator

from .load import OPERATIONS, Load, run_load

LOAD = Load(nodes=14, speed=20.0, throttling_scale=0.1)
"""A tenth of the limits: a launch every quarter of a second of this test, however slow the machine is."""


@pytest.mark.thorough
def test_a_fleet_that_is_throttled_and_disturbed_ends_right(emulator: Emulator) -> None:
    figures = list(run_load(emulator, LOAD))
    assert [each.operation for each in figures] == list(OPERATIONS)
    for each in figures:
        assert (each.still_failed, each.broken) == ([], [])
    assert sum(each.throttled for each in figures) > 0
    assert sum(each.faults for each in figures) > 0
    assert sum(each.retries for each in figures) > 0
