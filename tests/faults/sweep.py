# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running many schedules: in batches on one world each, and the batches side by side."""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing.util import Finalize

from tests.emulator.process import Emulator

from .creations import strays
from .scenarios import SCENARIOS, Scenario, World, new_world
from .schedules import Schedule, run_schedule, schedules

BATCH = 20
"""Schedules run on one world, each on a node of its own: their preparation is shared, as a fleet's is."""

Outcome = tuple[Schedule, list[str]]


def _nothing() -> None:
    """Leave a process as it is."""


def sweep(
    scenarios: Sequence[Scenario] = SCENARIOS,
    *,
    every: int = 1,
    only: str = "",
    jobs: int = 2,
    prepare: Callable[[], None] = _nothing,
) -> Iterator[Outcome]:
    """Run each `every`-th of the schedules, of those whose name contains `only`; `jobs` batches at the same time.

    `prepare` is called first in each of the processes that run them.
    """
    # A fork would share the connections of this process with the batches.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context, initializer=prepare) as pool:
        found = pool.map(partial(_batches, every=every, only=only), scenarios)
        batches = [batch for batches in found for batch in batches]
        for outcomes in pool.map(_run_batch, batches):
            yield from outcomes


@functools.cache
def _emulator() -> Emulator:
    """This process's emulator: it costs more to start than a batch to run."""
    started = Emulator().start()
    Finalize(None, started.stop, exitpriority=0)
    return started


def _batches(scenario: Scenario, *, every: int, only: str) -> list[list[Schedule]]:
    found = schedules(new_world(_emulator()), scenario, every=every)
    chosen = iter([schedule for schedule in found if only in str(schedule)])
    return list(iter(lambda: list(islice(chosen, BATCH)), []))


def _run_batch(batch: Sequence[Schedule]) -> list[Outcome]:
    world = new_world(_emulator())
    outcomes = list(_outcomes(world, batch))
    # Nothing tells which of the batch's schedules left it; the last is as good as any.
    outcomes[-1][1].extend(strays(world))
    return outcomes


def _outcomes(world: World, batch: Sequence[Schedule]) -> Iterator[Outcome]:
    names = [f"node-{number}" for number in range(len(batch))]
    batch[0].scenario.prepare(world, *names)
    for name, schedule in zip(names, batch, strict=True):
        yield schedule, run_schedule(world, name, schedule)
