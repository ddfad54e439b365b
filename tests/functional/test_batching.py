# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many nodes in one call: what is read does not grow with them, and what can be written together is."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.parameters import network_interface_parameters
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls import rate_limits, waiters
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Identity

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import STEPS, TABLE, Collection
from tests.support.identities import make_identity_of

FEW, MANY, FLEET = 1, 30, 100

LOOKS = MANY // 2
"""Looks that a wait for many may take more than one for a few: they get there one after the other, the slower the
busier the machine is. A look for each node would be twice as many."""


SELDOM = 2.0
"""Seconds between two looks."""


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    # Nothing queues: looks while others wait for their turn are as many as the seconds that this takes.
    monkeypatch.setattr(rate_limits, "LIMITS", {})
    monkeypatch.setattr(rate_limits, "OTHER_ACTIONS", rate_limits.Limit(10_000, 10_000))


def configure(collection: Collection, network: Network, emulator: Emulator, count: int) -> list[str]:
    """Configure so many nodes, each with an Elastic IP; returns their names."""
    names = [f"node-{number}" for number in range(count)]
    for name in names:
        address = emulator.client("ec2").allocate_address(Domain="vpc")
        collection.configure(
            name, network, public_ip_assignment="enabled", elastic_ip=address["AllocationId"], source_dest_check=False
        )
    return names


def reads_of_each_step(emulator: Emulator, collection: Collection, operation: str, names: list[str]) -> dict[str, int]:
    """Carry an operation out; returns how many reads each of its steps made."""
    reads = {}

    def count(step: str) -> None:
        reads[step] = len(emulator.calls(mutating=False))
        emulator.clear_calls()

    emulator.clear_calls()
    begun = collection.run("operation", name=names, state="begun", operation=operation)
    operation_id = begun.values["operation_id"]
    count("begun")
    for module, state in STEPS[operation]:
        done = collection.run(module, name=names, state=state, operation_id=operation_id)
        assert not done.failures, done.message
        count(f"{module} {state}")
    ended = collection.run("operation", name=names, state="ended", operation_id=operation_id)
    assert not ended.failures, ended.message
    count("ended")
    collection.run("info", name=names)
    count("info")
    return reads


def test_reads_do_not_grow_with_the_nodes(
    emulator: Emulator, network: Network, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each node that begins to wait has the next look come soon. So rare, looks are no measure of how long it all takes.
    monkeypatch.setattr(waiters, "FIRST_INTERVAL", SELDOM)
    monkeypatch.setattr(waiters, "LONGEST_INTERVALS", ((float("inf"), SELDOM),))
    names = configure(collection, network, emulator, FEW + MANY)
    for operation in ("resume", "replace"):
        few = reads_of_each_step(emulator, collection, operation, names[:FEW])
        many = reads_of_each_step(emulator, collection, operation, names[FEW:])
        grown = {
            step: (few[step], reads)
            for step, reads in many.items()
            if reads > few[step] + (LOOKS if step.startswith("instance") else 0)
        }
        assert grown == {}, f"{operation}: reads of {FEW} and of {MANY} nodes"


def test_a_fleet_that_is_as_wanted_costs_a_handful_of_reads_and_no_write(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    populate(emulator, network, collection, FLEET)
    emulator.clear_calls()
    result = collection.operate("resume", ["all"])
    assert not result.failures, result.message
    assert (len(result.values["nodes"]), result.values["begun"]) == (FLEET, [])
    assert {node["status"] for node in result.values["nodes"]} == {"running"}
    calls = emulator.calls()
    assert len(calls) <= 8, Counter(call["action"] for call in calls)
    assert emulator.calls(mutating=True) == []


def populate(emulator: Emulator, network: Network, collection: Collection, count: int) -> None:
    """Have so many running nodes, most of them made without the modules, which would take their time."""
    collection.configure("node-0", network)
    assert not collection.operate("resume", ["node-0"]).failures
    store = Store(collection.client, TABLE)
    record = store.get(["node-0"])["node-0"]
    ec2 = emulator.client("ec2")
    for number in range(1, count):
        name = f"node-{number}"
        bare = dataclasses.replace(record, name=name, id=name, identity=Identity())
        made = ec2.create_network_interface(**network_interface_parameters(TABLE, bare, 1))["NetworkInterface"]
        interfaces = [{"NetworkInterfaceId": made["NetworkInterfaceId"], "DeviceIndex": 0}]
        launched = ec2.run_instances(
            ImageId=network.image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1, NetworkInterfaces=interfaces
        )["Instances"][0]
        identity = make_identity_of(
            record.identity,
            network_interface_id=made["NetworkInterfaceId"],
            private_ip_addresses=(made["PrivateIpAddress"],),
            instance_id=launched["InstanceId"],
        )
        store.create(dataclasses.replace(record, name=name, id=name, identity=identity))


def test_instances_are_terminated_together(emulator: Emulator, network: Network, collection: Collection) -> None:
    names = [f"node-{number}" for number in range(MANY)]
    for name in names:
        collection.configure(name, network)
    assert not collection.operate("resume", names).failures
    emulator.configure(call_seconds={"TerminateInstances": 0.5})  # what comes meanwhile makes the next batch
    emulator.clear_calls()
    assert not collection.operate("pause", names).failures
    calls = emulator.calls(action="TerminateInstances")
    assert len(calls) <= MANY // 5
    terminated = [resource for call in calls for resource in call["resource_ids"] if resource.startswith("i-")]
    assert len(set(terminated)) == len(terminated) == MANY


def test_one_instance_that_cannot_be_terminated_is_told_apart_from_the_others(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """EC2 refuses the whole call, or what is in the instance's zone: then each instance gets a call of its own."""
    names = [f"node-{number}" for number in range(5)]
    for name in names:
        collection.configure(name, network)
    nodes = collection.operate("resume", names).values["nodes"]
    emulator.client("ec2").modify_instance_attribute(
        InstanceId=nodes[2]["instance_id"], DisableApiTermination={"Value": True}
    )
    result = collection.operate("pause", names, wait_timeout=20)
    errors = {node["name"]: node["error"]["code"] for node in result.values["nodes"] if "error" in node}
    assert errors == {"node-2": "OperationNotPermitted"}
    assert [node["status"] for node in result.values["nodes"] if node["name"] not in errors] == ["paused"] * 4


def test_a_throttled_batch_is_tried_again_as_a_batch(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """A call for each instance would only make it worse."""
    names = [f"node-{number}" for number in range(10)]
    for name in names:
        collection.configure(name, network)
    assert not collection.operate("resume", names).failures
    emulator.configure(call_seconds={"TerminateInstances": 0.5})
    emulator.clear_calls()
    for call in (1, 2):
        emulator.add_fault("TerminateInstances", "503", call=call)
    assert not collection.operate("pause", names).failures
    assert len(emulator.calls(action="TerminateInstances")) <= 5


def test_one_poll_serves_all_that_wait(emulator: Emulator, network: Network, collection: Collection) -> None:
    names = [f"node-{number}" for number in range(10)]
    for name in names:
        collection.configure(name, network)
    emulator.configure(durations={"pending": 2})
    begun = collection.run("operation", name=names, state="begun", operation="resume")
    operation_id = begun.values["operation_id"]
    collection.run("eni", name=names, operation_id=operation_id)
    emulator.clear_calls()
    assert not collection.run("instance", name=names, operation_id=operation_id).failures
    looks: list[dict[str, Any]] = emulator.calls(action="DescribeInstances")
    assert len(looks) < 2 * len(names)
    assert max(len(call["resource_ids"]) for call in looks) == len(names)
