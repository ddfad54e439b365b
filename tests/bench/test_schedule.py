# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured beside what, and in which order."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.fleet import Conditions

from . import measure
from . import schedule as scheduled
from .catalogue import SYSTEMS
from .interruptions import Watched
from .lifecycle import Life
from .samples import Sample
from .schedule import measure_all, schedule
from .systems import FIRST, INTERRUPTION, REPLACE, STEPS, Composed, Floor, InProcess, Ours, Prelaunch

EVERYTHING = schedule(list(SYSTEMS.values()), (1, 10, 100, 1000), STEPS, 3)


def test_small_fleets_live_side_by_side_and_large_ones_alone() -> None:
    together = {(life.system, life.size) for life in EVERYTHING[0]}
    systems = (Ours, Floor, Prelaunch, Watched, Composed)
    assert together == {(system, size) for system in systems for size in (1, 10)}
    rest = EVERYTHING[1:]
    assert all(len(group) == 1 or group == EVERYTHING[0] for group in rest)
    assert (InProcess, 1) in {(life.system, life.size) for group in rest for life in group if len(group) == 1}


def test_all_is_measured_once_before_anything_is_again() -> None:
    """Whoever ends the bench by hand has a figure of each; and a thousand nodes, which nothing changes, live once."""
    lives = [life for group in EVERYTHING for life in group]
    kinds = [(life.system, life.size) for life in lives]
    first = len(set(kinds))
    assert len(set(kinds[:first])) == first
    assert all(kinds.count(kind) == (1 if kind[1] == 1000 else 3) for kind in kinds)
    assert [life.times for life in lives if life.size == 1000] == [3]


def test_what_has_nothing_to_do_does_not_live() -> None:
    assert schedule([Floor, Watched], (1000,), STEPS, 1) == []
    assert [life.system for (life,) in schedule([Ours, Watched], (1,), (INTERRUPTION,), 1)] == [Watched]


def test_commands_that_run_are_ended_and_no_other_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "_ENDED", threading.Event())
    sleeps = measure.Command(arguments=["/bin/sleep", "600"], environment={}, directory=tmp_path)
    with ThreadPoolExecutor(1) as thread:
        command = thread.submit(measure.run, sleeps)
        while not measure._RUNNING:
            assert not command.done()
        measure.end_all()
        with pytest.raises(measure.EndedError):
            command.result(timeout=60)
    with pytest.raises(measure.EndedError):
        measure.run(sleeps)


class Stand:
    """In the place of an emulator."""

    def __enter__(self) -> Stand:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def life(size: int) -> Life:
    return Life(system=Ours, size=size, steps=(FIRST, REPLACE))


def test_lives_side_by_side_have_an_emulator_each_and_give_all_their_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    both, used = threading.Barrier(2, timeout=10), []

    def live(emulator: object, life: Life, _conditions: Conditions):
        used.append(emulator)
        both.wait()  # reached only by two at once
        for step in life.steps:
            yield Sample(system="x", step=step, nodes=life.size, wall=1, cpu=1, peak_memory=1)

    monkeypatch.setattr(scheduled, "Emulator", Stand)
    monkeypatch.setattr(scheduled, "live", live)
    samples = list(measure_all([[life(1), life(10)]], Conditions(), at_once=4))
    assert sorted((each.nodes, each.step) for each in samples) == [
        (1, FIRST), (1, REPLACE), (10, FIRST), (10, REPLACE),
    ]  # fmt: skip
    assert len(set(used)) == 2


def test_a_life_that_fails_ends_the_bench_and_the_commands_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    def live(*_: object):
        raise RuntimeError("no fleet")

    monkeypatch.setattr(scheduled, "Emulator", Stand)
    monkeypatch.setattr(scheduled, "live", live)
    monkeypatch.setattr(scheduled, "end_all", lambda: ended.append(True))
    with pytest.raises(RuntimeError, match="no fleet"):
        list(measure_all([[life(1), life(10)]], Conditions(), at_once=2))
    assert ended == [True]
