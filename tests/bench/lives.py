# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet's life, step by step, under EC2's limits and times, each step measured."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.collection import Collection
from tests.emulator.process import Emulator
from tests.faults.scenarios import FastClock

from .fleet import Conditions, Fleet, new_fleet
from .measure import measure
from .samples import Sample
from .systems import INFO, NOTHING, REPLACE, System

LARGE = 100
"""Nodes; what more of them cost is of interest only for what happens every day: nothing, and looking."""

HURRY = 20
"""How much faster than real our own clock goes by while what is not measured is brought up; leases end as fast."""


def live(
    emulator: Emulator, system: type[System], size: int, steps: Sequence[str], conditions: Conditions
) -> Iterator[Sample]:
    """Have a system take a new fleet through those steps of its life; yields a sample a step."""
    fleet = new_fleet(emulator, size)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        running = system(emulator, fleet, Path(directory), conditions)
        conditions.lift(emulator)
        running.prepare()
        if size > LARGE or system.steps == (REPLACE,):
            _bring_up(emulator, fleet)
        conditions.impose(emulator)
        yield from _take(emulator, running, [step for step in _life(system, size) if step in steps], size)


def _life(system: type[System], size: int) -> Sequence[str]:
    return system.steps if size <= LARGE else (NOTHING, INFO)


def _take(emulator: Emulator, system: System, steps: Sequence[str], size: int) -> Iterator[Sample]:
    for step in steps:
        sample = measure(emulator, partial(system.take, step), system=system.name, step=step, nodes=size)
        yield sample
        if sample.failed:
            return  # what comes after would measure something else


def _bring_up(emulator: Emulator, fleet: Fleet) -> None:
    collection = Collection(emulator.endpoint, clock=FastClock(HURRY))
    for start in range(0, len(fleet.names), LARGE):
        result = collection.operate("resume", list(fleet.names[start : start + LARGE]))
        if result.failures:
            raise RuntimeError(result.message)


def can_live(system: type[System], size: int) -> bool:
    """Whether the system has something to do with a fleet of that size."""
    return size <= system.largest
