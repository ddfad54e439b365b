# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_info: what is true of the nodes, read and never written."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.readers import only

KEYS = {
    "name", "status", "desired", "generation", "config", "network_interface_id", "private_ip_address",
    "private_ip_addresses", "ipv6_addresses", "public_ip", "allocation_id", "subnet_id", "availability_zone",
    "instance_id", "instance_type", "instance_lifecycle", "launch_attempts", "drift", "pending", "operation", "timings",
    "seconds_out_of_service", "seconds_since_launch", "unused_elastic_ips",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


def drift_of(collection: Collection) -> list[str]:
    return [drift["reason"] for drift in only(collection.run("info"))["drift"]]


def test_a_node_is_shown_from_new_to_paused(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network, private_ip_address="10.0.1.15")
    new = only(collection.run("info", name="a"))
    assert new.keys() == KEYS
    assert (new["status"], new["desired"], new["generation"]) == ("new", None, 0)
    assert (new["network_interface_id"], new["private_ip_address"], new["instance_id"]) == (None, None, None)
    assert (new["subnet_id"], new["availability_zone"]) == (network.subnet_a_id, network.zone_a)

    collection.operate("resume", ["a"])
    running = only(collection.run("info", name="a"))
    assert running.keys() == KEYS
    assert (running["status"], running["desired"], running["generation"]) == ("running", "running", 1)
    assert (running["instance_type"], running["instance_lifecycle"]) == ("t3.micro", "spot")
    assert running["private_ip_addresses"] == ["10.0.1.15"]
    assert (running["drift"], running["pending"], running["operation"]) == ([], [], None)

    collection.operate("pause", ["a"])
    paused = only(collection.run("info", name="a"))
    assert (paused["status"], paused["desired"], paused["instance_id"]) == ("paused", "paused", None)
    assert paused["network_interface_id"] == running["network_interface_id"]
    assert paused["drift"] == []


def test_nothing_is_written(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    emulator.clear_calls()
    result = collection.run("info")
    assert (result.values["changed"], result.values["actions"], result.values["diff"]) == (False, [], [])
    assert emulator.calls(mutating=True) == []


@pytest.mark.parametrize("name", [None, ["all"]])
def test_every_node_is_shown_in_the_order_of_their_names(
    emulator: Emulator, network: Network, collection: Collection, name: list[str] | None
) -> None:
    for each in ("c", "a", "b"):
        collection.configure(each, network)
    shown = collection.run("info") if name is None else collection.run("info", name=name)
    assert [node["name"] for node in shown.values["nodes"]] == ["a", "b", "c"]


def test_nodes_are_shown_in_the_order_asked_for(emulator: Emulator, network: Network, collection: Collection) -> None:
    for each in ("a", "b", "c"):
        collection.configure(each, network)
    assert [node["name"] for node in collection.run("info", name=["c, a", " b "]).values["nodes"]] == ["c", "a", "b"]


def test_an_empty_list_shows_none_and_asks_aws_nothing_about_ec2(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    emulator.clear_calls()
    assert collection.run("info", name=[]).values["nodes"] == []
    assert emulator.calls(service="ec2") == []


def test_an_unknown_node_does_not_keep_the_others_from_being_shown(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    result = collection.run("info", name=["unknown", "a"])
    unknown, known = result.values["nodes"]
    assert unknown.keys() == {"name", "error"}
    assert unknown["error"]["code"] == "UnknownNode"
    assert "stateful_node_config" in unknown["error"]["message"]
    assert known["status"] == "new"
    assert len(result.failures) == 1


def test_a_name_given_twice_is_an_error(emulator: Emulator, network: Network, collection: Collection) -> None:
    with pytest.raises(NodeError, match="more than once: a"):
        collection.run("info", name=["a", "b,a"])


def test_user_data_is_shown_by_its_hash(emulator: Emulator, network: Network, collection: Collection) -> None:
    launch = {"image_id": network.image_id, "instance_types": ["t3.micro"], "user_data": "#!/bin/sh\n"}
    collection.configure("a", network, launch=launch)
    shown = only(collection.run("info"))["config"]["launch"]
    assert shown["user_data_sha256"] == hashlib.sha256(b"#!/bin/sh\n").hexdigest()
    assert "user_data" not in shown


def test_a_change_of_the_private_address_is_pending(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, private_ip_address="10.0.1.15")
    collection.operate("resume", ["a"])
    collection.run("config", name="a", private_ip_address="10.0.1.16")
    shown = only(collection.run("info"))
    (waiting,) = shown["pending"]
    assert waiting == {
        "option": "private_ip_address",
        "current": "10.0.1.15",
        "wanted": "10.0.1.16",
        "waits_for": "address_change",
        "give": "replace_allow_address_change=true",
    }
    assert shown["private_ip_address"] == "10.0.1.15"


def test_an_edit_is_pending_and_a_change_by_hand_is_drift(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    node = only(collection.operate("resume", ["a"]))
    edit = {"tags": {"service": "db"}, "secondary_private_ip_address_count": 1, "source_dest_check": False}
    collection.run("config", name="a", **edit)
    shown = only(collection.run("info"))
    assert {item["option"] for item in shown["pending"]} == set(edit)
    assert {item["waits_for"] for item in shown["pending"]} == {"resume"}
    assert shown["drift"] == []
    only(collection.operate("resume", ["a"]))
    shown = only(collection.run("info"))
    assert (shown["pending"], shown["drift"]) == ([], [])
    emulator.client("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=node["network_interface_id"], SourceDestCheck={"Value": True}
    )
    emulator.client("ec2").delete_tags(Resources=[node["network_interface_id"]], Tags=[{"Key": "service"}])
    shown = only(collection.run("info"))
    assert shown["pending"] == []
    assert {drift["reason"] for drift in shown["drift"]} == {"source_dest_check_differs", "tags_differ"}


def test_an_elastic_ip_that_is_not_configured_any_more_is_shown_with_its_cost(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, public_ip_assignment="enabled", elastic_ip="new")
    node = only(collection.operate("resume", ["a"]))
    assert node["unused_elastic_ips"] == []
    edited = collection.run("config", name="a", elastic_ip="")
    assert any("state=absent release=true" in warning for warning in edited.values["warnings"])
    only(collection.operate("resume", ["a"]))
    (unused,) = only(collection.run("info"))["unused_elastic_ips"]
    assert (unused["allocation_id"], unused["monthly_cost"]) == (node["allocation_id"], 3.65)
    only(collection.run("eip", name=["a"], state="absent", release=True))
    assert only(collection.run("info"))["unused_elastic_ips"] == []


def terminate(emulator: Emulator, node: dict[str, Any]) -> None:
    emulator.client("ec2").terminate_instances(InstanceIds=[node["instance_id"]])


def stop(emulator: Emulator, node: dict[str, Any]) -> None:
    emulator.client("ec2").stop_instances(InstanceIds=[node["instance_id"]])


def interrupt(emulator: Emulator, node: dict[str, Any]) -> None:
    emulator.interrupt(node["instance_id"])


def drop_groups(emulator: Emulator, node: dict[str, Any]) -> None:
    groups = emulator.client("ec2").describe_security_groups()["SecurityGroups"]
    other = next(group["GroupId"] for group in groups if group["GroupName"] == "clients")
    emulator.client("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=node["network_interface_id"], Groups=[other]
    )


@pytest.mark.parametrize(
    ("market", "damage", "status", "reason"),
    [
        ("spot", terminate, "degraded", "instance_missing"),
        ("spot", interrupt, "degraded", "interrupted"),
        ("on_demand", stop, "degraded", "instance_stopped"),
        ("spot", drop_groups, "running", "security_groups_differ"),
    ],
    ids=["terminated", "interrupted", "stopped", "other groups"],
)
def test_what_somebody_else_did_is_drift_until_the_node_is_resumed(
    emulator: Emulator, network: Network, collection: Collection, market: str, damage: Any, status: str, reason: str
) -> None:
    launch = {"image_id": network.image_id, "instance_types": ["t3.micro"], "market": market}
    collection.configure("a", network, launch=launch)
    damage(emulator, only(collection.operate("resume", ["a"])))
    shown = only(collection.run("info"))
    assert (shown["status"], [drift["reason"] for drift in shown["drift"]]) == (status, [reason])
    assert "Resume the node" in shown["drift"][0]["message"]
    assert only(collection.operate("resume", ["a"]))["status"] == "running"
    assert drift_of(collection) == []


def test_a_lost_interface_is_drift(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    node = only(collection.run("eni", name="a"))
    collection.operate("resume", ["a"])
    collection.operate("pause", ["a"])
    emulator.client("ec2").delete_network_interface(NetworkInterfaceId=node["network_interface_id"])
    (drift,) = only(collection.run("info"))["drift"]
    assert drift["reason"] == "interface_missing"
    assert node["network_interface_id"] in drift["message"]
    assert node["private_ip_address"] in drift["message"]
    assert only(collection.run("info"))["status"] == "degraded"


def lose_record(emulator: Emulator, name: str) -> None:
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": name}})


def launch_with_tags_of(emulator: Emulator, network: Network, name: str) -> str:
    """Launch an instance as a copy of the node's own would be, its tags and all."""
    tags = {"stateful_node:table": TABLE, "stateful_node:name": name, "stateful_node:generation": "1"}
    launched = emulator.client("ec2").run_instances(
        ImageId=network.image_id,
        InstanceType="t3.micro",
        SubnetId=network.subnet_a_id,
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        ],
    )
    return str(launched["Instances"][0]["InstanceId"])


def test_an_instance_with_the_nodes_tags_beside_its_own_is_drift(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    other = launch_with_tags_of(emulator, network, "a")
    for asked in ({}, {"name": ["a"]}):
        (drift,) = only(collection.run("info", **asked))["drift"]
        assert (drift["reason"], drift["repairable"]) == ("two_instances", False)
        assert other in drift["message"]
    emulator.client("ec2").terminate_instances(InstanceIds=[other])
    assert drift_of(collection) == []


@pytest.mark.parametrize("asked", [{}, {"name": ["a"]}], ids=["all", "by name"])
def test_a_node_whose_record_is_lost_is_told_with_what_is_left_of_it(
    emulator: Emulator, network: Network, collection: Collection, asked: Any
) -> None:
    collection.configure("a", network, elastic_ip="new", public_ip_assignment="enabled")
    node = only(collection.operate("resume", ["a"]))
    lose_record(emulator, "a")
    shown = only(collection.run("info", **asked))
    assert shown.keys() == KEYS
    assert (shown["status"], shown["desired"], shown["config"]) == ("degraded", None, None)
    same = ("network_interface_id", "private_ip_address", "public_ip", "allocation_id", "instance_id", "generation")
    assert {key: shown[key] for key in same} == {key: node[key] for key in same}
    (drift,) = shown["drift"]
    assert drift["reason"] == "record_missing"
    assert all(node[key] in drift["message"] for key in ("network_interface_id", "allocation_id", "instance_id"))


def test_nothing_is_left_of_a_node_that_never_was(emulator: Emulator, network: Network, collection: Collection) -> None:
    """And what belongs to another table is not this one's to tell."""
    emulator.client("ec2").create_network_interface(
        SubnetId=network.subnet_a_id,
        TagSpecifications=[
            {
                "ResourceType": "network-interface",
                "Tags": [
                    {"Key": "stateful_node:table", "Value": "other"},
                    {"Key": "stateful_node:name", "Value": "a"},
                ],
            }
        ],
    )
    assert collection.run("info").values["nodes"] == []
    assert [failure.code for failure in collection.run("info", name=["a"]).failures] == ["UnknownNode"]


def test_a_launch_that_nobody_has_heard_of_yet_is_no_second_instance(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """Its answer was lost and the operation ended: the intent says that it may be the node's."""
    collection.configure("a", network)
    emulator.add_fault("RunInstances", "lost", call=0)
    collection.operate("resume", ["a"])
    emulator.clear_faults()
    assert "two_instances" not in drift_of(collection)
    assert only(collection.operate("resume", ["a"]))["status"] == "running"
    assert drift_of(collection) == []


def test_what_another_node_has_been_given_is_not_left_of_a_lost_one(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """Also when that other node is not asked for."""
    collection.configure("a", network, elastic_ip="new", public_ip_assignment="enabled")
    node = only(collection.operate("resume", ["a"]))
    collection.configure("b", network)
    Store(collection.client, TABLE).update("b", {"config.elastic_ip": node["allocation_id"]}, {})
    lose_record(emulator, "a")
    (drift,) = only(collection.run("info", name=["a"]))["drift"]
    assert node["network_interface_id"] in drift["message"]
    assert node["allocation_id"] not in drift["message"]
