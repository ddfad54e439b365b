# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random steps over the whole product, always the same ones; `python -m tests.faults.machine` plays others."""

from __future__ import annotations

import pytest

from tests.emulator.process import Emulator

from .harness import Stage
from .machine import NodeMachine, play
from .out_of_band_changes import OUT_OF_BAND_CHANGES
from .snapshot import look

EXAMPLES, STEPS = 10, 6
"""What takes half a minute when the machine has nothing else to do."""


@pytest.mark.thorough
def test_whatever_happens_the_node_keeps_its_identity_and_comes_up_again(shared_emulator: Emulator) -> None:
    machine = type("NodeMachine", (NodeMachine,), {"emulator": shared_emulator})
    play(machine, examples=EXAMPLES, steps=STEPS)


PREPARATIONS = {
    "delete the interface": "pause",
    "launch on the interface": "pause",
    "take the private IP": "delete the interface",
    "take the last private IP": "delete the interface",
}
"""What the node must have been through for a deed to have an effect, where it must not run."""

REFUSED = ("detach the interface",)
"""EC2 detaches no primary interface; that it is tried all the same changes nothing."""

UNSEEN = ("protect the instance", "unprotect the instance")
"""What EC2 shows in none of the lists that are looked at."""


@pytest.fixture
def stage(emulator: Emulator) -> Stage:
    """A node that runs and has one of everything."""
    made = Stage(emulator)
    made.configure(
        {
            "subnet_id": made.world.network.subnet_a_id,
            "public_ip_assignment": "enabled",
            "elastic_ip": "new",
            "secondary_private_ip_address_count": 1,
            "ipv6_address_count": 1,
            "launch": {"image_id": made.world.network.image_id, "instance_types": ["t3.micro"], "market": "on_demand"},
        }
    )
    assert made.operate("resume").went_well
    # What is on its way still would be taken for what somebody did.
    made.third_party.settle()
    return made


def _do(stage: Stage, deed: str) -> None:
    stage.third_party.do(deed, stage.record.identity)


@pytest.mark.parametrize("deed", [deed for deed in OUT_OF_BAND_CHANGES if deed not in (*REFUSED, *UNSEEN)])
def test_what_somebody_does_in_the_console_changes_something(stage: Stage, deed: str) -> None:
    preparation = PREPARATIONS.get(deed)
    if preparation:
        assert stage.operate("pause").went_well
    if preparation in OUT_OF_BAND_CHANGES:
        _do(stage, preparation)
    before = look(stage.ec2)
    _do(stage, deed)
    assert look(stage.ec2) != before


def test_a_protected_instance_is_not_terminated_by_somebody(stage: Stage) -> None:
    _do(stage, "protect the instance")
    before = look(stage.ec2)
    _do(stage, "terminate the instance")
    assert look(stage.ec2).live == before.live
    _do(stage, "unprotect the instance")
    _do(stage, "terminate the instance")
    assert not look(stage.ec2).live
