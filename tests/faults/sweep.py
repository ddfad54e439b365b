# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running many schedules: in batches on one world each, and the batches side by side."""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing.util import Finalize

from tests.emulator.process import Emulator

from .creations import strays, wrong_tokens
from .invariants import kept, records_of, unsettled
from .scenarios import SCENARIOS, FaultEnvironment, FaultScenario, new_world
from .schedules import Schedule, run_schedule, schedules

BATCH = 20
"""Schedules run on one world, each on a node of its own: their preparation is shared, as a fleet's is."""

ScheduleOutcome = tuple[Schedule, list[str]]


def _nothing() -> None:
    """Leave a process as it is."""


def sweep(
    scenarios: Sequence[FaultScenario] = SCENARIOS,
    *,
    every: int = 1,
    only: str = "",
    jobs: int = 2,
    prepare: Callable[[], None] = _nothing,
) -> Iterator[ScheduleOutcome]:
    """Run each `every`-th of the schedules, of those whose name contains `only`; `jobs` batches at the same time.

    `prepare` is called first in each of the processes that run them.
    """
    # A fork would share the connections of this process with the batches.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context, initializer=prepare) as pool:
        found = pool.map(partial(_batches_of_own, every=every, only=only), concerned(scenarios, only))
        batches = [batch for batches in found for batch in batches]
        for outcomes in pool.map(_run_batch_of_own, batches):
            yield from outcomes


def sweep_here(emulator: Emulator, scenario: FaultScenario, *, every: int) -> Iterator[ScheduleOutcome]:
    """Run each `every`-th of the scenario's schedules in this process."""
    for batch in _batches(emulator, scenario, every=every, only=""):
        yield from _run_batch(emulator, batch)


def concerned(scenarios: Sequence[FaultScenario], only: str) -> list[FaultScenario]:
    """Leave out scenarios none of whose schedules can be meant: their calls need not be found.

    What stands in front of a colon is the end of a scenario's name, and a part of such a name means these scenarios.
    """
    name, colon, _position = only.partition(":")
    chosen = [each for each in scenarios if (each.name.endswith(name) if colon else name in each.name)]
    return chosen or ([] if colon else list(scenarios))


@functools.cache
def _emulator() -> Emulator:
    """This process's emulator: it costs more to start than a batch to run."""
    started = Emulator().start()
    Finalize(None, started.stop, exitpriority=0)
    return started


def _batches_of_own(scenario: FaultScenario, *, every: int, only: str) -> list[list[Schedule]]:
    return _batches(_emulator(), scenario, every=every, only=only)


def _run_batch_of_own(batch: Sequence[Schedule]) -> list[ScheduleOutcome]:
    return _run_batch(_emulator(), batch)


def _batches(emulator: Emulator, scenario: FaultScenario, *, every: int, only: str) -> list[list[Schedule]]:
    found = schedules(new_world(emulator), scenario, every=every)
    chosen = iter([schedule for schedule in found if only in str(schedule)])
    return list(iter(lambda: list(islice(chosen, BATCH)), []))


def _run_batch(emulator: Emulator, batch: Sequence[Schedule]) -> list[ScheduleOutcome]:
    world = new_world(emulator)
    nodes = {f"node-{number}": schedule for number, schedule in enumerate(batch)}
    batch[0].scenario.prepare(world, *nodes)
    found = _problems(world, nodes, batch[0].scenario.operation)
    # Nothing tells which of the batch's schedules left it; the last is as good as any.
    found[list(nodes)[-1]].extend(strays(world))
    return [(schedule, found[name]) for name, schedule in nodes.items()]


def _problems(world: FaultEnvironment, nodes: Mapping[str, Schedule], operation: str) -> dict[str, list[str]]:
    """Run each schedule on its node, and ask all of them together what does not depend on when it is asked."""
    before, records = kept(world, *nodes), records_of(world, nodes)
    world.emulator.clear_calls()
    found, finished = {}, {}
    for name, schedule in nodes.items():
        found[name], is_finished = run_schedule(world, name, schedule, before[name], records.get(name))
        if is_finished:
            finished[name] = before[name]
    for name, problem in (*wrong_tokens(world, finished), *unsettled(world, finished, operation)):
        found[name].append(problem)
    return found
