# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the figures have to reach. A bar whose figures were not measured is neither met nor missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.emulator.settings import CALL_SECONDS, DURATIONS

from .samples import Sample, Samples
from .systems import FIRST, INFO, NOTHING, PAUSE, REPLACE, RESUME, Composed, Floor, InProcess, Ours

FLEET, LARGEST = 100, 1000
MEGABYTE = 1_000_000

STATE_CHANGES = ("shutting_down", "interface_release", "pending")
"""What EC2 takes to replace an instance: its end, the interface's release, the next one's start."""

CHANGING_CALLS = ("TerminateInstances", "RunInstances")


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A bar, what was measured (None: nothing), and the limit, which may be reached."""

    bar: str
    measured: float | None
    limit: float

    @property
    def is_missed(self) -> bool:
        """Whether it was measured, and is too much."""
        return self.measured is not None and self.measured > self.limit


def judge(samples: Samples, speed: float) -> list[Verdict]:
    """Hold the medians against every bar."""
    found = _Figures(samples)
    return [*_calls(found), *_against_the_floor(found), *_against_modules(found), *_large(found), *_alone(found, speed)]


class _Figures:
    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def of(self, system: str, step: str, nodes: int) -> Sample | None:
        return self._samples.median(system, step, nodes)

    def ours(self, step: str, nodes: int, figure: Callable[[Sample], float]) -> float | None:
        sample = self.of(Ours.name, step, nodes)
        return figure(sample) if sample else None

    def ratio(self, other: str, step: str, nodes: int, figure: Callable[[Sample], float]) -> float | None:
        """Ours to another's; None unless both were measured and came to their end."""
        both = [self.of(name, step, nodes) for name in (Ours.name, other)]
        if not all(both):
            return None
        ours, theirs = (figure(sample) for sample in both if sample)
        return ours / theirs


def _calls(found: _Figures) -> Iterator[Verdict]:
    for nodes in (1, 10, FLEET):
        yield Verdict(
            bar=f"AWS calls of a resume that has nothing to do, {nodes} nodes",
            measured=found.ours(NOTHING, nodes, lambda sample: sample.total_calls),
            limit=8,
        )
    for step in (FIRST, RESUME, PAUSE, REPLACE):
        yield Verdict(
            bar=f"throttled calls of all, {step} of {FLEET}, %",
            measured=found.ours(step, FLEET, lambda sample: 100 * sample.throttled / sample.total_calls),
            limit=1,
        )


def _against_the_floor(found: _Figures) -> Iterator[Verdict]:
    for step in (FIRST, RESUME, PAUSE):
        ratio = found.ratio(Floor.name, step, FLEET, lambda sample: sample.wall)
        yield Verdict(bar=f"wall time to the bare calls', {step} of {FLEET}", measured=ratio, limit=1.15)


def _against_modules(found: _Figures) -> Iterator[Verdict]:
    ratio = found.ratio(Composed.name, NOTHING, FLEET, lambda sample: sample.cpu)
    yield Verdict(bar=f"CPU to the composed play's, {NOTHING} of {FLEET}", measured=ratio, limit=1 / 50)


def _large(found: _Figures) -> Iterator[Verdict]:
    cpu = found.ours(INFO, LARGEST, lambda sample: sample.cpu)
    yield Verdict(bar=f"CPU seconds, info of {LARGEST}", measured=cpu, limit=15)
    for step in (NOTHING, INFO):
        memory = found.ours(step, LARGEST, lambda sample: sample.peak_memory / MEGABYTE)
        yield Verdict(bar=f"megabytes, {step} of {LARGEST}", measured=memory, limit=300)


def _alone(found: _Figures, speed: float) -> Iterator[Verdict]:
    sample = found.of(InProcess.name, REPLACE, 1)
    added = sample.wall - ec2_seconds(speed) if sample else None
    yield Verdict(bar="seconds added to EC2's own, replace of 1, in process", measured=added, limit=3)


def ec2_seconds(speed: float) -> float:
    """Say what replacing an instance takes EC2, as the emulator is told: its states, and the calls until they act."""
    states = sum(DURATIONS["ec2"][state] for state in STATE_CHANGES)
    # Half of a call's time passes before its effect.
    return (states + sum(CALL_SECONDS["ec2"][action] for action in CHANGING_CALLS) / 2) / speed
