# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Races for one node: what must be true of them, for the tests and for defects that are put back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from .scenarios import FaultEnvironment

RUNNERS = 20
BEGINNERS = ("replace", "pause", "replace", "pause")
"""What is begun at once: operations that a running node needs work for."""


def two_running_nodes(world: FaultEnvironment) -> FaultEnvironment:
    """Make the nodes a and b, which run."""
    for name in ("a", "b"):
        world.collection.configure(name, world.network, public_ip_assignment="enabled", elastic_ip="new")
    assert world.operate("resume", "a", "b") == []
    return world


def begin_at_once(world: FaultEnvironment, name: str) -> Iterator[str]:
    """Begin operations in many threads at once; lists what keeps it from being one that has it and many that know."""
    operations = BEGINNERS * (RUNNERS // len(BEGINNERS))
    with ThreadPoolExecutor(max_workers=RUNNERS) as pool:
        outcomes = list(pool.map(lambda operation: _begin(world, operation, name), operations))
    winners = [outcome.values["operation_id"] for outcome in outcomes if not outcome.failures]
    if len(winners) != 1:
        yield f"R1 {len(winners)} of {RUNNERS} have begun an operation on one node"
    yield from _not_told(winners, [outcome for outcome in outcomes if outcome.failures])


def _begin(world: FaultEnvironment, operation: str, name: str, *, take_over: bool = False) -> Result:
    return world.collection.run("operation", name=[name], state="begun", operation=operation, take_over=take_over)


def _not_told(winners: Sequence[str], losers: Sequence[Result]) -> Iterator[str]:
    for loser in losers:
        failure = loser.failures[0]
        if failure.code != "Busy" or not any(winner in failure.message for winner in winners):
            yield f"R2 the error does not name the operation that holds the node: {failure.code}: {failure.message}"


def go_on_after_a_take_over(world: FaultEnvironment, name: str) -> Iterator[str]:
    """Take an operation over and let its holder go on; lists what it does all the same."""
    first = _begin(world, "replace", name).values["operation_id"]
    second = _begin(world, "replace", name, take_over=True).values["operation_id"]
    world.emulator.clear_calls()
    outcome = world.collection.run("instance", name=[name], state="terminated", operation_id=first)
    if [failure.code for failure in outcome.failures] != ["OperationTakenOver"]:
        yield f"R3 a holder that was taken over went on: {outcome.values}"
    if calls := [call["action"] for call in world.emulator.calls(mutating=True)]:
        yield f"R3 a holder that was taken over made {', '.join(calls)}"
    world.collection.run("operation", name=[name], state="ended", operation_id=second)


def race_problems(world: FaultEnvironment) -> list[str]:
    """Run all races, each on its own node; lists what went wrong."""
    two_running_nodes(world)
    return [*begin_at_once(world, "a"), *go_on_after_a_take_over(world, "b")]
