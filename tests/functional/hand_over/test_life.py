# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else becomes of nodes that hand over: how they come to, and what is refused them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import STEPS, Collection
from tests.support.readers import error_of, only, record_of

from .looks import begin, holder_of, interface_of, interfaces, leave, living, prelaunch, stays, writes


def adopt(emulator: Emulator, collection: Collection, network: Network) -> None:
    ec2 = emulator.client("ec2")
    made = ec2.run_instances(
        ImageId=network.image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=network.subnet_a_id
    )["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[made], WaiterConfig={"Delay": 1})
    only(collection.adopt("a", instance_id=made, handover="prelaunch"))


def change(_emulator: Emulator, collection: Collection, network: Network) -> None:
    collection.configure("a", network)
    only(collection.operate("resume", ["a"]))
    collection.run("config", name="a", handover="prelaunch")


@pytest.mark.parametrize("come", [adopt, change])
def test_the_change_waits_for_one_ordinary_replace(
    emulator: Emulator, collection: Collection, network: Network, come: Callable[..., None]
) -> None:
    come(emulator, collection, network)
    (before,) = collection.run("info", name="a").values["nodes"]
    waits = [(item["option"], item["current"], item["wanted"], item["waits_for"]) for item in before["pending"]]
    assert ("handover", "terminate", "prelaunch", "replace") in waits
    emulator.clear_calls()
    node = only(collection.operate("replace", ["a"]))
    # The interface's own tag says how the node hands over.
    made = [action for action in writes(emulator) if action != "CreateTags"]
    assert made == ["TerminateInstances", "RunInstances", "AttachNetworkInterface"]
    assert waits not in node["pending"]
    emulator.clear_calls()
    assert stays(node, only(collection.operate("replace", ["a"])))
    assert writes(emulator)[0] == "RunInstances"
    assert interface_of(emulator, node)["Attachment"]["DeviceIndex"] == 1


def test_both_interfaces_have_the_security_groups(
    emulator: Emulator, collection: Collection, network: Network, running: dict[str, Any]
) -> None:
    collection.run("config", name="a", security_groups=[network.other_security_group_id])
    only(collection.operate("resume", ["a"]))
    found = emulator.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    assert [[group["GroupId"] for group in item["Groups"]] for item in found] == [[network.other_security_group_id]] * 2


def test_back_to_device_0_with_the_next_replace(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    collection.run("config", name="a", handover="terminate")
    (before,) = collection.run("info", name="a").values["nodes"]
    assert [(item["option"], item["wanted"], item["waits_for"]) for item in before["pending"]] == [
        ("handover", "terminate", "replace")
    ]
    node = only(collection.operate("replace", ["a"]))
    assert (stays(running, node), node["pending"]) == (True, [])
    assert interface_of(emulator, node)["Attachment"]["DeviceIndex"] == 0
    assert record_of(collection).identity.instance.primary_network_interface_id is None


def test_another_address_is_had_by_an_ordinary_replace(
    emulator: Emulator, collection: Collection, network: Network, running: dict[str, Any]
) -> None:
    collection.run("config", name="a", private_ip_address="10.0.1.33")
    emulator.clear_calls()
    node = only(collection.operate("move", ["a"]))
    assert node["private_ip_address"] == "10.0.1.33"
    assert writes(emulator).index("TerminateInstances") < writes(emulator).index("RunInstances")
    assert holder_of(emulator, node) == node["instance_id"]


def test_a_pause_leaves_the_interface_and_nothing_else(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    node = only(collection.operate("pause", ["a"]))
    assert stays(running, node)
    assert (node["status"], living(emulator)) == ("paused", [])
    assert interfaces(emulator) == [running["network_interface_id"]]
    again = only(collection.operate("resume", ["a"]))
    assert stays(running, again)
    assert interface_of(emulator, again)["Attachment"]["DeviceIndex"] == 1


def test_what_is_released_carries_none_of_our_tags(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    assert not collection.operate("release", ["a"]).failures
    assert living(emulator) == [running["instance_id"]]
    tags = emulator.client("ec2").describe_tags()["Tags"]
    assert [tag for tag in tags if tag["Key"].startswith("stateful_node:")] == []


def test_a_lost_record_is_made_anew_as_it_was(emulator: Emulator, collection: Collection, network: Network,
                                              running: dict[str, Any]) -> None:  # fmt: skip
    before = record_of(collection).identity
    emulator.client("dynamodb").delete_item(TableName="stateful-nodes", Key={"name": {"S": "a"}})
    assert not collection.rebuild("a").failures
    record = record_of(collection)
    assert record.config.handover == "prelaunch"
    for field in ("instance_id", "device_index", "primary_network_interface_id"):
        assert getattr(record.identity.instance, field) == getattr(before.instance, field)
    assert record.identity.network_interface_id == before.network_interface_id
    node = only(collection.operate("replace", ["a"]))
    assert stays(running, node)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"handover": "prelaunch", "public_ip_assignment": "enabled"}, "PublicIpNotAtDevice1"),
        ({"handover": "prelaunch", "persist_private_ip": False}, "NothingToHandOver"),
        ({"handover": "prelaunch", "launch": {"instance_types": ["x9.huge"]}}, "UnknownInstanceType"),
    ],
)
def test_what_cannot_hand_over_is_refused(
    emulator: Emulator, collection: Collection, network: Network, options: dict[str, Any], code: str
) -> None:
    given = dict(options)
    if "launch" in given:
        given["launch"] = {"image_id": network.image_id, **given["launch"]}
    with pytest.raises(NodeError) as caught:
        collection.configure("a", network, **given)
    assert caught.value.failure.code == code
    assert str(caught.value).startswith("a: ")
    assert "handover: terminate" in str(caught.value)


def test_nothing_is_launched_beside_an_instance_outside_of_a_replace(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    emulator.client("ec2").terminate_instances(InstanceIds=[running["instance_id"]])
    operation_id = begin(collection, "resume")
    assert error_of(prelaunch(collection, operation_id))["code"] == "NotReplaced"
    leave(collection, operation_id)


def test_check_mode_says_what_the_hand_over_then_does(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    def walk(one: Collection) -> list[dict[str, Any]]:
        operation_id = begin(one)
        steps = (("instance", "prelaunched"), *STEPS["replace"])
        done = [one.run(module, name="a", state=state, operation_id=operation_id) for module, state in steps]
        leave(one, operation_id)
        return [action for each in done for action in each.values["actions"]]

    emulator.clear_calls()
    predicted = walk(Collection(emulator.endpoint, check_mode=True))
    assert emulator.calls(mutating=True) == []
    done = walk(collection)
    assert [action["action"] for action in predicted] == [
        "launch_standby",
        "move_network_interface",
        "promote_standby",
        "terminate_previous_instance",
    ]
    for foreseen, action in zip(predicted, done, strict=True):
        assert {**action, **{key: value for key, value in foreseen.items() if value is not None}} == action
