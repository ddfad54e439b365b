# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the nodes of an interrupted fleet run again, as a drawing: the share of them that does, over the seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from . import svg
from .interruptions import BACK, EARLIEST, Watched
from .samples import Samples
from .systems import INTERRUPTION

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 380, 60, 740, 50, 320
STEPS, MOST_TICKS = (1, 5, 10, 25, 50, 100, 250), 8
SHARES = (0, 25, 50, 75, 100)
Scale = Callable[[float], float]


def interruptions(samples: Samples) -> str:
    """Draw the curves of each size of fleet, and beside each what EC2's limits alone would allow."""
    title = "From Spot's warning of the whole fleet to running again: % of the nodes, by seconds"
    lines = dict(_lines(samples))
    if not lines:
        return svg.document(WIDTH, HEIGHT, title, ())
    most = max(max(values) for values in lines.values())
    x = _scale(0, most, LEFT, RIGHT)
    shapes = [*_axes(x, most)]
    for number, ((label, kind), values) in enumerate(lines.items()):
        shapes.append(svg.line(_curve(values, x), f"{kind} line"))
        y = TOP + 16 * (number + 1)
        shapes += [svg.line([(LEFT + 16, y - 4), (LEFT + 46, y - 4)], f"{kind} line"), svg.text(LEFT + 54, y, label)]
    return svg.document(WIDTH, HEIGHT, title, shapes)


def _lines(samples: Samples) -> Iterator[tuple[tuple[str, str], Sequence[float]]]:
    found = [each for each in samples.medians() if (each.system, each.step) == (Watched.name, INTERRUPTION)]
    for colour, sample in zip("ab", sorted(found, key=lambda each: -each.nodes), strict=False):
        for name, label, kind in ((BACK, "watch", colour), (EARLIEST, EARLIEST, f"{colour} dashed")):
            if sample.seconds.get(name):
                yield (f"{sample.nodes} nodes, {label}", kind), sorted(sample.seconds[name])


def _curve(values: Sequence[float], x: Scale) -> Iterator[tuple[float, float]]:
    """A step up at each node that is back."""
    y = _scale(0, len(values), BOTTOM, TOP)
    yield x(0), y(0)
    for number, value in enumerate(values):
        yield x(value), y(number)
        yield x(value), y(number + 1)


def _axes(x: Scale, most: float) -> Iterator[str]:
    y = _scale(0, 100, BOTTOM, TOP)
    yield svg.line([(LEFT, TOP), (LEFT, BOTTOM), (RIGHT, BOTTOM)], "axis")
    for share in SHARES:
        yield svg.text(LEFT - 10, y(share) + 4, f"{share} %", "end")
    for seconds in _ticks(most):
        yield svg.text(x(seconds), BOTTOM + 20, str(seconds), "middle")


def _ticks(most: float) -> range:
    step = next((each for each in STEPS if most / each <= MOST_TICKS), STEPS[-1])
    return range(0, int(most) + 1, step)


def _scale(low: float, high: float, start: float, end: float) -> Scale:
    return lambda value: start + (end - start) * (value - low) / ((high - low) or 1)
