# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running many schedules: in batches on one world each, and the batches side by side."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

from tests.emulator.process import Emulator

from .scenarios import SCENARIOS, Scenario, new_world
from .schedules import FAULTS, KILLS, Schedule, positions, run_schedule

BATCH = 40
"""Schedules run on one world, each on a node of its own: their preparation is shared, as a fleet's is."""

Outcome = tuple[Schedule, list[str]]


def sweep(*, every: int, only: str, jobs: int) -> list[Outcome]:
    """Run each `every`-th of the schedules whose name contains `only`, `jobs` batches at the same time."""
    # A fork would share the connections of this process with the batches.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context) as pool:
        batches = [batch for found in pool.map(_batches, SCENARIOS, [every] * len(SCENARIOS), [only] * len(SCENARIOS))
                   for batch in found]  # fmt: skip
        return [outcome for outcomes in pool.map(_run_batch, batches) for outcome in outcomes]


def _batches(scenario: Scenario, every: int, only: str) -> list[list[Schedule]]:
    with Emulator() as emulator:
        found = [
            Schedule(scenario, position, kind)
            for position in positions(new_world(emulator), scenario)
            for kind in (*FAULTS, *KILLS)
        ]
    chosen = iter([schedule for schedule in found if only in str(schedule)][::every])
    return list(iter(lambda: list(islice(chosen, BATCH)), []))


def _run_batch(batch: Sequence[Schedule]) -> list[Outcome]:
    with Emulator() as emulator:
        return list(_outcomes(emulator, batch))


def _outcomes(emulator: Emulator, batch: Sequence[Schedule]) -> Iterator[Outcome]:
    world = new_world(emulator)
    names = [f"node-{number}" for number in range(len(batch))]
    batch[0].scenario.prepare(world, *names)
    for name, schedule in zip(names, batch, strict=True):
        yield schedule, run_schedule(world, name, schedule)
