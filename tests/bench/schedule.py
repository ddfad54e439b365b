# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which lives are lived when: small fleets side by side, each on an emulator of its own, large ones alone."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from tests.emulator.process import Emulator
from tests.support.fleet import Conditions

from .lifecycle import LARGE, Life, live, steps_of
from .measure import end_all
from .samples import Sample
from .systems import System

SMALL = 10
"""Nodes of a fleet that mostly waits for EC2, so that several of them leave a machine idle."""


def schedule(
    systems: Sequence[type[System]], sizes: Sequence[int], steps: Sequence[str], repeats: int
) -> list[list[Life]]:
    """Plan the lives, those of a list side by side. Everything is lived once before anything is again."""
    lives = [Life(system=system, size=size, steps=tuple(steps)) for size in sizes for system in systems]
    lives = [life for life in lives if steps_of(life)]
    small = [life for life in lives if life.size <= SMALL and not life.system.is_alone]
    alone = [life for life in lives if life.size <= LARGE and life not in small]
    large = [_repeated(life, repeats) for life in lives if life.size > LARGE]
    first = [small, *([life] for life in alone), *([life] for life in large)]
    again = [small, *([life] for life in alone)]
    return [group for group in [*first, *(again * (repeats - 1))] if group]


def _repeated(life: Life, times: int) -> Life:
    return Life(system=life.system, size=life.size, steps=life.steps, times=times)


def measure_all(groups: Sequence[Sequence[Life]], conditions: Conditions, at_once: int) -> Iterator[Sample]:
    """Have the lives lived, at most so many at once; yields the samples as they come."""
    with contextlib.ExitStack() as stack:
        emulators: queue.Queue[Emulator] = queue.Queue()
        for _number in range(min(at_once, max((len(group) for group in groups), default=0))):
            emulators.put(stack.enter_context(Emulator()))
        for group in groups:
            yield from _side_by_side(group, conditions, emulators)


def _side_by_side(group: Sequence[Life], conditions: Conditions, emulators: queue.Queue[Emulator]) -> Iterator[Sample]:
    """A life that ends with an exception ends the others, and is raised."""
    samples: queue.Queue[Sample | Future[None]] = queue.Queue()

    def work(life: Life) -> None:
        emulator = emulators.get()
        try:
            for sample in live(emulator, life, conditions):
                samples.put(sample)
        finally:
            emulators.put(emulator)

    with ThreadPoolExecutor(emulators.qsize()) as threads:
        futures = {threads.submit(work, life) for life in group}
        for future in futures:
            future.add_done_callback(samples.put)
        try:
            while futures:
                came = samples.get()
                if isinstance(came, Sample):
                    yield came
                else:
                    futures.remove(came)
                    came.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise
