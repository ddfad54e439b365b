# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fixed part of the sweep, a third of most scenarios; `make faults` runs all of it."""

from __future__ import annotations

import pytest

from .scenarios import SCENARIOS, Scenario
from .sweep import sweep


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_operation_that_goes_wrong_anywhere_is_finished_by_running_it_again(scenario: Scenario) -> None:
    # One job: pytest itself runs a test on each core.
    outcomes = list(sweep([scenario], every=scenario.every, jobs=1))
    assert outcomes
    assert not [f"{schedule}: {problems}" for schedule, problems in outcomes if problems]
