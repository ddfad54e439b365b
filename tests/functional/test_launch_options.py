# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of `launch`: EC2 gets each, an adoption reads it, and what a launch template says besides is kept."""

from __future__ import annotations

import gzip
from base64 import b64decode, b64encode
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.readers import only

from .account import launch

SCRIPT = b"#!/bin/sh\necho 'ready'\n"
PACKED = gzip.compress(SCRIPT, mtime=0)  # the time would give each worker a parameter of its own
IGNITION = '{ "ignition": {"version": "3.3.0"},\n  "overwrite": true }\n'
EVERYTHING = {
    "market": "on_demand",
    "placement_group": "ring",
    "placement_partition_number": 2,
    "capacity_reservation": {"id": "cr-0123456789abcdef0"},
    "credit_specification": "standard",
    "cpu_options": {"core_count": 1, "threads_per_core": 1},
    "ebs_optimized": True,
    "monitoring": True,
}


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})


def configured(network: Network, **options: Any) -> dict[str, Any]:
    return {"image_id": network.image_id, "instance_types": ["t3.micro"], **options}


def instance_of(emulator: Emulator, node: dict[str, Any]) -> dict[str, Any]:
    answer = emulator.client("ec2").describe_instances(InstanceIds=[node["instance_id"]])
    instance: dict[str, Any] = answer["Reservations"][0]["Instances"][0]
    return instance


def credits_of(emulator: Emulator, node: dict[str, Any]) -> str:
    ids = [node["instance_id"]]
    answer = emulator.client("ec2").describe_instance_credit_specifications(InstanceIds=ids)
    return str(answer["InstanceCreditSpecifications"][0]["CpuCredits"])


def user_data_of(emulator: Emulator, node: dict[str, Any]) -> bytes:
    answer = emulator.client("ec2").describe_instance_attribute(InstanceId=node["instance_id"], Attribute="userData")
    return b64decode(answer["UserData"]["Value"])


def assert_as_asked_for(emulator: Emulator, node: dict[str, Any]) -> None:
    instance = instance_of(emulator, node)
    assert instance["Placement"]["GroupName"] == "ring"
    assert instance["Placement"]["PartitionNumber"] == 2
    target = instance["CapacityReservationSpecification"]["CapacityReservationTarget"]
    assert target == {"CapacityReservationId": "cr-0123456789abcdef0"}
    assert instance["CpuOptions"] == {"CoreCount": 1, "ThreadsPerCore": 1}
    assert instance["EbsOptimized"]
    assert instance["Monitoring"]["State"] == "enabled"
    assert credits_of(emulator, node) == "standard"


def test_each_reaches_ec2_and_waits_for_nothing(emulator: Emulator, collection: Collection, network: Network) -> None:
    collection.configure("a", network, launch=configured(network, **EVERYTHING))
    assert not collection.operate("resume", ["a"]).failures
    node = only(collection.run("info", name=["a"]))
    assert_as_asked_for(emulator, node)
    assert node["pending"] == []
    collection.configure("a", network, launch={"monitoring": False, "placement_partition_number": 0})
    waiting = only(collection.run("info", name=["a"]))["pending"]
    assert {item["option"] for item in waiting} == {"launch.monitoring", "launch.placement_partition_number"}


def test_an_adoption_takes_them_along(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(
        emulator, network, Placement={"GroupName": "ring", "PartitionNumber": 2},
        CapacityReservationSpecification={
            "CapacityReservationTarget": {"CapacityReservationId": "cr-0123456789abcdef0"}
        },
        CreditSpecification={"CpuCredits": "standard"}, CpuOptions={"CoreCount": 1, "ThreadsPerCore": 1},
        EbsOptimized=True, Monitoring={"Enabled": True},
    )  # fmt: skip
    with pytest.raises(NodeError, match=r"launch.capacity_reservation.id .* launch.market is spot"):
        collection.adopt("a", instance_id=instance_id)
    adopted = only(collection.adopt("a", instance_id=instance_id, launch={"market": "on_demand"}))
    assert {name: adopted["config"]["launch"][name] for name in EVERYTHING} == EVERYTHING
    assert not collection.operate("replace", ["a"]).failures
    assert_as_asked_for(emulator, only(collection.run("info", name=["a"])))


def test_an_adoption_leaves_to_the_type_what_is_the_types_own(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    adopted = only(collection.adopt("a", instance_id=launch(emulator, network)))["config"]["launch"]
    assert (adopted["cpu_options"], adopted["capacity_reservation"]) == ({}, {})
    assert {adopted[name] for name in ("credit_specification", "ebs_optimized", "monitoring")} == {None}


def test_what_a_launch_template_says_besides_is_kept(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    """The emulator replaces a structure of the template by the call's, as EC2 may."""
    data = {
        "ImageId": network.image_id,
        "InstanceType": "t3.micro",
        "Placement": {"GroupName": "ring", "Tenancy": "dedicated"},
        "MetadataOptions": {"HttpTokens": "required"},
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "cost", "Value": "7"}]}],
    }
    emulator.client("ec2").create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    options = {"launch_template": {"name": "web"}, "metadata_options": {"http_put_response_hop_limit": 2}}
    shown = only(collection.configure("a", network, launch=options))["config"]["launch"]["launch_template"]
    assert set(shown) == {"id", "version"}
    collection.operate("resume", ["a"])
    instance = instance_of(emulator, only(collection.run("info", name=["a"])))
    assert (instance["Placement"]["GroupName"], instance["Placement"]["Tenancy"]) == ("ring", "dedicated")
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
    assert {"Key": "cost", "Value": "7"} in instance["Tags"]
    assert {"Key": "stateful_node:name", "Value": "a"} in instance["Tags"]


@pytest.mark.parametrize(
    ("given", "received"),
    [
        ({"user_data": IGNITION}, IGNITION.encode()),
        ({"user_data": " \n#!/bin/sh\n "}, b" \n#!/bin/sh\n "),
        ({"user_data_base64": b64encode(PACKED).decode()}, PACKED),
        ({"user_data_base64": b64encode(IGNITION.encode()).decode()}, IGNITION.encode()),
        ({"user_data_base64": f"{b64encode(PACKED[:30]).decode()}\n"}, PACKED[:30]),
    ],
)
def test_user_data_arrives_byte_for_byte(
    emulator: Emulator, collection: Collection, network: Network, given: dict[str, str], received: bytes
) -> None:
    collection.configure("a", network, launch=configured(network, **given))
    collection.operate("resume", ["a"])
    assert user_data_of(emulator, only(collection.run("info", name=["a"]))) == received


def test_one_form_of_user_data_takes_the_place_of_the_other(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    collection.configure("a", network, launch=configured(network, user_data="#!/bin/sh\n"))
    collection.configure("a", network, launch={"user_data_base64": b64encode(PACKED).decode()})
    collection.operate("resume", ["a"])
    assert user_data_of(emulator, only(collection.run("info", name=["a"]))) == PACKED
    collection.configure("a", network, launch={"user_data": "#!/bin/sh\n"})
    collection.operate("replace", ["a"])
    assert user_data_of(emulator, only(collection.run("info", name=["a"]))) == b"#!/bin/sh\n"


def test_user_data_that_looks_encoded_is_taken_with_a_warning(collection: Collection, network: Network) -> None:
    encoded = b64encode(SCRIPT).decode()
    warned = collection.configure("a", network, launch=configured(network, user_data=encoded))
    assert "a: launch.user_data looks like base64" in "\n".join(warned.values["warnings"])
    assert encoded not in str(warned.values)
    right = collection.configure("a", network, launch={"user_data_base64": encoded})
    assert "looks like base64" not in "\n".join(right.values["warnings"])


def test_packed_user_data_comes_along_with_an_adoption(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    collection.adopt("a", instance_id=launch(emulator, network, UserData=PACKED))
    assert not collection.operate("replace", ["a"]).failures
    assert user_data_of(emulator, only(collection.run("info", name=["a"]))) == PACKED


def test_an_image_may_be_a_parameter_of_systems_manager(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    emulator.client("ssm").put_parameter(Name="/images/web", Value=network.image_id, Type="String")
    launched = configured(network, image_id="resolve:ssm:/images/web")
    collection.configure("a", network, launch=launched)
    assert not collection.operate("resume", ["a"]).failures
    node = only(collection.run("info", name=["a"]))
    assert instance_of(emulator, node)["ImageId"] == network.image_id
    assert (node["drift"], node["pending"]) == ([], [])
