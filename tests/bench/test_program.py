# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program as a whole, with small fleets and a fast EC2."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from . import __main__ as program
from .interruptions import BACK, Watched
from .nodes import HANDOVER, OUT, TOLD
from .systems import FIRST, INTERRUPTION, NOTHING, PAUSE, REPLACE, Composed, Floor, InProcess, Ours, Prelaunch

SPEED = 20


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the program; gives its samples by system and step."""

    def run(**options: str) -> dict[tuple[str, str], dict[str, Any]]:
        given = [part for name, value in options.items() for part in (f"--{name}", value)]
        same = ["--repeats", "1", "--speed", str(SPEED), "--at-once", "2", "--out", str(tmp_path)]
        monkeypatch.setattr(sys, "argv", ["bench", *given, *same])
        program.main()
        samples = json.loads((tmp_path / "results.json").read_text())["samples"]
        return {(each["system"], each["step"]): each for each in samples}

    return run


@pytest.mark.thorough
def test_the_program_measures_all_systems(measured, capsys: pytest.CaptureFixture[str]) -> None:
    measured(systems="ours", sizes="1", steps=f"{FIRST},{NOTHING}")
    found = measured(systems="floor,composed", sizes="1", steps=f"{FIRST},{PAUSE}")
    shown = capsys.readouterr().out
    for name in (Ours.name, Floor.name, Composed.name):
        assert found[name, FIRST]["calls"]["RunInstances"] == 1
        assert found[name, FIRST]["peak_memory"] > 20_000_000
    for name in (Floor.name, Composed.name):
        assert found[name, PAUSE]["calls"]["TerminateInstances"] == 1
    assert all(each["failed"] == 0 and each["wall"] > 0 and each["cpu"] > 0 for each in found.values()), shown
    assert sum(found[Ours.name, NOTHING]["calls"].values()) == 5
    assert "met           AWS calls of a resume that has nothing to do, 1 nodes: 5 (at most 8)" in shown


@pytest.mark.parametrize("option", ["systems", "steps"])
def test_what_cannot_be_measured_is_refused_with_what_can(
    measured, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    with pytest.raises(SystemExit) as left:
        measured(**{option: "nonsense"})
    assert left.value.code == 2
    assert f"argument --{option}: nonsense: must be among" in capsys.readouterr().err


@pytest.mark.thorough
def test_what_a_hand_over_is_said_to_take_is_what_ec2_says(measured) -> None:
    """Seconds of both ways, which the record counts in whole ones and by when the collection saw what had happened.

    How much later that is depends on how busy the machine is; more than the whole replace it cannot be.
    """
    found = measured(systems="in_process,prelaunch", sizes="1", steps=REPLACE)
    assert found[InProcess.name, REPLACE]["calls"]["TerminateInstances"] == 1
    for name in (InProcess.name, Prelaunch.name):
        sample = found[name, REPLACE]
        assert sample["failed"] == 0
        ((out,), (told,)) = sample["seconds"][OUT], sample["seconds"][TOLD]
        assert out - 1 <= told <= sample["wall"] + 1
    moved, ended = found[Prelaunch.name, REPLACE]["seconds"], found[InProcess.name, REPLACE]["seconds"]
    assert (4 + 2) / SPEED < moved[OUT][0] <= moved[HANDOVER][0] / SPEED
    assert ended[OUT][0] > (40 + 20 + 8) / SPEED
    assert moved[OUT][0] < ended[OUT][0]


@pytest.mark.thorough
def test_an_interrupted_fleet_is_back_on_its_addresses(measured, capsys: pytest.CaptureFixture[str]) -> None:
    sample = measured(systems="watch", sizes="10", steps=INTERRUPTION)[Watched.name, INTERRUPTION]
    shown = capsys.readouterr().out
    assert sample["failed"] == 0, shown
    assert sample["counts"] == {"spot": 6, "on demand": 4}
    assert len(sample["seconds"][BACK]) == 10
    assert sample["wall"] == pytest.approx(max(sample["seconds"][BACK]), abs=0.1)
    assert "interruption of 10, watch: 4 on demand, 6 spot" in shown
