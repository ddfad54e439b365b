# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who may write the table edits an item: what is a stranger's is left alone, other nodes are worked on."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.items import to_attribute
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.parameters import run_instances_parameters
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Candidate
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Adoption, RecordedInterface
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Intent
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.serialization import to_dict

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import DESTROYING, TABLE, Collection
from tests.support.queue import EventQueue, an_event
from tests.support.readers import only, record_of

from .account import AccountContents, launch


@pytest.fixture
def collection(collection: Collection, emulator: Emulator, network: Network) -> Collection:
    """In a hurry, with a running node."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    fast = Collection(collection.endpoint, clock=FastClock())
    fast.configure("a", network)
    only(fast.operate("resume", ["a"]))
    return fast


def edit(emulator: Emulator, name: str, path: str, value: Any) -> None:
    """Set one attribute of a node's item, as somebody with a console does."""
    parts = path.split(".")
    emulator.client("dynamodb").update_item(
        TableName=TABLE,
        Key={"name": {"S": name}},
        UpdateExpression=f"SET {'.'.join(f'#{part}' for part in parts)} = :value",
        ExpressionAttributeNames={f"#{part}": part for part in parts},
        ExpressionAttributeValues={":value": to_attribute(value)},
    )


def put(emulator: Emulator, **item: Any) -> None:
    attributes = {key: to_attribute(value) for key, value in item.items()}
    emulator.client("dynamodb").put_item(TableName=TABLE, Item=attributes)


def free_interface(emulator: Emulator, network: Network) -> str:
    made = emulator.client("ec2").create_network_interface(SubnetId=network.subnet_a_id)
    return str(made["NetworkInterface"]["NetworkInterfaceId"])


@pytest.mark.parametrize("operation", ["resume", "pause"])
def test_a_strangers_instance_is_not_terminated(
    emulator: Emulator, collection: Collection, network: Network, operation: str
) -> None:
    victim = launch(emulator, network)
    edit(emulator, "a", "identity.previous_instance", {"instance_id": victim})
    failed = collection.operate(operation, ["a"])
    assert victim in failed.message
    assert "OwnershipUnconfirmed" in failed.message
    assert victim in AccountContents(emulator).live


def test_a_strangers_interface_is_not_deleted(emulator: Emulator, collection: Collection, network: Network) -> None:
    victim = free_interface(emulator, network)
    edit(emulator, "a", "identity.previous_interface", to_dict(RecordedInterface(network_interface_id=victim)))
    failed = collection.operate("resume", ["a"])
    assert victim in failed.message
    assert victim in AccountContents(emulator).interfaces


def test_a_strangers_interface_is_not_used(emulator: Emulator, collection: Collection, network: Network) -> None:
    only(collection.operate("pause", ["a"]))
    victim = free_interface(emulator, network)
    edit(emulator, "a", "identity.interface.network_interface_id", victim)
    failed = collection.operate("resume", ["a"])
    assert victim in failed.message
    interface = AccountContents(emulator).interfaces[victim]
    assert interface["TagSet"] == []
    assert "Attachment" not in interface


def test_a_strangers_address_is_not_released(emulator: Emulator, collection: Collection) -> None:
    victim = emulator.client("ec2").allocate_address(Domain="vpc")["AllocationId"]
    edit(emulator, "a", "identity.spare_allocation_ids", [victim])
    failed = collection.operate("delete", ["a"], choices=DESTROYING)
    assert victim in failed.message
    assert victim in AccountContents(emulator).addresses


@pytest.mark.parametrize("operation", ["pause", "delete"])
def test_a_strangers_spot_request_is_not_cancelled(
    emulator: Emulator, collection: Collection, network: Network, operation: str
) -> None:
    spot = {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"}
    victim = launch(emulator, network, InstanceMarketOptions={"MarketType": "spot", "SpotOptions": spot})
    requests = emulator.client("ec2").describe_spot_instance_requests()["SpotInstanceRequests"]
    (request_id,) = (item["SpotInstanceRequestId"] for item in requests if item.get("InstanceId") == victim)
    adoption = Adoption(
        instance_id=victim,
        network_interface_id=record_of(collection).identity.network_interface_id or "",
        spot_instance_request_id=request_id,
    )
    edit(emulator, "a", "identity.adoption", to_dict(adoption))
    choices = DESTROYING if operation == "delete" else {}
    failed = collection.operate(operation, ["a"], choices=choices)
    assert "OwnershipUnconfirmed" in failed.message
    assert f"EC2 shows {victim} as its instance" in failed.message
    (request,) = emulator.client("ec2").describe_spot_instance_requests(SpotInstanceRequestIds=[request_id])[
        "SpotInstanceRequests"
    ]
    assert request["State"] == "active"


def test_another_nodes_instance_is_not_terminated(emulator: Emulator, collection: Collection, network: Network) -> None:
    """Its tags are those of the table, and of another name."""
    collection.configure("b", network)
    only(collection.operate("resume", ["b"]))
    other = record_of(collection, "b").identity.instance_id
    edit(emulator, "a", "identity.previous_instance", {"instance_id": other})
    assert other in collection.operate("resume", ["a"]).message
    assert other in AccountContents(emulator).live


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("config", "express"),
        ("desired", "exploded"),
        ("identity.generation", "many"),
        ("identity.instance", {"instance_id": "i-0; touch x"}),
        ("identity.generation", 10**30),
        ("identity.network_interface_id", "eni-1"),
        ("config.launch", {"user_data": 7}),
        ("identity.interface", {"network_interface_id": "eni-1", "private_ip_addresses": "10.0.0.4"}),
    ],
    ids=str,
)
def test_one_spoiled_item_is_that_nodes_error(
    emulator: Emulator, collection: Collection, network: Network, path: str, value: Any
) -> None:
    collection.configure("b", network)
    edit(emulator, "b", path, value)
    paused = collection.operate("pause", ["all"])
    by_name = {node["name"]: node for node in paused.values["nodes"]}
    assert by_name["a"]["status"] == "paused"
    assert by_name["b"]["error"]["code"] == "ForeignTable"


def test_an_item_that_no_node_can_have_is_a_warning(emulator: Emulator, collection: Collection) -> None:
    put(emulator, name="a,b")
    shown = collection.run("info")
    assert [node["name"] for node in shown.values["nodes"]] == ["a"]
    assert any("a,b" in warning for warning in shown.values["warnings"])


def test_what_an_unreadable_record_may_own_is_not_an_orphan(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    collection.configure("b", network)
    only(collection.operate("resume", ["b"]))
    edit(emulator, "b", "config", "express")
    found = collection.run("orphans", delete=[])
    assert found.values["orphans"] == []


def test_a_lease_far_in_the_future_is_not_a_time(emulator: Emulator, collection: Collection, network: Network) -> None:
    collection.configure("b", network)
    begun = collection.run("operation", name=["b"], state="begun", operation="resume")
    assert begun.values["begun"] == ["b"]
    edit(emulator, "b", "operation.expires_at", 99999999999999999)
    shown = collection.run("info")
    by_name = {node["name"]: node for node in shown.values["nodes"]}
    assert by_name["b"]["error"]["code"] == "ForeignTable"


def left_open(collection: Collection) -> Intent:
    """Leave a launch of which nothing is known, as a run that was killed before the call leaves it."""
    only(collection.operate("pause", ["a"]))
    record = record_of(collection)
    candidate = Candidate(instance_type="t3.small", market="spot")
    number = record.identity.generation + 1
    parameters = run_instances_parameters(TABLE, record, number, candidate)
    intent = Intent(
        action="RunInstances",
        token=parameters["ClientToken"],
        parameters=parameters,
        number=number,
        candidate=candidate,
        config=record.config,
    )
    Store(collection.client, TABLE).update("a", {"intent": intent, "identity.generation": number}, {})
    return intent


def test_a_launch_that_somebody_wrote_is_not_made(emulator: Emulator, collection: Collection) -> None:
    left_open(collection)
    edit(emulator, "a", "intent.parameters.UserData", "ZXZpbA==")
    resumed = collection.operate("resume", ["a"])
    node = only(resumed)
    (instance,) = AccountContents(emulator).live.values()
    assert instance["InstanceId"] == node["instance_id"]
    attribute = emulator.client("ec2").describe_instance_attribute(InstanceId=node["instance_id"], Attribute="userData")
    assert "Value" not in attribute["UserData"]


def test_a_launch_that_was_cut_off_is_made_as_it_stands(emulator: Emulator, collection: Collection) -> None:
    token = left_open(collection).token
    only(collection.operate("resume", ["a"]))
    (instance,) = AccountContents(emulator).live.values()
    assert instance["ClientToken"] == token


@pytest.mark.parametrize("others", [True, False], ids=["next to a genuine warning", "alone"])
def test_a_message_about_a_node_whose_record_cannot_be_read_stays_on_the_queue(
    emulator: Emulator, collection: Collection, network: Network, others: bool
) -> None:
    queue = EventQueue(emulator)
    instance_id = record_of(collection).identity.instance_id or ""
    bodies = [an_event(instance_id)]
    if others:
        collection.configure("b", network)
        genuine = only(collection.operate("resume", ["b"]))["instance_id"]
        emulator.mark(genuine)
        bodies.append(an_event(genuine))
    edit(emulator, "a", "config", "express")
    queue.forget()
    queue.send(*bodies)

    found = collection.run("events", reconcile=False)

    (note,) = found.values["later"]
    assert (note["reason"], note["name"], note["instance_id"]) == ("unreadable_record", "a", instance_id)
    assert "a: this item of table stateful-nodes" in note["message"]
    assert found.values["replace"] == (["b"] if others else [])
    assert (found.values["dropped"], queue.waiting) == ([], len(bodies))
