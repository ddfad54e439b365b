# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations that are cut off, each on a world of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network, lay_out_network
from tests.emulator.process import Emulator
from tests.support.clocks import DURATIONS, FastClock
from tests.support.collection import ADOPTEES, Collection, create_tables
from tests.support.waiting import until


@dataclass(frozen=True)
class FaultEnvironment:
    """An emulator with a network and the tables."""

    emulator: Emulator
    network: Network
    collection: Collection

    def operate(self, operation: str, *names: str, take_over: bool = False) -> list[str]:
        """Run an operation on the nodes; returns what went wrong."""
        try:
            result = self.collection.operate(operation, list(names), take_over=take_over)
        except NodeError as error:
            # A module that works on one node fails as a whole.
            return [str(error)]
        return [failure.message for failure in result.failures]

    def failures(self, operation: str, *names: str) -> dict[str, str]:
        """Run an operation on the nodes; returns what went wrong, by node."""
        try:
            result = self.collection.operate(operation, list(names))
        except NodeError as error:
            return dict.fromkeys(names, str(error))
        return {node["name"]: node["error"]["message"] for node in result.values["nodes"] if "error" in node}


def new_world(emulator: Emulator) -> FaultEnvironment:
    """Start from nothing but a network and the tables."""
    emulator.reset()
    emulator.configure(durations=DURATIONS)
    network = lay_out_network(emulator.client("ec2"))
    create_tables(emulator.client("dynamodb"))
    return FaultEnvironment(emulator, network, Collection(emulator.endpoint, clock=FastClock()))


def _configured(world: FaultEnvironment, *names: str) -> None:
    for name in names:
        world.collection.configure(name, world.network, public_ip_assignment="enabled", elastic_ip="new")


def _resumed(world: FaultEnvironment, *names: str) -> None:
    _configured(world, *names)
    assert world.operate("resume", *names) == []


def _paused(world: FaultEnvironment, *names: str) -> None:
    _resumed(world, *names)
    assert world.operate("pause", *names) == []


def _configured_apart(world: FaultEnvironment, *names: str) -> None:
    for name in names:
        options = {"public_ip_assignment": "enabled", "elastic_ip": "new", "handover": "prelaunch"}
        world.collection.configure(name, world.network, **options)


def _resumed_apart(world: FaultEnvironment, *names: str) -> None:
    _configured_apart(world, *names)
    assert world.operate("resume", *names) == []


def _paused_apart(world: FaultEnvironment, *names: str) -> None:
    _resumed_apart(world, *names)
    assert world.operate("pause", *names) == []


def _to_hand_over(world: FaultEnvironment, *names: str) -> None:
    """Nodes whose interface is at device 0 still."""
    _resumed(world, *names)
    for name in names:
        world.collection.run("config", name=name, handover="prelaunch")


def _without_spot_apart(world: FaultEnvironment, *names: str) -> None:
    _resumed_apart(world, *names)
    _take_spot_capacity(world)


def _take_spot_capacity(world: FaultEnvironment) -> None:
    world.emulator.set_capacity(market="spot", instance_type="t3.micro", outcome="refused")
    world.emulator.set_capacity(market="spot", instance_type="t3.small", outcome="dies")


def _without_spot(world: FaultEnvironment, *names: str) -> None:
    _resumed(world, *names)
    _take_spot_capacity(world)


def _to_move(world: FaultEnvironment, *names: str) -> None:
    _resumed(world, *names)
    for name in names:
        world.collection.run("config", name=name, subnet_id=world.network.subnet_b_id, allow_address_change=True)


def _paused_to_move(world: FaultEnvironment, *names: str) -> None:
    _to_move(world, *names)
    assert world.operate("pause", *names) == []


def _launched_by_somebody(world: FaultEnvironment, *names: str) -> None:
    """Instances that know nothing of nodes: on persistent spot requests, each with an Elastic IP."""
    ec2 = world.emulator.client("ec2")
    instances = {name: _launch_by_somebody(ec2, world.network) for name in names}
    ADOPTEES.update({name: instance["InstanceId"] for name, instance in instances.items()})
    ids = [instance["InstanceId"] for instance in instances.values()]
    # Where EC2 takes 0.02 seconds, the waiter's whole ones would be most of the sweep.
    ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
    interfaces = [instance["NetworkInterfaces"][0]["NetworkInterfaceId"] for instance in instances.values()]
    for interface_id in interfaces:
        allocation_id = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.associate_address(AllocationId=allocation_id, NetworkInterfaceId=interface_id)
    _wait_until_associated(ec2, interfaces)


def _wait_until_associated(ec2: Any, interface_ids: list[str]) -> None:
    """An association is made a moment before the interface shows it."""

    def are_associated() -> bool:
        found = ec2.describe_network_interfaces(NetworkInterfaceIds=interface_ids)["NetworkInterfaces"]
        return all("Association" in interface for interface in found)

    until(are_associated)


def _launch_by_somebody(ec2: Any, network: Network) -> dict[str, Any]:
    spot = {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"}
    (instance,) = ec2.run_instances(
        ImageId=network.image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=network.subnet_a_id,
        InstanceMarketOptions={"MarketType": "spot", "SpotOptions": spot},
    )["Instances"]  # fmt: skip
    return dict(instance)


@dataclass(frozen=True)
class FaultScenario:
    """An operation, and what has happened to the nodes before it."""

    name: str
    operation: str
    prepare: Callable[..., None]
    every: int = 3
    """Which of its schedules `make test-all` runs: each so many-th, of each call and of each kind of fault as many."""


SCENARIOS = (
    FaultScenario("first resume", "resume", _configured),
    FaultScenario("resume", "resume", _paused),
    FaultScenario("pause", "pause", _resumed),
    FaultScenario("replace on spot", "replace", _resumed),
    FaultScenario("replace with fallback", "replace", _without_spot),
    FaultScenario("change of address", "move", _to_move),
    FaultScenario("change of address, paused", "resume elsewhere", _paused_to_move, every=16),
    FaultScenario("delete with all it has", "destroy", _resumed),
    FaultScenario("release", "release", _resumed),
    FaultScenario("adopt", "adopt", _launched_by_somebody),
    FaultScenario("first resume, prelaunch", "resume", _configured_apart, every=16),
    FaultScenario("resume, prelaunch", "resume", _paused_apart, every=16),
    FaultScenario("pause, prelaunch", "pause", _resumed_apart, every=16),
    FaultScenario("replace, prelaunch", "replace", _resumed_apart, every=16),
    FaultScenario("fallback, prelaunch", "replace", _without_spot_apart, every=16),
    FaultScenario("change to prelaunch", "replace", _to_hand_over, every=16),
)
