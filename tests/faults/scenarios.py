# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations that are cut off, each on a world of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.clock import Clock

from tests.collection import Collection, create_tables
from tests.emulator.network import Network, lay_out_network
from tests.emulator.process import Emulator

SPEED = 10
"""How much faster than the real time a run's sleeping and its time limits go by."""

DURATIONS = {"pending": 0.02, "shutting_down": 0.02, "interface_release": 0.01, "associating": 0.01}
"""Seconds that EC2's state changes take in the sweep."""


class FastClock(Clock):
    """The real clock, its sleeps and limits shortened alike."""

    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / SPEED)


@dataclass(frozen=True)
class World:
    """An emulator with a network and the tables."""

    emulator: Emulator
    network: Network
    collection: Collection

    def operate(self, operation: str, *names: str, take_over: bool = False) -> list[str]:
        """Run an operation on the nodes; returns what went wrong."""
        result = self.collection.operate(operation, list(names), take_over=take_over)
        return [failure.message for failure in result.failures]


def new_world(emulator: Emulator) -> World:
    """Start from nothing but a network and the tables."""
    emulator.reset()
    emulator.configure(durations=DURATIONS)
    network = lay_out_network(emulator.client("ec2"))
    create_tables(emulator.client("dynamodb"))
    return World(emulator, network, Collection(emulator.endpoint, clock=FastClock()))


def _configured(world: World, *names: str) -> None:
    for name in names:
        world.collection.configure(name, world.network, public_ip_assignment="enabled", elastic_ip="new")


def _resumed(world: World, *names: str) -> None:
    _configured(world, *names)
    assert world.operate("resume", *names) == []


def _paused(world: World, *names: str) -> None:
    _resumed(world, *names)
    assert world.operate("pause", *names) == []


def _without_spot(world: World, *names: str) -> None:
    _resumed(world, *names)
    world.emulator.set_capacity(market="spot", instance_type="t3.micro", outcome="refused")
    world.emulator.set_capacity(market="spot", instance_type="t3.small", outcome="dies")


@dataclass(frozen=True)
class Scenario:
    """An operation, and what has happened to the nodes before it."""

    name: str
    operation: str
    prepare: Callable[..., None]


SCENARIOS = (
    Scenario("first resume", "resume", _configured),
    Scenario("resume", "resume", _paused),
    Scenario("pause", "pause", _resumed),
    Scenario("replace on spot", "replace", _resumed),
    Scenario("replace with fallback", "replace", _without_spot),
)
