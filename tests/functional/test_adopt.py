# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adopting instances and interfaces: what becomes the node's."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.corrections.images import DEPRECATED
from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import Collection
from tests.support.readers import only, record_of

from .account import AccountContents, give_address, launch, own_tags, primary_interface, tagged

SECRET = "#!/bin/sh\necho a-password-of-somebody"


@pytest.fixture
def collection(collection: Collection, emulator: Emulator) -> Collection:
    """In a hurry."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    return Collection(collection.endpoint, clock=FastClock())


def test_an_instance_becomes_a_running_node_and_the_next_replace_moves_it_to_spot(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    interface = primary_interface(emulator, instance_id)
    address = give_address(emulator, interface)
    assert interface["Attachment"]["DeleteOnTermination"] is True
    node = only(collection.adopt("a", instance_id=instance_id))
    assert (node["status"], node["desired"], node["drift"], node["operation"]) == ("running", "running", [], None)
    assert (node["network_interface_id"], node["private_ip_address"], node["public_ip"], node["instance_id"]) == (
        interface["NetworkInterfaceId"], interface["PrivateIpAddress"], address["PublicIp"], instance_id,
    )  # fmt: skip
    assert [(item["option"], item["wanted"], item["waits_for"]) for item in node["pending"]] == [
        ("launch.market", "spot", "replace")
    ]
    now = primary_interface(emulator, instance_id)
    assert now["Attachment"]["DeleteOnTermination"] is False
    for resource_id in (instance_id, interface["NetworkInterfaceId"], address["AllocationId"]):
        assert own_tags(emulator, resource_id).items() >= {
            ("stateful_node:table", "stateful-nodes"), ("stateful_node:name", "a"),
        }  # fmt: skip
    replaced = only(collection.operate("replace", ["a"]))
    assert (replaced["instance_lifecycle"], replaced["generation"], replaced["pending"]) == ("spot", 2, [])
    for key in ("network_interface_id", "private_ip_address", "public_ip", "allocation_id"):
        assert replaced[key] == node[key]
    assert replaced["instance_id"] != instance_id


def test_nothing_is_terminated_and_no_address_changed(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    before = primary_interface(emulator, instance_id)
    emulator.clear_calls()
    only(collection.adopt("a", instance_id=instance_id))
    done = [call["action"] for call in emulator.calls(mutating=True) if call["service"] == "ec2"]
    assert done == ["ModifyNetworkInterfaceAttribute", "CreateTags", "CreateTags", "CreateTags"]
    written = [call["action"] for call in emulator.calls(mutating=True)]
    assert written[0] == "PutItem"
    after = primary_interface(emulator, instance_id)
    assert after["PrivateIpAddresses"] == before["PrivateIpAddresses"]


@pytest.mark.parametrize("operation", ["adopt", "resume"])
def test_what_was_adopted_is_as_wanted(
    emulator: Emulator, collection: Collection, network: Network, operation: str
) -> None:
    instance_id = launch(emulator, network, TagSpecifications=tagged({"Name": "old", "team": "x"}))
    give_address(emulator, primary_interface(emulator, instance_id))
    only(collection.adopt("a", instance_id=instance_id))
    emulator.clear_calls()
    if operation == "adopt":
        again = collection.adopt("a", instance_id=instance_id)
    else:
        again = collection.operate(operation, ["a"])
    only(again)
    assert (again.values["changed"], again.values["actions"]) == (False, [])
    assert emulator.calls(mutating=True) == []


def test_launch_settings_are_read_from_the_instance(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    emulator.client("ec2").create_key_pair(KeyName="mine")
    instance_id = launch(
        emulator, network, KeyName="mine", UserData=SECRET, Placement={"Tenancy": "dedicated"},
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        TagSpecifications=tagged({"Name": "old", "team": "x", "aws:cloudformation:stack-name": "s"}),
    )  # fmt: skip
    result = collection.adopt("a", instance_id=instance_id)
    config = only(result)["config"]
    launched = config["launch"]
    assert (launched["image_id"], launched["instance_types"], launched["key_name"], launched["tenancy"]) == (
        network.image_id, ["t3.small"], "mine", "dedicated",
    )  # fmt: skip
    assert (launched["market"], launched["fallback_to_on_demand"]) == ("spot", True)
    assert launched["metadata_options"]["http_tokens"] == "required"
    assert launched["metadata_options"]["http_put_response_hop_limit"] == 2
    assert (config["security_groups"], config["tags"]) == ([network.security_group_id], {"Name": "old", "team": "x"})
    assert record_of(collection).config.launch.user_data == SECRET
    assert launched["user_data_sha256"]
    for shown in (result, collection.run("info"), collection.operate("replace", ["a"])):
        assert "a-password" not in json.dumps(shown.values)
    (call,) = [call for call in emulator.calls(action="RunInstances") if call["node"] == "a"]
    instance_id = record_of(collection).identity.instance_id
    ec2 = emulator.client("ec2")
    read = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="userData")["UserData"]["Value"]
    assert b64decode(read).decode() == SECRET
    assert call["parameters"]["KeyName"] == "mine"


def test_what_is_given_takes_the_place_of_what_is_found(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network, UserData=SECRET, TagSpecifications=tagged({"team": "x"}))
    options = {"launch": {"image_id": network.other_image_id, "market": "on_demand", "user_data": ""},
               "tags": {"env": "y"}, "purge_tags": False}  # fmt: skip
    config = only(
        collection.run("adopt", name="a", instance_id=instance_id, **options)
    )["config"]  # fmt: skip
    assert (config["launch"]["image_id"], config["launch"]["market"]) == (network.other_image_id, "on_demand")
    assert config["launch"]["instance_types"] == ["t3.small"]
    assert config["launch"]["user_data_sha256"] is None
    assert config["tags"] == {"team": "x", "env": "y"}


def test_every_address_of_the_interface_comes_along(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    interface = primary_interface(emulator, instance_id)
    ec2 = emulator.client("ec2")
    ec2.assign_private_ip_addresses(
        NetworkInterfaceId=interface["NetworkInterfaceId"], PrivateIpAddresses=["10.0.1.60", "10.0.1.61"]
    )
    address = give_address(emulator, interface, on="10.0.1.61")
    node = only(collection.adopt("a", instance_id=instance_id))
    assert node["private_ip_addresses"] == [interface["PrivateIpAddress"], "10.0.1.60", "10.0.1.61"]
    assert (node["allocation_id"], node["config"]["elastic_ip_private_ip_address"]) == (
        address["AllocationId"], "10.0.1.61",
    )  # fmt: skip
    replaced = only(collection.operate("replace", ["a"]))
    assert (replaced["private_ip_addresses"], replaced["public_ip"]) == (
        node["private_ip_addresses"], address["PublicIp"],
    )  # fmt: skip


def test_a_second_elastic_ip_stays_and_that_is_said(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    interface = primary_interface(emulator, instance_id)
    emulator.client("ec2").assign_private_ip_addresses(
        NetworkInterfaceId=interface["NetworkInterfaceId"], PrivateIpAddresses=["10.0.1.60"]
    )
    first, second = give_address(emulator, interface), give_address(emulator, interface, on="10.0.1.60")
    result = collection.adopt("a", instance_id=instance_id)
    assert only(result)["public_ip"] == first["PublicIp"]
    assert any(second["PublicIp"] in warning for warning in result.values["warnings"])
    only(collection.operate("replace", ["a"]))
    assert set(AccountContents(emulator).addresses) == {first["AllocationId"], second["AllocationId"]}


def test_an_assigned_public_address_cannot_be_kept_and_that_is_said(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network, SubnetId=network.public_subnet_id)
    lent = primary_interface(emulator, instance_id)["Association"]["PublicIp"]
    result = collection.adopt("a", instance_id=instance_id)
    node = only(result)
    assert (node["config"]["elastic_ip"], node["config"]["public_ip_assignment"]) == (None, "enabled")
    assert any(lent in warning and "does not persist" in warning for warning in result.values["warnings"])


def test_what_stays_behind_is_said(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network)
    ec2 = emulator.client("ec2")
    volume_id = ec2.create_volume(AvailabilityZone=network.zone_a, Size=1)["VolumeId"]
    ec2.attach_volume(VolumeId=volume_id, InstanceId=instance_id, Device="/dev/sdf")
    second = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.attach_network_interface(NetworkInterfaceId=second, InstanceId=instance_id, DeviceIndex=1)
    root = next(
        device["Ebs"]["VolumeId"]
        for device in AccountContents(emulator).live[instance_id]["BlockDeviceMappings"]
        if device["Ebs"]["VolumeId"] != volume_id
    )
    warnings = collection.adopt("a", instance_id=instance_id).values["warnings"]
    for words in ((root, "does not come along"), (volume_id, "volumes"), (second, "interfaces"), ("on demand", "spot")):
        assert any(all(word in warning for word in words) for warning in warnings), (words, warnings)


def test_the_root_disk_is_given_up_knowingly(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network)
    emulator.clear_calls()
    with pytest.raises(NodeError, match="adopt_accept_root_volume_loss=true") as caught:
        collection.run("adopt", name="a", instance_id=instance_id)
    assert network.image_id in str(caught.value)
    assert emulator.calls(mutating=True) == []


def test_a_free_interface_becomes_a_paused_node(emulator: Emulator, collection: Collection, network: Network) -> None:
    ec2 = emulator.client("ec2")
    interface = ec2.create_network_interface(SubnetId=network.subnet_a_id, PrivateIpAddress="10.0.1.99")
    interface_id = interface["NetworkInterface"]["NetworkInterfaceId"]
    with pytest.raises(NodeError, match="not enough to launch"):
        collection.run("adopt", name="a", network_interface_id=interface_id)
    launched = {"image_id": network.image_id, "instance_types": ["t3.micro"]}
    node = only(collection.run("adopt", name="a", network_interface_id=interface_id, launch=launched))
    assert (node["status"], node["private_ip_address"], node["generation"]) == ("paused", "10.0.1.99", 0)
    resumed = only(collection.operate("resume", ["a"]))
    assert (resumed["status"], resumed["network_interface_id"]) == ("running", interface_id)


def test_a_persistent_spot_request_is_cancelled_and_launches_nothing(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    spot = {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"}
    options = {"MarketType": "spot", "SpotOptions": spot}
    instance_id = launch(emulator, network, InstanceMarketOptions=options)
    ec2 = emulator.client("ec2")
    (request,) = ec2.describe_spot_instance_requests()["SpotInstanceRequests"]
    emulator.clear_calls()
    result = collection.adopt("a", instance_id=instance_id)
    assert any(request["SpotInstanceRequestId"] in warning for warning in result.values["warnings"])
    done = [call["action"] for call in emulator.calls(mutating=True) if call["service"] == "ec2"]
    assert done[0] == "CancelSpotInstanceRequests"
    (request,) = ec2.describe_spot_instance_requests()["SpotInstanceRequests"]
    assert (request["State"], list(AccountContents(emulator).live)) == ("cancelled", [instance_id])
    assert record_of(collection).identity.adoption.spot_instance_request_id is None
    only(collection.operate("pause", ["a"]))
    assert AccountContents(emulator).live == {}


@pytest.mark.parametrize("following", ["pause", "replace", "delete"])
def test_an_adoption_that_was_cut_off_is_finished_before_anything_is_ended(
    emulator: Emulator, collection: Collection, network: Network, following: str
) -> None:
    spot = {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"}
    launch(emulator, network, InstanceMarketOptions={"MarketType": "spot", "SpotOptions": spot})
    (instance_id,) = AccountContents(emulator).live
    emulator.add_fault("CancelSpotInstanceRequests", "refuse", code="UnauthorizedOperation", call=0)
    assert collection.adopt("a", instance_id=instance_id).failures
    emulator.clear_faults()
    choices = {"delete_instance": True} if following == "delete" else {}
    (refused,) = collection.operate(following, ["a"], choices=choices).failures
    assert refused.code == "OwnershipUnconfirmed"
    assert "aws.adopt -e stateful_nodes=a" in refused.next_command.text(Reach())
    assert instance_id in AccountContents(emulator).live
    only(collection.adopt("a", instance_id=instance_id))
    assert collection.operate(following, ["a"], choices=choices).failures == ()
    (first, *_later) = emulator.client("ec2").describe_spot_instance_requests()["SpotInstanceRequests"]
    assert first["State"] == "cancelled"


def test_an_instance_of_a_deprecated_image_is_adopted(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """A filter leaves such an image out, and it can be launched all the same."""
    instance_id = launch(emulator, network, ImageId=DEPRECATED[0])
    by_filter = emulator.client("ec2").describe_images(Filters=[{"Name": "image-id", "Values": [DEPRECATED[0]]}])
    assert by_filter["Images"] == []
    collection.adopt("a", instance_id=instance_id)
    assert only(collection.run("info", name="a"))["config"]["launch"]["image_id"] == DEPRECATED[0]
