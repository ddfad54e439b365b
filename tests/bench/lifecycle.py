# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet's life, step by step, under EC2's limits and times, each step measured."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import Collection
from tests.support.fleet import Conditions, Fleet, new_fleet

from .measure import measure
from .samples import Sample
from .systems import INFO, NOTHING, PAUSE, REPLACE, RESUME, System

LARGE = 100
"""Nodes; what more of them cost is of interest only for what happens every day: nothing, and looking.

Neither changes anything, so that both are repeated in one life.
"""

HURRY = 20
"""How much faster than real our own clock goes by while what is not measured is brought up; leases end as fast."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """A system takes a fleet of that size through those steps, so many times."""

    system: type[System]
    size: int
    steps: tuple[str, ...]
    times: int = 1


def live(emulator: Emulator, life: Life, conditions: Conditions) -> Iterator[Sample]:
    """Have a system take a new fleet through its life; yields a sample a step."""
    system, size = life.system, life.size
    fleet = new_fleet(emulator, size)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        running = system(emulator, fleet, Path(directory), conditions)
        conditions.lift(emulator)
        running.prepare()
        if size > LARGE or system.is_brought_up:
            _bring_up(emulator, fleet)
            running.look("", time.time())
        conditions.impose(emulator)
        yield from _take(emulator, running, steps_of(life) * life.times, size)


def steps_of(life: Life) -> tuple[str, ...]:
    """Say which of the steps the system has something for, with a fleet of that size."""
    known = life.system.steps if life.size <= LARGE else (NOTHING, INFO)
    return tuple(step for step in known if step in life.steps) if life.size <= life.system.largest else ()


def _take(emulator: Emulator, system: System, steps: Sequence[str], size: int) -> Iterator[Sample]:
    taken: dict[str, Sample] = {}
    for step in steps:
        if step == REPLACE and system.replaces_by_both and {PAUSE, RESUME} <= taken.keys():
            yield taken[PAUSE].followed_by(taken[RESUME], step)
            continue
        take, look = partial(system.take, step), partial(system.look, step)
        taken[step] = measure(emulator, take, look, system=system.name, step=step, nodes=size)
        yield taken[step]
        if taken[step].failed:
            return  # what comes after would measure something else


def _bring_up(emulator: Emulator, fleet: Fleet) -> None:
    collection = Collection(emulator.endpoint, clock=FastClock(HURRY))
    for start in range(0, len(fleet.names), LARGE):
        result = collection.operate("resume", list(fleet.names[start : start + LARGE]))
        if result.failures:
            raise RuntimeError(result.message)
