# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to go wrong: each call of an operation, in each way."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.errors import NodeError

from tests.collection import Collection, new_client

from .invariants import Kept, kept, violations
from .scenarios import FastClock, Scenario, World

FaultKind = Literal["refuse", "lost", "lost_before", "slow", "500", "500_after", "503", "kill before", "kill after"]
FAULTS: tuple[FaultKind, ...] = ("refuse", "lost", "lost_before", "slow", "500", "500_after", "503")
KILLS: tuple[FaultKind, ...] = ("kill before", "kill after")


@dataclass(frozen=True)
class Position:
    """The n-th call of an action in an operation; `number` counts the calls of all actions."""

    service: str
    action: str
    call: int
    number: int


@dataclass(frozen=True)
class Schedule:
    """One way for an operation to go wrong."""

    scenario: Scenario
    position: Position
    kind: FaultKind

    def __str__(self) -> str:
        return f"{self.scenario.name}: {self.position.action} #{self.position.call} {self.kind}"


def positions(world: World, scenario: Scenario) -> list[Position]:
    """Run the operation undisturbed and note its calls."""
    scenario.prepare(world, "undisturbed")
    world.emulator.clear_calls()
    assert world.operate(scenario.operation, "undisturbed") == []
    found: list[Position] = []
    for number, call in enumerate(world.emulator.calls(), start=1):
        earlier = sum(1 for position in found if position.action == call["action"])
        found.append(Position(call["service"], call["action"], earlier + 1, number))
    return found


def run_schedule(world: World, name: str, schedule: Schedule) -> list[str]:
    """Let the operation go wrong for a node, run it again as its user would, and list what is broken."""
    before = kept(world, name)
    if schedule.kind in KILLS:
        _operate_and_die(world, name, schedule)
    else:
        _operate_disturbed(world, name, schedule)
    return _run_again(world, name, schedule.scenario.operation, before)


def _operate_disturbed(world: World, name: str, schedule: Schedule) -> None:
    position, refused = schedule.position, schedule.kind == "refuse"
    world.emulator.add_fault(
        position.action, schedule.kind, call=position.call, service=position.service,
        code="UnauthorizedOperation" if refused else None, status=403 if refused else None, seconds=0.05,
    )  # fmt: skip
    # A read of all nodes that fails ends the whole call, with this error for a message.
    with suppress(AwsError, NodeError):
        world.operate(schedule.scenario.operation, name)
    world.emulator.clear_faults()


def _run_again(world: World, name: str, operation: str, before: Kept) -> list[str]:
    problems = world.operate(operation, name)
    if any("holds the node" in problem for problem in problems):
        problems = world.operate(operation, name, take_over=True)
    if problems:
        return [f"running again fails: {problems}"]
    return list(violations(world, name, before, operation))


def _operate_and_die(world: World, name: str, schedule: Schedule) -> None:
    """Run the operation in a process that kills itself, by SIGKILL, at the scheduled call."""
    child = os.fork()
    if child == 0:
        # The parent's connections must not be shared, so the child makes clients of its own.
        mortal = _MortalCollection(world.collection.endpoint, schedule)
        mortal.operate(schedule.scenario.operation, [name])
        os._exit(0)
    os.waitpid(child, 0)


class _MortalCollection(Collection):
    """A collection whose process ends at a certain call."""

    def __init__(self, endpoint: str, schedule: Schedule) -> None:
        super().__init__(endpoint, clock=FastClock())
        self._schedule, self._calls, self._lock = schedule, 0, threading.Lock()

    def client(self, service: str, settings: Any) -> Any:
        client = new_client(self.endpoint, service, settings)
        event = "before-send" if self._schedule.kind == "kill before" else "response-received"
        client.meta.events.register(event, self._die)
        return client

    def _die(self, **_details: Any) -> None:
        with self._lock:
            self._calls += 1
            if self._calls == self._schedule.position.number:
                os.kill(os.getpid(), signal.SIGKILL)
