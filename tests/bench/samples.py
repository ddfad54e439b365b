# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured, and the medians of it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A step that a system took with so many nodes.

    `wall` and `cpu` are seconds, CPU with all children; `peak_memory` is bytes of the largest process; `calls` is by
    AWS action; `failed` is 0, or the exit status; `load` is the machine's load average of the minute before. `seconds`
    has a figure a node of what was measured for each, `counts` how many nodes came to what.
    """

    system: str
    step: str
    nodes: int
    wall: float
    cpu: float
    peak_memory: int
    calls: dict[str, int] = field(default_factory=dict)
    throttled: int = 0
    failed: int = 0
    load: float = 0.0
    seconds: dict[str, list[float]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total_calls(self) -> int:
        """AWS calls of any kind."""
        return sum(self.calls.values())

    def followed_by(self, other: Sample, step: str) -> Sample:
        """Compose the sample of a step that is this one's and then the other's."""
        calls = Counter(self.calls) + Counter(other.calls)
        return replace(
            self,
            step=step,
            wall=self.wall + other.wall,
            cpu=self.cpu + other.cpu,
            peak_memory=max(self.peak_memory, other.peak_memory),
            calls=dict(calls),
            throttled=self.throttled + other.throttled,
        )


Key = tuple[str, str, int]
"""System, step and number of nodes."""


class Samples:
    """All samples; a median stands for those of the same system, step and number of nodes."""

    def __init__(self, samples: Iterable[Sample] = ()) -> None:
        self._samples: dict[Key, list[Sample]] = {}
        for sample in samples:
            self.add(sample)

    def add(self, sample: Sample) -> None:
        """Add one to those that are like it."""
        self._samples.setdefault((sample.system, sample.step, sample.nodes), []).append(sample)

    def replace(self, other: Samples) -> None:
        """Put what was measured anew in the place of what was measured of the same before."""
        self._samples.update(other._samples)

    def count(self, system: str, step: str, nodes: int) -> int:
        """How often it was measured."""
        return len(self._samples.get((system, step, nodes), ()))

    def median(self, system: str, step: str, nodes: int) -> Sample | None:
        """Return the median of each figure; None where nothing was measured."""
        found = self._samples.get((system, step, nodes))
        return _median(found) if found else None

    def medians(self) -> list[Sample]:
        """Return the median of each kind, in the order in which they came."""
        return [_median(found) for found in self._samples.values()]

    def to_json(self) -> list[dict[str, Any]]:
        """Give all of them as plain data."""
        return [asdict(sample) for found in self._samples.values() for sample in found]

    @classmethod
    def from_json(cls, data: Iterable[dict[str, Any]]) -> Samples:
        """Read what `to_json` gave."""
        return cls(Sample(**item) for item in data)


def _median(samples: Sequence[Sample]) -> Sample:
    actions = sorted({action for sample in samples for action in sample.calls})
    return Sample(
        system=samples[0].system,
        step=samples[0].step,
        nodes=samples[0].nodes,
        wall=statistics.median(sample.wall for sample in samples),
        cpu=statistics.median(sample.cpu for sample in samples),
        peak_memory=int(statistics.median(sample.peak_memory for sample in samples)),
        calls={a: int(statistics.median(sample.calls.get(a, 0) for sample in samples)) for a in actions},
        throttled=int(statistics.median(sample.throttled for sample in samples)),
        failed=max(sample.failed for sample in samples),
        load=statistics.median(sample.load for sample in samples),
        seconds=_together(samples),
        counts=_counted(samples),
    )


def _together(samples: Sequence[Sample]) -> dict[str, list[float]]:
    """The nodes of all repeats: what is asked of them is how they are distributed."""
    names = dict.fromkeys(name for sample in samples for name in sample.seconds)
    return {name: sorted(each for sample in samples for each in sample.seconds.get(name, ())) for name in names}


def _counted(samples: Sequence[Sample]) -> dict[str, int]:
    names = dict.fromkeys(name for sample in samples for name in sample.counts)
    return {name: int(statistics.median(sample.counts.get(name, 0) for sample in samples)) for name in names}
