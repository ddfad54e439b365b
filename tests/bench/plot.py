# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures as drawings: how long a fleet takes, how the cost grows with it, and when nodes are back."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

from . import curves, svg
from .nodes import OUT
from .samples import Sample, Samples
from .systems import FIRST, INFO, NOTHING, PAUSE, REPLACE, RESUME, Composed, Floor, Ours, Prelaunch

COLOURS = {Ours.name: "a", Composed.name: "b", Floor.name: "c"}
FLEET = 100
HANDOVER_SIZES = (1, 10)
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 380, 130, 110, 50, 330
NAMES = 235
"""The room that the names of lines take at their ends."""

BAR, GAP, LABEL = 16, 14, 16


def draw(directory: Path, samples: Samples) -> None:
    """Write wall.svg, growth.svg, handovers.svg and interruptions.svg into the directory."""
    (directory / "wall.svg").write_text(_wall(samples))
    (directory / "growth.svg").write_text(_growth(samples))
    (directory / "handovers.svg").write_text(_handovers(samples))
    (directory / "interruptions.svg").write_text(curves.interruptions(samples))


def _wall(samples: Samples) -> str:
    steps = (FIRST, RESUME, PAUSE, REPLACE, NOTHING)
    all_found = {step: [each for name in COLOURS if (each := samples.median(name, step, FLEET))] for step in steps}
    found = {step: group for step, group in all_found.items() if group}
    longest = max((each.wall for group in found.values() for each in group), default=1.0)
    shapes, y = [], float(TOP)
    for step, group in found.items():
        shapes.append(svg.text(LEFT - 10, y + 13, step, "end"))
        for sample in group:
            length = (WIDTH - LEFT - RIGHT) * sample.wall / longest
            label = f"{sample.wall:.0f} s {sample.system}"
            shapes += [svg.bar(LEFT, y, length, BAR - 2, COLOURS[sample.system])]
            shapes += [svg.text(*_beside(length, y, label))]
            y += BAR
        y += GAP
    return svg.document(WIDTH, round(y) + 10, f"Seconds that {FLEET} nodes take", shapes)


def _handovers(samples: Samples) -> str:
    title = "Seconds out of service of a node that is replaced, the median of its fleet"
    ways = ((Ours.name, "by termination"), (Prelaunch.name, "prelaunch"))
    found = {
        f"{way}, {nodes} at once": statistics.median(sample.seconds[OUT])
        for nodes in HANDOVER_SIZES
        for system, way in ways
        if (sample := samples.median(system, REPLACE, nodes)) and sample.seconds.get(OUT)
    }
    longest, y, shapes = max(found.values(), default=1.0), float(TOP), []
    for label, seconds in found.items():
        length, words = (WIDTH - LEFT - RIGHT) * seconds / longest, f"{seconds:.1f} s {label}"
        shapes += [svg.bar(LEFT, y, length, BAR - 2, "a"), svg.text(*_beside(length, y, words))]
        y += BAR + GAP / 2
    return svg.document(WIDTH, round(y) + 10, title, shapes)


def _beside(length: float, y: float, label: str) -> tuple[float, float, str, str, str]:
    """Put a bar's label after it, or, where there is no room, into it."""
    fits = LEFT + length + 8 * len(label) < WIDTH
    if fits:
        return LEFT + length + 6, y + 12, label, "start", ""
    return LEFT + length - 6, y + 12, label, "end", "paper"


def _growth(samples: Samples) -> str:
    lines = ((Ours.name, NOTHING), (Ours.name, INFO), (Composed.name, NOTHING))
    found = {key: _of(samples, *key) for key in lines}
    figures = [each.cpu for group in found.values() for each in group]
    title = "CPU seconds of a run that has nothing to do, by the number of nodes"
    if not figures:
        return svg.document(WIDTH, HEIGHT, title, ())
    x, y = _scale(1, 1000, LEFT, WIDTH - NAMES), _scale(min(1.0, *figures), max(figures), BOTTOM, TOP)
    shapes = [*_axes(x, y, max(figures))]
    shown = {f"{name}, {step}": group for (name, step), group in found.items() if group}
    for group in shown.values():
        shapes += _series(group, x, y)
    shapes += _labels({label: (x(group[-1].nodes), y(group[-1].cpu)) for label, group in shown.items()})
    return svg.document(WIDTH, HEIGHT, title, shapes)


def _of(samples: Samples, system: str, step: str) -> list[Sample]:
    found = (each for each in samples.medians() if (each.system, each.step) == (system, step))
    return sorted(found, key=lambda each: each.nodes)


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Map a figure to a place, by its logarithm."""
    width = max(math.log(high) - math.log(low), 1e-9)
    return lambda value: start + (end - start) * (math.log(value) - math.log(low)) / width


def _axes(x: Callable[[float], float], y: Callable[[float], float], most: float) -> Iterator[str]:
    yield svg.line([(LEFT, TOP), (LEFT, BOTTOM), (WIDTH - NAMES, BOTTOM)], "axis")
    for nodes in (1, 10, 100, 1000):
        yield svg.text(x(nodes), BOTTOM + 20, str(nodes), "middle")
    for seconds in (1, 3, 10, 30, 100, 300):
        if seconds <= most:
            yield svg.text(LEFT - 10, y(seconds) + 4, f"{seconds} s", "end")


def _series(group: list[Sample], x: Callable[[float], float], y: Callable[[float], float]) -> Iterator[str]:
    places = [(x(each.nodes), y(each.cpu)) for each in group]
    colour = COLOURS[group[0].system]
    yield svg.line(places, f"{colour} line" + (" dashed" if group[0].step == INFO else ""))
    for place in places:
        yield svg.dot(*place, colour)


def _labels(ends: dict[str, tuple[float, float]]) -> Iterator[str]:
    """Name the lines at their ends, from the top, each below the one before."""
    lowest = 0.0
    for label, (x, y) in sorted(ends.items(), key=lambda end: end[1][1]):
        lowest = max(y + 4, lowest + LABEL)
        yield svg.text(x + 8, lowest, label)
