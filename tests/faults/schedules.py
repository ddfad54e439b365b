# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to go wrong: each call of an operation, in each way."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clients import READS, WRITES, Settings
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Identity
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Record

from tests.support.clocks import FastClock
from tests.support.collection import Collection, new_client

from .expected_identity import Kept
from .hand_overs import out_of_service
from .invariants import broken
from .scenarios import FaultEnvironment, FaultScenario

FaultKind = Literal["refuse", "lost", "lost_before", "slow", "500", "500_after", "503", "kill before", "kill after"]
FAULTS: tuple[FaultKind, ...] = ("refuse", "lost", "lost_before", "slow", "500", "500_after", "503")
KILLS: tuple[FaultKind, ...] = ("kill before", "kill after")
READ_FAULTS: tuple[FaultKind, ...] = ("refuse", "lost", "slow", "500", "503")
"""The kinds for a read. It has no effect, so that nothing tells `lost_before` from `lost`, `500_after` from `500`, or
a process killed at it from one killed right after the write before it."""


@dataclass(frozen=True)
class Position:
    """The n-th call of an action in an operation."""

    service: str
    action: str
    call: int
    mutating: bool

    @property
    def kinds(self) -> tuple[FaultKind, ...]:
        """The kinds of fault that differ here."""
        return (*FAULTS, *KILLS) if self.mutating else READ_FAULTS


@dataclass(frozen=True)
class Schedule:
    """One way for an operation to go wrong."""

    scenario: FaultScenario
    position: Position
    kind: FaultKind

    def __str__(self) -> str:
        return f"{self.scenario.name}: {self.position.action} #{self.position.call} {self.kind}"


def positions(world: FaultEnvironment, scenario: FaultScenario) -> list[Position]:
    """Run the operation undisturbed and note its calls."""
    scenario.prepare(world, "undisturbed")
    world.emulator.clear_calls()
    assert world.operate(scenario.operation, "undisturbed") == []
    found: list[Position] = []
    for call in world.emulator.calls():
        earlier = sum(1 for position in found if position.action == call["action"])
        found.append(Position(call["service"], call["action"], earlier + 1, call["mutating"]))
    return found


def schedules(world: FaultEnvironment, scenario: FaultScenario, *, every: int) -> list[Schedule]:
    """List each `every`-th schedule: of each position every such kind of fault, of each kind every such position."""
    return [
        Schedule(scenario, position, kind)
        for place, position in enumerate(positions(world, scenario))
        for turn, kind in enumerate(position.kinds)
        if (place + turn) % every == 0
    ]


def run_schedule(
    world: FaultEnvironment, name: str, schedule: Schedule, before: Kept, record: Record | None
) -> tuple[list[str], bool]:
    """Let the operation go wrong for a node, run it again as its user would, and list what is broken then.

    Returns as well whether it was finished: nothing else can be asked of a node that was not.
    """
    operation = schedule.scenario.operation
    identity = record.identity if record and operation == "replace" else Identity()
    disturbed = _operate_and_die if schedule.kind in KILLS else _operate_disturbed
    went_wrong = disturbed(world, name, schedule)
    amid = list(out_of_service(world, identity, schedule.position.action))
    if went_wrong and (problems := _run_again(world, name, operation)):
        return [f"running again fails: {problems}"], False
    return [*amid, *(problem for _name, problem in broken(world, {name: before}, operation))], True


def _operate_disturbed(world: FaultEnvironment, name: str, schedule: Schedule) -> bool:
    """Run the operation; returns whether it failed, so that its user runs it again."""
    position, refused = schedule.position, schedule.kind == "refuse"
    world.emulator.add_fault(
        position.action, schedule.kind, call=position.call, service=position.service,
        code="UnauthorizedOperation" if refused else None, status=403 if refused else None, seconds=0.05,
    )  # fmt: skip
    try:
        return bool(world.operate(schedule.scenario.operation, name))
    except (AwsError, NodeError):
        # A read of all nodes that fails ends the whole call, with this error for a message.
        return True
    finally:
        world.emulator.clear_faults()


def _run_again(world: FaultEnvironment, name: str, operation: str) -> list[str]:
    problems = world.operate(operation, name)
    if any("holds the node" in problem for problem in problems):
        return world.operate(operation, name, take_over=True)
    return problems


def _operate_and_die(world: FaultEnvironment, name: str, schedule: Schedule) -> bool:
    """Run the operation in a process that kills itself, by SIGKILL, at the scheduled call; returns whether it did."""
    mortal = _MortalCollection(world.collection.endpoint, schedule)
    child = os.fork()
    if child == 0:
        _operate_and_exit(mortal, schedule.scenario.operation, name)
    _child, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or status == 0, "the operation broke off by itself"
    return status != 0


def _operate_and_exit(mortal: Collection, operation: str, name: str) -> NoReturn:
    """Run the operation; whatever becomes of it, nothing else of this process goes on twice."""
    try:
        mortal.operate(operation, [name])
        os._exit(0)
    except BaseException:  # noqa: BLE001 - said, and the exit status tells
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(1)


class _MortalCollection(Collection):
    """A collection whose process ends at a certain call."""

    def __init__(self, endpoint: str, schedule: Schedule) -> None:
        super().__init__(endpoint, clock=FastClock())
        self._schedule, self._calls, self._lock = schedule, 0, threading.Lock()
        for service, settings in (("dynamodb", READS), ("ec2", READS), ("ec2", WRITES)):
            _unused_client(endpoint, service, settings)

    def client(self, service: str, settings: Settings) -> Any:
        client, position = _unused_client(self.endpoint, service, settings), self._schedule.position
        if service == position.service:
            event = "before-send" if self._schedule.kind == "kill before" else "response-received"
            client.meta.events.register(f"{event}.{service}.{position.action}", self._die)
        return client

    def _die(self, **_details: Any) -> None:
        with self._lock:
            self._calls += 1
            if self._calls == self._schedule.position.call:
                os.kill(os.getpid(), signal.SIGKILL)


_UNUSED: dict[tuple[str, str, str], Any] = {}


def _unused_client(endpoint: str, service: str, settings: Settings) -> Any:
    """Return a client that is made once and used in children only: a connection must not be shared with one."""
    key = (endpoint, service, str(settings["retries"]))
    if key not in _UNUSED:
        _UNUSED[key] = new_client(endpoint, service, settings)
    return _UNUSED[key]
