# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the bench makes of figures: bars, medians, drawings."""

from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from .bars import ec2_seconds, judge
from .distribution import distribution
from .interruptions import BACK, EARLIEST, Watched
from .nodes import OUT
from .plot import draw
from .samples import Sample, Samples
from .systems import (
    FIRST,
    INFO,
    INTERRUPTION,
    NOTHING,
    PAUSE,
    REPLACE,
    RESUME,
    Composed,
    Floor,
    InProcess,
    Ours,
    Prelaunch,
)
from .table import table

SAMPLE = Sample(system=Ours.name, step=NOTHING, nodes=100, wall=3.0, cpu=2.0, peak_memory=10**8, calls={"Scan": 8})


def sample(**changes: object) -> Sample:
    return dataclasses.replace(SAMPLE, **changes)


def within() -> Samples:
    """Just within every bar."""
    made = [sample(nodes=nodes) for nodes in (1, 10, 100)]
    made.append(sample(system=Composed.name, cpu=100.0))
    for step in (FIRST, RESUME, PAUSE, REPLACE):
        made.append(sample(step=step, wall=115.0, calls={"RunInstances": 100}, throttled=1))
        made.append(sample(step=step, system=Floor.name, wall=100.0))
    made += [sample(step=step, nodes=1000, cpu=15.0, peak_memory=300_000_000) for step in (INFO, NOTHING)]
    return Samples([*made, sample(system=InProcess.name, step=REPLACE, nodes=1, wall=ec2_seconds(1) + 3)])


def missed(samples: Samples) -> list[str]:
    return [verdict.bar for verdict in judge(samples, 1) if verdict.is_missed]


def test_each_bar_is_reached_by_what_is_just_within() -> None:
    verdicts = judge(within(), 1)
    assert all(verdict.measured == pytest.approx(verdict.limit) for verdict in verdicts if "calls" not in verdict.bar)
    assert missed(within()) == []


@pytest.mark.parametrize(
    ("worse", "bar"),
    [
        (sample(calls={"Scan": 9}), "AWS calls"),
        (sample(cpu=2.1), "CPU to the composed"),
        (sample(step=RESUME, wall=116.0, calls={"RunInstances": 100}), "wall time"),
        (sample(step=PAUSE, wall=116.0, calls={"RunInstances": 100}), "wall time"),
        (sample(step=FIRST, wall=1.0, calls={"RunInstances": 100}, throttled=2), "throttled"),
        (sample(step=INFO, nodes=1000, cpu=15.1), "CPU seconds"),
        (sample(step=NOTHING, nodes=1000, peak_memory=301_000_000), "megabytes"),
        (sample(system=InProcess.name, step=REPLACE, nodes=1, wall=ec2_seconds(1) + 3.1), "seconds added"),
    ],
)
def test_a_figure_that_is_too_large_misses_its_bar(worse: Sample, bar: str) -> None:
    samples = within()
    samples.replace(Samples([worse]))
    (found,) = missed(samples)
    assert bar in found


def test_what_was_not_measured_is_said_and_misses_nothing() -> None:
    nothing = Samples()
    assert missed(nothing) == []
    assert sum("not measured" in line for line in table(nothing, judge(nothing, 1))) == len(judge(nothing, 1))


def test_medians_stand_for_repeats_and_new_ones_replace_old_ones() -> None:
    samples = Samples(sample(wall=wall, calls={"Scan": int(wall)}) for wall in (1.0, 9.0, 2.0))
    median = samples.median(Ours.name, NOTHING, 100)
    assert median is not None
    assert (median.wall, median.calls, samples.count(Ours.name, NOTHING, 100)) == (2.0, {"Scan": 2}, 3)
    samples.replace(Samples([sample(wall=7.0)]))
    assert [each.wall for each in samples.medians()] == [7.0]
    assert Samples.from_json(json.loads(json.dumps(samples.to_json()))).to_json() == samples.to_json()


def test_the_nodes_of_all_repeats_are_distributed_together() -> None:
    samples = Samples(
        sample(seconds={"back": [float(each) for each in range(start, 101, 2)]}, counts={"spot": start})
        for start in (1, 2)
    )
    median = samples.median(Ours.name, NOTHING, 100)
    assert median is not None
    assert (len(median.seconds["back"]), median.counts) == (100, {"spot": 1})
    assert distribution(median.seconds["back"]) == (1, 50, 90, 99, 100)
    assert distribution([7.0]) == (7, 7, 7, 7, 7)
    assert any(line.split() == ["no-op", "resume", "of", "100,", "stateful_node.aws:", "back", "1.0", "50.0", "90.0",
                                "99.0", "100.0"] for line in table(samples, []))  # fmt: skip


def test_the_drawings_show_every_system(tmp_path: Path) -> None:
    samples = within()
    curves = {BACK: [10.0, 20.0, 30.0], EARLIEST: [5.0, 6.0, 7.0]}
    samples.add(sample(system=Watched.name, step=INTERRUPTION, nodes=3, seconds=curves))
    for system, out in ((Ours.name, 70.0), (Prelaunch.name, 7.0)):
        samples.add(sample(system=system, step=REPLACE, nodes=10, seconds={OUT: [out, out + 1, out + 9]}))
    draw(tmp_path, samples)
    drawings = ("wall.svg", "growth.svg", "handovers.svg", "interruptions.svg")
    words = " ".join("".join(ET.parse(tmp_path / name).getroot().itertext()) for name in drawings)
    shown = (Ours.name, Composed.name, Floor.name, INFO, NOTHING, "3 nodes, watch", f"3 nodes, {EARLIEST}",
             "71.0 s by termination, 10 at once", "8.0 s prelaunch, 10 at once")  # fmt: skip
    assert all(name in words for name in shown)
