# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Launching: the candidates in their order, the reasons to go on, and the reasons to stop."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.readers import only

TYPES = ["t3.micro", "t3.small"]
IN_ORDER = [("t3.micro", "spot"), ("t3.small", "spot"), ("t3.micro", "on_demand"), ("t3.small", "on_demand")]
CAPACITY_CODES = [
    "InsufficientInstanceCapacity",
    "InsufficientCapacity",
    "SpotMaxPriceTooLow",
    "MaxSpotInstanceCountExceeded",
    "VcpuLimitExceeded",
    "InstanceLimitExceeded",
    "Unsupported",
    "UnfulfillableCapacity",
]


def failed(result: Result) -> dict[str, Any]:
    (node,) = result.values["nodes"]
    assert node["error"]["message"] in result.message
    return node


def configure(collection: Collection, network: Network, **launch: Any) -> None:
    collection.configure("a", network, launch={"image_id": network.image_id, "instance_types": TYPES, **launch})


def tried(emulator: Emulator) -> list[tuple[str, str]]:
    """List type and market of each RunInstances call."""
    return [
        (
            call["parameters"].get("InstanceType", ""),
            call["parameters"].get("InstanceMarketOptions.MarketType", "on_demand"),
        )
        for call in emulator.calls(action="RunInstances")
    ]


def attempts_of(node: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(each["instance_type"], each["market"], each["code"]) for each in node["launch_attempts"]]


def living(emulator: Emulator) -> list[dict[str, Any]]:
    filters = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    reservations = emulator.client("ec2").describe_instances(Filters=filters)["Reservations"]
    return [instance for reservation in reservations for instance in reservation["Instances"]]


def test_the_first_candidate_is_taken_where_there_is_capacity(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    configure(collection, network)
    node = only(collection.operate("resume", ["a"]))
    assert tried(emulator) == IN_ORDER[:1]
    assert (node["instance_type"], node["instance_lifecycle"]) == IN_ORDER[0]
    assert attempts_of(node) == [("t3.micro", "spot", None)]
    (call,) = emulator.calls(action="RunInstances")
    sent = call["parameters"]
    assert sent["NetworkInterface.1.NetworkInterfaceId"] == node["network_interface_id"]
    assert sent["NetworkInterface.1.DeviceIndex"] == "0"
    assert sent["Placement.AvailabilityZone"] == node["availability_zone"] == network.zone_a
    (instance,) = living(emulator)
    assert instance["ImageId"] == network.image_id
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    assert (tags["Name"], tags["stateful_node:name"], tags["stateful_node:generation"]) == ("a", "a", "1")


@pytest.mark.parametrize("outcome", ["refused", "dies"])
def test_candidates_are_tried_in_order_down_to_on_demand(
    emulator: Emulator, network: Network, collection: Collection, outcome: str
) -> None:
    """Whether EC2 refuses the call, or accepts it and the instance dies in pending."""
    emulator.set_capacity(outcome=outcome)
    emulator.set_capacity(instance_type="t3.small", market="on-demand")
    configure(collection, network)
    node = only(collection.operate("resume", ["a"]))
    assert tried(emulator) == IN_ORDER
    assert (node["instance_type"], node["instance_lifecycle"]) == IN_ORDER[-1]
    assert [attempt[:2] for attempt in attempts_of(node)] == IN_ORDER
    codes = [code for _type, _market, code in attempts_of(node)]
    assert codes[-1] is None
    assert all("InsufficientInstanceCapacity" in (code or "") for code in codes[:-1])
    assert all("capacity" in attempt["message"] for attempt in node["launch_attempts"][:-1])
    tokens = [call["parameters"]["ClientToken"] for call in emulator.calls(action="RunInstances")]
    assert len(set(tokens)) == len(IN_ORDER)
    assert all(len(token) == 64 for token in tokens)
    assert [instance["InstanceId"] for instance in living(emulator)] == [node["instance_id"]]


@pytest.mark.parametrize("code", CAPACITY_CODES)
def test_every_capacity_code_leads_to_the_next_candidate(
    emulator: Emulator, network: Network, collection: Collection, code: str
) -> None:
    emulator.configure(durations={"pending": 0})
    emulator.set_capacity(instance_type="t3.micro", outcome="refused", code=code)
    configure(collection, network)
    node = only(collection.operate("resume", ["a"]))
    assert tried(emulator) == IN_ORDER[:2]
    assert attempts_of(node) == [("t3.micro", "spot", code), ("t3.small", "spot", None)]


@pytest.mark.parametrize(
    ("launch", "expected"),
    [({"fallback_to_on_demand": False}, IN_ORDER[:2]), ({"market": "on_demand"}, IN_ORDER[2:])],
    ids=["no fallback", "on demand only"],
)
def test_no_other_market_is_tried_than_the_configured_ones(
    emulator: Emulator,
    network: Network,
    collection: Collection,
    launch: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    emulator.set_capacity(outcome="refused")
    configure(collection, network, **launch)
    assert failed(collection.operate("resume", ["a"]))["error"]["code"] == "NoCapacity"
    assert tried(emulator) == expected


@pytest.mark.parametrize("outcome", ["refused", "dies"])
def test_without_capacity_the_node_keeps_its_addresses_and_the_next_resume_tries_again(
    emulator: Emulator, network: Network, collection: Collection, outcome: str
) -> None:
    emulator.set_capacity(outcome=outcome)
    configure(collection, network)
    node = failed(collection.operate("resume", ["a"]))
    error = node["error"]
    assert (error["code"], error["phase"]) == ("NoCapacity", "launch")
    reasons = error["message"].split(". ", 1)[1].split("; ")
    assert [tuple(reason.split(":")[0].split()) for reason in reasons] == IN_ORDER
    assert all("InsufficientInstanceCapacity: " in reason for reason in reasons)
    assert error["next_command"] == "ansible-playbook stateful_node.aws.resume -e stateful_nodes=a"
    assert (node["instance_id"], node["desired"], node["operation"]) == (None, "running", None)
    assert node["network_interface_id"]
    assert living(emulator) == []
    shown = only(collection.run("info"))
    assert (shown["status"], [drift["reason"] for drift in shown["drift"]]) == ("degraded", ["instance_missing"])
    assert attempts_of(shown) == attempts_of(node)

    emulator.set_capacity()
    resumed = only(collection.operate("resume", ["a"]))
    assert resumed["status"] == "running"
    assert resumed["private_ip_address"] == node["private_ip_address"]
    assert attempts_of(resumed) == [("t3.micro", "spot", None)]
    assert len(living(emulator)) == 1


@pytest.mark.parametrize("code", ["Client.InternalError", "Client.VolumeLimitExceeded"])
def test_a_launch_that_dies_for_another_reason_stops_with_it(
    emulator: Emulator, network: Network, collection: Collection, code: str
) -> None:
    emulator.set_capacity(outcome="dies", code=code)
    configure(collection, network)
    node = failed(collection.operate("resume", ["a"]))
    assert tried(emulator) == IN_ORDER[:1]
    assert node["error"]["code"] == code
    assert "died" in node["error"]["message"]
    assert attempts_of(node) == [("t3.micro", "spot", code)]
    assert node["instance_id"] is None
    emulator.set_capacity()
    assert only(collection.operate("resume", ["a"]))["status"] == "running"


@pytest.mark.parametrize(
    ("code", "option"),
    [("InvalidAMIID.NotFound", "launch.image_id"), ("InvalidKeyPair.NotFound", "launch.key_name")],
)
def test_a_refusal_for_another_reason_stops_at_once(
    emulator: Emulator, network: Network, collection: Collection, code: str, option: str
) -> None:
    """What the check before the launch has found may be gone by then."""
    configure(collection, network)
    emulator.add_fault("RunInstances", "refuse", code=code, message="It does not exist")
    node = failed(collection.operate("resume", ["a"]))
    assert tried(emulator) == IN_ORDER[:1]
    assert (node["error"]["code"], node["error"]["action"]) == (code, "RunInstances")
    assert "It does not exist" in node["error"]["message"]
    assert f"Correct {option} with stateful_node_config first." in node["error"]["message"]
    assert only(collection.operate("resume", ["a"]))["status"] == "running"


def test_one_node_without_capacity_does_not_keep_the_others_from_running(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    for name in ("a", "b", "c"):
        only_type = "t3.large" if name == "b" else "t3.micro"
        collection.configure(name, network, launch={"image_id": network.image_id, "instance_types": [only_type]})
    emulator.set_capacity(instance_type="t3.large", outcome="refused")
    result = collection.operate("resume", ["a", "b", "c"])
    assert [node["status"] for node in result.values["nodes"]] == ["running", "degraded", "running"]
    (failure,) = result.failures
    assert failure.message.startswith("b: ")
    assert "t3.large on_demand: InsufficientInstanceCapacity" in failure.message


def make_template(emulator: Emulator, **data: Any) -> str:
    made = emulator.client("ec2").create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)
    return made["LaunchTemplate"]["LaunchTemplateId"]


def test_a_launch_template_brings_what_the_options_leave_out(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    template = make_template(emulator, ImageId=network.other_image_id, InstanceType="t3.large")
    collection.configure("a", network, launch={"launch_template": {"name": "nodes"}})
    node = only(collection.operate("resume", ["a"]))
    (call,) = emulator.calls(action="RunInstances")
    assert call["parameters"]["LaunchTemplate.LaunchTemplateId"] == template
    assert call["parameters"]["LaunchTemplate.Version"] == "1"
    (instance,) = living(emulator)
    assert (instance["ImageId"], instance["InstanceType"]) == (network.other_image_id, "t3.large")
    assert attempts_of(node) == [("t3.large", "spot", None)]
    assert instance["PrivateIpAddress"] == node["private_ip_address"]


def test_options_beside_a_launch_template_win(emulator: Emulator, network: Network, collection: Collection) -> None:
    make_template(emulator, ImageId=network.other_image_id, InstanceType="t3.large")
    emulator.set_capacity(instance_type="t3.micro", outcome="refused")
    options = {"launch_template": {"name": "nodes"}, "image_id": network.image_id, "instance_types": TYPES}
    collection.configure("a", network, launch=options)
    only(collection.operate("resume", ["a"]))
    (instance,) = living(emulator)
    assert (instance["ImageId"], instance["InstanceType"]) == (network.image_id, "t3.small")


def test_a_launch_templates_own_type_falls_back_to_on_demand(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    make_template(emulator, ImageId=network.image_id, InstanceType="t3.large")
    emulator.set_capacity(market="spot", outcome="refused")
    collection.configure("a", network, launch={"launch_template": {"name": "nodes"}})
    node = only(collection.operate("resume", ["a"]))
    assert node["instance_lifecycle"] == "on_demand"
    assert attempts_of(node)[0][1:] == ("spot", "InsufficientInstanceCapacity")
    assert attempts_of(node)[1] == ("t3.large", "on_demand", None)


def test_launch_options_reach_the_instance(emulator: Emulator, network: Network, collection: Collection) -> None:
    emulator.client("ec2").create_key_pair(KeyName="operators")
    configure(
        collection,
        network,
        key_name="operators",
        spot_max_price="0.05",
        metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 2},
        block_device_mappings=[{"device_name": "/dev/sdf", "ebs": {"volume_size": 5, "delete_on_termination": True}}],
    )
    only(collection.operate("resume", ["a"]))
    sent = emulator.calls(action="RunInstances")[0]["parameters"]
    expected = {
        "KeyName": "operators",
        "InstanceMarketOptions.SpotOptions.MaxPrice": "0.05",
        "MetadataOptions.HttpTokens": "required",
        "MetadataOptions.HttpPutResponseHopLimit": "2",
        "BlockDeviceMapping.1.DeviceName": "/dev/sdf",
        "BlockDeviceMapping.1.Ebs.VolumeSize": "5",
        "BlockDeviceMapping.1.Ebs.DeleteOnTermination": "true",
    }
    assert {name: sent.get(name) for name in expected} == expected
