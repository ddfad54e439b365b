# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody gives the tags of a node to things of theirs while operations run: nothing but noise."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.process import Emulator

from .fault_hooks import Trap
from .harness import Stage, moment
from .out_of_band_changes import FORGERIES
from .postconditions import always, fail_on

WRITES = (1, 2)
"""Before which of an operation's writes to EC2 the forger acts."""


@pytest.fixture
def stage(emulator: Emulator) -> Stage:
    """A node that runs and has an Elastic IP."""
    made = Stage(emulator)
    network = made.world.network
    made.configure(
        {
            "subnet_id": network.subnet_a_id,
            "public_ip_assignment": "enabled",
            "elastic_ip": "new",
            "launch": {"image_id": network.image_id, "instance_types": ["t3.micro"], "market": "on_demand"},
        }
    )
    assert made.resume_with_neighbour().went_well
    made.third_party.settle()
    return made


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_tags_are_noise_to_a_replace_and_a_pause(stage: Stage, forgery: str) -> None:
    for operation, at in zip(("replace", "pause"), WRITES, strict=True):
        before = moment(stage)

        def forge(*_call: Any) -> None:
            stage.third_party.do(forgery, stage.record.identity, wait=False)

        outcome = stage.operate(operation, Trap("EC2 writes", at, forge), take_over=True)
        stage.third_party.settle()
        now = moment(stage)
        assert stage.third_party.things, "nothing was forged"
        fail_on([str(problem) for problem in (*outcome.failures, *outcome.broken)])
        fail_on(always(stage, before, now))
