# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures as text: a line for each system, step and number of nodes, what each node took, then the bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .bars import MEGABYTE, Verdict
from .distribution import NAMES, distribution
from .samples import Sample, Samples
from .systems import STEPS, Floor

COLUMNS = ("step", "nodes", "system", "wall s", "to bare", "CPU s", "MB", "calls", "throttled", "runs")
WIDTHS = (14, 6, 18, 9, 8, 9, 6, 7, 10, 5)
NAMED = 64
"""The room that what is measured for each node takes."""


def table(samples: Samples, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Give the lines: the figures, the calls by kind, the bars."""
    yield _line(COLUMNS)
    for sample in _in_order(samples):
        yield _line(_row(samples, sample))
    yield ""
    yield from _calls(samples)
    yield ""
    yield from _seconds(samples)
    yield ""
    for verdict in verdicts:
        yield _verdict(verdict)


def _line(cells: Sequence[str]) -> str:
    padded = (
        cell.ljust(width) if number in (0, 2) else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    )
    return " ".join(padded).rstrip()


def _row(samples: Samples, sample: Sample) -> tuple[str, ...]:
    bare = samples.median(Floor.name, sample.step, sample.nodes)
    return (
        sample.step,
        str(sample.nodes),
        sample.system,
        f"{sample.wall:.1f}" + ("!" if sample.failed else ""),
        f"{sample.wall / bare.wall:.2f}" if bare else "-",
        f"{sample.cpu:.1f}",
        f"{sample.peak_memory / MEGABYTE:.0f}",
        str(sample.total_calls),
        str(sample.throttled),
        str(samples.count(sample.system, sample.step, sample.nodes)),
    )


def _calls(samples: Samples) -> Iterator[str]:
    yield "AWS calls by kind"
    for sample in _in_order(samples):
        counted = ", ".join(f"{count} {action}" for action, count in sample.calls.items() if count)
        yield f"  {sample.step} of {sample.nodes}, {sample.system}: {counted}"


def _seconds(samples: Samples) -> Iterator[str]:
    yield "Seconds, a figure a node".ljust(NAMED) + "".join(name.rjust(8) for name in NAMES)
    for sample in _in_order(samples):
        for name, values in sample.seconds.items():
            if values:
                label = f"  {sample.step} of {sample.nodes}, {sample.system}: {name}"
                yield label.ljust(NAMED) + "".join(f"{value:8.1f}" for value in distribution(values))
        if sample.counts:
            counted = ", ".join(f"{count} {name}" for name, count in sorted(sample.counts.items()))
            yield f"  {sample.step} of {sample.nodes}, {sample.system}: {counted}"


def _in_order(samples: Samples) -> list[Sample]:
    return sorted(samples.medians(), key=lambda each: (STEPS.index(each.step), each.nodes))


def _verdict(verdict: Verdict) -> str:
    if verdict.measured is None:
        return f"  not measured  {verdict.bar} (at most {verdict.limit:g})"
    word = "MISSED" if verdict.is_missed else "met"
    return f"  {word:12}  {verdict.bar}: {verdict.measured:.3g} (at most {verdict.limit:g})"
