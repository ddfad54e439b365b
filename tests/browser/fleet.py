# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small fleet with four weeks behind it: everything that the page can show has happened to some node."""

from __future__ import annotations

from typing import Any

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import PassingTime
from tests.support.collection import Collection, create_tables

HOUR, DAY = 3600, 86400

AT_ONCE = {"pending": 0, "shutting_down": 0, "attaching": 0, "interface_pending": 0, "interface_release": 0}

LAUNCHES: dict[str, dict[str, Any]] = {
    "spot": {"instance_types": ["m5.large", "m5a.large"], "market": "spot", "fallback_to_on_demand": True},
    "on_demand": {"instance_types": ["t3.small"], "market": "on_demand"},
}

TAG = """<script>document.title = 'taken over'</script><img src=x onerror="document.title = 'taken over'">"""
MARKUP = {"note": TAG, "\"&'<b>": "{{ 1 + 1 }} {% raw %} ünïcödé 節点 \u202e", "team": "storage"}
"""Tags as an attacker, or a joker, would set them."""


class StagedFleet:
    """Nodes by name, and the time at which something is done to them."""

    def __init__(self, emulator: Emulator, network: Network) -> None:
        self.emulator, self.network, self.time = emulator, network, PassingTime(29 * DAY)
        self.collection = Collection(emulator.endpoint, clock=self.time)
        emulator.configure(durations=AT_ONCE)
        create_tables(emulator.client("dynamodb"))

    def describe(self, name: str, market: str, **options: Any) -> None:
        launch = {"image_id": self.network.image_id, **LAUNCHES[market]}
        self.collection.configure(name, self.network, launch=launch, **options)

    def operate(self, days_ago: float, operation: str, *names: str, fails: bool = False) -> None:
        """Carry an operation out at that time; each of its steps takes twenty seconds."""
        self.time.goes_to(days_ago * DAY)
        done = self.collection.operate(operation, list(names), between=lambda _module, _state: self.time.passes(20))
        assert bool(done.failures) is fails, done.message

    def interrupt(self, name: str) -> None:
        (node,) = self.collection.run("info", name=name).values["nodes"]
        self.emulator.interrupt(node["instance_id"])


def stage_fleet(emulator: Emulator, network: Network) -> StagedFleet:
    """Have four weeks pass."""
    fleet = StagedFleet(emulator, network)
    for number in (1, 2, 3):
        fleet.describe(f"cassandra-{number}", "spot", private_ip_address=f"10.0.1.5{number}", tags={"team": "storage"})
    fleet.describe("gateway-1", "on_demand", elastic_ip="new", public_ip_assignment="enabled", tags=MARKUP)
    fleet.describe("web-1", "spot", elastic_ip="new", public_ip_assignment="enabled")
    for name in ("dev-2", "dev-10", "worker-1"):
        fleet.describe(name, "spot")
    fleet.describe("new-1", "on_demand")
    _weeks_pass(fleet)
    fleet.time.goes_to(0)
    return fleet


def _weeks_pass(fleet: StagedFleet) -> None:
    fleet.operate(28, "resume", "cassandra-1", "cassandra-2", "cassandra-3", "gateway-1", "worker-1")
    fleet.operate(25.5, "resume", "web-1", "dev-2", "dev-10")
    for number in (1, 2, 3):
        fleet.operate(21 - number / 96, "replace", f"cassandra-{number}")
    fleet.operate(19.4, "replace", "worker-1")
    fleet.operate(19, "pause", "dev-10")
    fleet.interrupt("worker-1")
    fleet.operate(17.6, "resume", "worker-1")
    _no_capacity(fleet)
    fleet.operate(11, "replace", "gateway-1")
    for day in (8, 7, 3):
        fleet.operate(day, "pause", "dev-2")
        fleet.operate(day - 14 / 24, "resume", "dev-2")
    fleet.operate(5, "resume", "dev-10")
    fleet.operate(2.2, "replace", "worker-1")
    fleet.operate(1, "pause", "dev-10", "dev-2")
    fleet.interrupt("worker-1")
    fleet.time.goes_to(30)
    begun = fleet.collection.run("operation", name="cassandra-3", state="begun", operation="replace")
    operation_id = begun.values["operation_id"]
    fleet.collection.run("instance", name="cassandra-3", state="terminated", operation_id=operation_id)


def _no_capacity(fleet: StagedFleet) -> None:
    fleet.emulator.set_capacity(outcome="refused")
    fleet.operate(14, "replace", "web-1", fails=True)
    fleet.emulator.set_capacity()
    fleet.emulator.set_capacity(market="spot", outcome="refused")
    fleet.operate(13.2, "resume", "web-1")
    fleet.emulator.set_capacity()
    fleet.emulator.set_capacity(market="spot")
