# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A zone-wide reclaim: Spot warns of every node of a fleet at once, and the playbook watch brings them back."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from tests.emulator.settings import CALL_SECONDS, DURATIONS
from tests.emulator.throttle import LIMITS
from tests.support.collection import TABLE
from tests.support.queue import EventQueue

from .measure import Command, CommandOutcome, Cost
from .nodes import OUT
from .outages import outages, recoveries
from .systems import INTERRUPTION, Ours

BACK, EARLIEST = "warning to running", "at the earliest"

WARNING_SECONDS = 120
"""Seconds from EC2's warning to the end that it warns of."""

ON_SPOT = 0.6
"""The share of the nodes that spot has capacity for afterwards; the others have to run on demand."""

WATCH_SECONDS = 50
"""What the playbook takes when nobody says otherwise."""

BOUND = 900
"""Seconds in which the nodes are to be back."""


class Watched(Ours):
    """The playbook watch, started again and again as by cron, while Spot takes every node."""

    name: ClassVar[str] = "watch"
    steps: ClassVar[tuple[str, ...]] = (INTERRUPTION,)
    largest: ClassVar[int] = 100
    is_brought_up: ClassVar[bool] = True
    configuration: ClassVar[Mapping[str, str]] = {"market": "spot"}

    def prepare(self) -> None:
        """Make the queue as well, and the rules that fill it."""
        super().prepare()
        self.queue = EventQueue(self.emulator)

    def command(self, step: str) -> Command:
        """Run the playbook that cron would run."""
        seconds = max(1, round(WATCH_SECONDS / self.conditions.speed))
        return self.playbook("stateful_node.aws.watch", {"stateful_node_table_name": TABLE, "watch_seconds": seconds})

    def take(self, step: str) -> Cost:
        """Warn of all nodes once the watch waits for that, and have it run until they are back."""
        until = time.monotonic() + max(BOUND / self.conditions.speed, 2 * WATCH_SECONDS)
        with ThreadPoolExecutor(1) as thread:
            watch = thread.submit(super().take, step)
            while not (self.emulator.calls(action="ReceiveMessage") or watch.done()):
                time.sleep(0.01)
            self._warn()
            cost = watch.result()
        while not self._are_back() and time.monotonic() < until:
            cost = cost.followed_by(super().take(step))
        # What it watches on after the last node is back says nothing.
        return dataclasses.replace(cost, wall=max(recoveries(self.emulator.states()).values(), default=cost.wall))

    def look(self, step: str, began: float) -> CommandOutcome:
        """Look when each node was back, on which market, and at its addresses."""
        if not step:
            self.queue.forget()
            return super().look(step, began)
        states = self.emulator.states()
        back = recoveries(states)
        seconds = {
            BACK: sorted(back.values()),
            EARLIEST: earliest(len(self.fleet.names), self.conditions.speed),
            OUT: sorted(outages(states, began).values()),
        }
        outcome = self.nodes.outcome(seconds, **self.nodes.markets())
        missing = len(self.fleet.names) - len(back)
        return dataclasses.replace(outcome, broken=f"{missing} are not back") if missing else outcome

    def _are_back(self) -> bool:
        return len(recoveries(self.emulator.states())) == len(self.fleet.names)

    def _warn(self) -> None:
        """Warn of every instance, and leave room on spot for a part of the nodes."""
        self.emulator.set_capacity(market="spot", outcome="refused", room=round(ON_SPOT * len(self.fleet.names)))
        states = [{"Name": "instance-state-name", "Values": ["running"]}]
        found = self.emulator.client("ec2").describe_instances(Filters=states)["Reservations"]
        for instance in (each for reservation in found for each in reservation["Instances"]):
            self.emulator.interrupt(instance["InstanceId"], WARNING_SECONDS / self.conditions.speed)


def earliest(nodes: int, speed: float) -> list[float]:
    """When each node could run again: all are terminated at the warning, then launched as EC2's bucket allows.

    No launch is refused, and nothing is read or written.
    """
    durations, calls, (at_once, a_second) = DURATIONS["ec2"], CALL_SECONDS["ec2"], LIMITS["RunInstances"]
    # Half of a call's time passes before its effect.
    free = calls["TerminateInstances"] / 2 + durations["shutting_down"] + durations["interface_release"]
    first = free + calls["RunInstances"] / 2 + durations["pending"]
    return [(first + max(0, number - at_once) / a_second) / speed for number in range(1, nodes + 1)]
