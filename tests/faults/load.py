# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.faults.load`: a fleet resumed, replaced and paused while EC2 throttles and calls fail."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import Collection

from .invariants import Kept, kept, violations
from .scenarios import FaultEnvironment, new_world

OPERATIONS = ("resume", "replace", "pause")
RUNS = 3
"""How often an operation is run at the most: once, and twice again for the nodes that failed."""

NOTHING_YET = Kept(None, None, None)


@dataclass(frozen=True)
class Load:
    """How many nodes, and how hard they have it: `throttling_scale` makes EC2's token buckets smaller.

    `speed` is by how much faster than real the time goes by, on both sides; `fault_rate` is a share of all calls.
    """

    nodes: int = 100
    speed: float = 4.0
    throttling_scale: float = 1.0
    fault_rate: float = 0.01
    seed: int = 1


@dataclass(frozen=True)
class Figures:
    """What an operation on the whole fleet took. `seconds` are real ones; `still_failed` is what the last run said."""

    operation: str
    runs: int
    seconds: float
    calls: list[dict[str, Any]]
    still_failed: list[str]
    broken: list[str]

    @property
    def throttled(self) -> int:
        """Calls that EC2 refused because there were too many."""
        return sum(call["outcome"] == "RequestLimitExceeded" and not call["fault"] for call in self.calls)

    @property
    def faults(self) -> int:
        """Calls that went wrong by the draw."""
        return sum(bool(call["fault"]) for call in self.calls)

    @property
    def retries(self) -> int:
        """Changes to EC2 that were asked for again with the very same parameters."""
        asked = Counter(
            (call["action"], json.dumps(call["parameters"], sort_keys=True))
            for call in self.calls
            if call["mutating"] and call["service"] == "ec2"
        )
        return asked.total() - len(asked)


def run_load(emulator: Emulator, load: Load) -> Iterator[Figures]:
    """Resume, replace and pause the fleet, and look at every node after each."""
    world, names = _fleet(emulator, load)
    before = dict.fromkeys(names, NOTHING_YET)
    for operation in OPERATIONS:
        _make_difficult(world, load)
        began = time.monotonic()
        runs, still_failed = _operate_as_user(world, operation, names)
        seconds, calls = time.monotonic() - began, emulator.calls()
        emulator.configure(throttling=False, fault_rate=0)
        broken = [f"{name}: {found}" for name, found in violations(world, before, operation)]
        yield Figures(operation, runs, seconds, calls, still_failed, broken)
        before = kept(world, *names)


def _fleet(emulator: Emulator, load: Load) -> tuple[FaultEnvironment, list[str]]:
    made = new_world(emulator)
    world = FaultEnvironment(emulator, made.network, Collection(emulator.endpoint, clock=FastClock(load.speed)))
    emulator.configure(profile="ec2", speed=load.speed)
    names = [f"node-{number}" for number in range(load.nodes)]
    for name in names:
        world.collection.configure(name, world.network, public_ip_assignment="enabled", elastic_ip="new")
    return world, names


def _make_difficult(world: FaultEnvironment, load: Load) -> None:
    world.emulator.clear_calls()
    world.emulator.configure(
        throttling=True, throttling_scale=load.throttling_scale, fault_rate=load.fault_rate, fault_seed=load.seed
    )


def _operate_as_user(world: FaultEnvironment, operation: str, names: Sequence[str]) -> tuple[int, list[str]]:
    """Run the operation, and again for the nodes that failed; returns how often, and what failed at last."""
    remaining, problems, runs = list(names), [], 0
    while remaining and runs < RUNS:
        remaining, problems = _operate(world, operation, remaining, take_over=runs > 0)
        runs += 1
    return runs, problems


def _operate(
    world: FaultEnvironment, operation: str, names: list[str], *, take_over: bool
) -> tuple[list[str], list[str]]:
    """Run the operation once; returns the nodes that failed, and why."""
    try:
        result = world.collection.operate(operation, names, take_over=take_over)
    except (AwsError, NodeError) as error:
        # A read of all nodes that fails ends the whole call.
        return names, [str(error)]
    failed = [node["name"] for node in result.values["nodes"] if "error" in node]
    return failed, [failure.message for failure in result.failures]


def print_figures(load: Load, figures: Sequence[Figures]) -> None:
    """Print a line an operation, and of all of them a line an action."""
    titles = ("operation", "runs", "seconds", "EC2 seconds", "calls", "throttled", "faults", "retries", "violated")
    print(
        f"{load.nodes} nodes, {load.fault_rate:.0%} of the calls fail, seed {load.seed}, {load.speed:g} times as fast"
    )
    print("".join(f"{title:>13}" for title in titles))
    for each in figures:
        row = (each.operation, each.runs, f"{each.seconds:.1f}", f"{each.seconds * load.speed:.0f}", len(each.calls),
               each.throttled, each.faults, each.retries, len(each.broken) + len(each.still_failed))  # fmt: skip
        print("".join(f"{cell:>13}" for cell in row))
    _print_actions(figures)


def _print_actions(figures: Sequence[Figures]) -> None:
    counts = {each.operation: Counter(call["action"] for call in each.calls) for each in figures}
    print(f"{'calls by action':>32}" + "".join(f"{operation:>13}" for operation in counts))
    for action in sorted(set().union(*counts.values())):
        print(f"{action:>32}" + "".join(f"{count[action]:>13}" for count in counts.values()))


def main() -> int:
    """Print the figures; exit with 1 when a node has failed for good or is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=Load.nodes)
    parser.add_argument("--seed", type=int, default=Load.seed)
    options = parser.parse_args()
    load = Load(nodes=options.nodes, seed=options.seed)
    with Emulator() as emulator:
        figures = list(run_load(emulator, load))
    print_figures(load, figures)
    wrong = [problem for each in figures for problem in (*each.still_failed, *each.broken)]
    for problem in wrong:
        print(f"VIOLATED {problem}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
