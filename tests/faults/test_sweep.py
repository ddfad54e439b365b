# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two fixed parts of the sweep: a few schedules of each scenario, and for `make test-all` a third of most scenarios.

`make faults` runs all of it.
"""

from __future__ import annotations

import pytest

from tests.emulator.process import Emulator

from .scenarios import SCENARIOS, FaultScenario
from .sweep import concerned, sweep_here

FEW = 23
"""Which schedules `make test` runs: each so many-th, about ten of a scenario and of most kinds of fault."""


def _problems(emulator: Emulator, scenario: FaultScenario, every: int) -> list[str]:
    outcomes = list(sweep_here(emulator, scenario, every=every))
    assert outcomes
    return [f"{schedule}: {problems}" for schedule, problems in outcomes if problems]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_operation_that_goes_wrong_is_finished_by_running_it_again(
    scenario: FaultScenario, shared_emulator: Emulator
) -> None:
    assert _problems(shared_emulator, scenario, FEW) == []


@pytest.mark.thorough
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_operation_that_goes_wrong_anywhere_is_finished_by_running_it_again(
    scenario: FaultScenario, shared_emulator: Emulator
) -> None:
    assert _problems(shared_emulator, scenario, scenario.every) == []


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("adopt: ", ["adopt"]),
        ("resume: RunInstances #1", ["first resume", "resume"]),
        ("change", ["change of address", "change of address, paused", "change to prelaunch"]),
        ("nothing: ", []),
        (": RunInstances ", [scenario.name for scenario in SCENARIOS]),
        ("RunInstances", [scenario.name for scenario in SCENARIOS]),
    ],
)
def test_only_the_scenarios_that_are_meant_are_looked_into(only: str, names: list[str]) -> None:
    assert [scenario.name for scenario in concerned(SCENARIOS, only)] == names
