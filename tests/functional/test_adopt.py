# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adopting instances and interfaces: what becomes the node's, and the way back."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.errors import NodeError

from tests.collection import Collection
from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.faults.scenarios import FastClock

from .test_delete import Account, record_of, succeeds

SECRET = "#!/bin/sh\necho a-password-of-somebody"


@pytest.fixture
def collection(collection: Collection, emulator: Emulator) -> Collection:
    """In a hurry."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    return Collection(collection.endpoint, clock=FastClock())


def launch(emulator: Emulator, network: Network, **parameters: Any) -> str:
    """Launch an instance as somebody does who knows nothing of nodes."""
    given = {"ImageId": network.image_id, "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1, **parameters}
    if "NetworkInterfaces" not in given:
        given = {"SubnetId": network.subnet_a_id, "SecurityGroupIds": [network.security_group_id], **given}
    return emulator.client("ec2").run_instances(**given)["Instances"][0]["InstanceId"]


def primary_interface(emulator: Emulator, instance_id: str) -> dict[str, Any]:
    filters = [
        {"Name": "attachment.instance-id", "Values": [instance_id]},
        {"Name": "attachment.device-index", "Values": ["0"]},
    ]
    (interface,) = emulator.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return interface


def give_address(emulator: Emulator, interface: dict[str, Any], on: str | None = None) -> dict[str, str]:
    ec2 = emulator.client("ec2")
    address = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(
        AllocationId=address["AllocationId"],
        NetworkInterfaceId=interface["NetworkInterfaceId"],
        PrivateIpAddress=on or interface["PrivateIpAddress"],
    )
    return address


def own_tags(emulator: Emulator, resource_id: str) -> dict[str, str]:
    found = emulator.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [resource_id]}])["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found if tag["Key"].startswith("stateful_node:")}


def test_an_instance_becomes_a_running_node_and_the_next_replace_moves_it_to_spot(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    interface = primary_interface(emulator, instance_id)
    address = give_address(emulator, interface)
    assert interface["Attachment"]["DeleteOnTermination"] is True
    node = succeeds(collection.adopt("a", instance_id=instance_id))
    assert (node["status"], node["desired"], node["drift"], node["operation"]) == ("running", "running", [], None)
    assert (node["network_interface_id"], node["private_ip_address"], node["public_ip"], node["instance_id"]) == (
        interface["NetworkInterfaceId"], interface["PrivateIpAddress"], address["PublicIp"], instance_id,
    )  # fmt: skip
    assert node["pending"] == [{"option": "launch.market", "current": "on_demand", "wanted": "spot"}]
    now = primary_interface(emulator, instance_id)
    assert now["Attachment"]["DeleteOnTermination"] is False
    for resource_id in (instance_id, interface["NetworkInterfaceId"], address["AllocationId"]):
        assert own_tags(emulator, resource_id).items() >= {
            ("stateful_node:table", "stateful-nodes"), ("stateful_node:name", "a"),
        }  # fmt: skip
    replaced = succeeds(collection.operate("replace", ["a"]))
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
    succeeds(collection.adopt("a", instance_id=instance_id))
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
    succeeds(collection.adopt("a", instance_id=instance_id))
    emulator.clear_calls()
    if operation == "adopt":
        again = collection.adopt("a", instance_id=instance_id)
    else:
        again = collection.operate(operation, ["a"])
    succeeds(again)
    assert (again.values["changed"], again.values["actions"]) == (False, [])
    assert emulator.calls(mutating=True) == []


def tagged(tags: dict[str, str]) -> list[dict[str, Any]]:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": "instance", "Tags": listed}]


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
    config = succeeds(result)["config"]
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
    config = succeeds(
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
    node = succeeds(collection.adopt("a", instance_id=instance_id))
    assert node["private_ip_addresses"] == [interface["PrivateIpAddress"], "10.0.1.60", "10.0.1.61"]
    assert (node["allocation_id"], node["config"]["elastic_ip_private_ip_address"]) == (
        address["AllocationId"], "10.0.1.61",
    )  # fmt: skip
    replaced = succeeds(collection.operate("replace", ["a"]))
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
    assert succeeds(result)["public_ip"] == first["PublicIp"]
    assert any(second["PublicIp"] in warning for warning in result.values["warnings"])
    succeeds(collection.operate("replace", ["a"]))
    assert set(Account(emulator).addresses) == {first["AllocationId"], second["AllocationId"]}


def test_an_assigned_public_address_cannot_be_kept_and_that_is_said(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network, SubnetId=network.public_subnet_id)
    lent = primary_interface(emulator, instance_id)["Association"]["PublicIp"]
    result = collection.adopt("a", instance_id=instance_id)
    node = succeeds(result)
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
        for device in Account(emulator).live[instance_id]["BlockDeviceMappings"]
        if device["Ebs"]["VolumeId"] != volume_id
    )
    warnings = collection.adopt("a", instance_id=instance_id).values["warnings"]
    for words in ((root, "does not come along"), (volume_id, "volumes"), (second, "interfaces"), ("on demand", "spot")):
        assert any(all(word in warning for word in words) for warning in warnings), (words, warnings)


def test_the_root_disk_is_given_up_knowingly(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network)
    emulator.clear_calls()
    with pytest.raises(NodeError, match="accept_root_volume_loss: true") as caught:
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
    node = succeeds(collection.run("adopt", name="a", network_interface_id=interface_id, launch=launched))
    assert (node["status"], node["private_ip_address"], node["generation"]) == ("paused", "10.0.1.99", 0)
    resumed = succeeds(collection.operate("resume", ["a"]))
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
    assert (request["State"], list(Account(emulator).live)) == ("cancelled", [instance_id])
    assert record_of(collection).identity.adoption.spot_instance_request_id is None
    succeeds(collection.operate("pause", ["a"]))
    assert Account(emulator).live == {}


@pytest.mark.parametrize("following", ["pause", "replace", "delete"])
def test_a_request_is_cancelled_by_whatever_follows_an_adoption_that_was_cut_off(
    emulator: Emulator, collection: Collection, network: Network, following: str
) -> None:
    spot = {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"}
    launch(emulator, network, InstanceMarketOptions={"MarketType": "spot", "SpotOptions": spot})
    (instance_id,) = Account(emulator).live
    emulator.add_fault("CancelSpotInstanceRequests", "refuse", code="UnauthorizedOperation", call=0)
    assert collection.adopt("a", instance_id=instance_id).failures
    emulator.clear_faults()
    choices = {"delete_instance": True} if following == "delete" else {}
    assert collection.operate(following, ["a"], choices=choices).failures == ()
    (first, *_later) = emulator.client("ec2").describe_spot_instance_requests()["SpotInstanceRequests"]
    assert first["State"] == "cancelled"


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"aws:autoscaling:groupName": "web"}, "Auto Scaling group"),
        ({"aws:ec2:fleet-id": "fleet-1"}, "EC2 Fleet"),
        ({"karpenter.sh/nodepool": "default"}, "Karpenter"),
        ({"eks:cluster-name": "prod"}, "EKS cluster"),
        ({"kubernetes.io/cluster/prod": "owned"}, "Kubernetes"),
        ({"stateful_node:table": "others", "stateful_node:name": "x"}, "node x of table others"),
        ({"stateful_node:table": "stateful-nodes", "stateful_node:name": "x"}, "node x of table stateful-nodes"),
    ],
)
def test_what_somebody_else_manages_is_refused(
    emulator: Emulator, collection: Collection, network: Network, tags: dict[str, str], words: str
) -> None:
    instance_id = launch(emulator, network, TagSpecifications=tagged(tags))
    refused(emulator, collection, words, instance_id=instance_id)


def refused(emulator: Emulator, collection: Collection, words: str, **options: Any) -> None:
    emulator.clear_calls()
    with pytest.raises(NodeError) as caught:
        collection.adopt("a", **options)
    assert words in str(caught.value)
    assert str(caught.value).startswith("a: ")
    assert emulator.calls(mutating=True) == []
    assert record_of(collection) is None


def test_an_instance_of_a_service_is_refused(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network, Operator={"Principal": "eks.amazonaws.com"})
    refused(emulator, collection, "managed by eks.amazonaws.com", instance_id=instance_id)


@pytest.mark.parametrize("unknown", ["i-0123456789abcdef0", "nonsense"])
def test_an_unknown_instance_is_refused(emulator: Emulator, collection: Collection, unknown: str) -> None:
    refused(emulator, collection, f"instance_id '{unknown}' is no instance", instance_id=unknown)


def test_an_unknown_interface_is_refused(emulator: Emulator, collection: Collection) -> None:
    refused(emulator, collection, "is no network interface", network_interface_id="eni-0123456789abcdef0")


def test_an_instance_that_has_ended_is_refused(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network)
    emulator.client("ec2").terminate_instances(InstanceIds=[instance_id])
    refused(emulator, collection, "is terminated", instance_id=instance_id)


def test_an_interface_that_is_attached_is_refused(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network)
    ec2 = emulator.client("ec2")
    second = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.attach_network_interface(NetworkInterfaceId=second, InstanceId=instance_id, DeviceIndex=1)
    refused(emulator, collection, "at device 1", network_interface_id=second)
    primary = primary_interface(emulator, instance_id)["NetworkInterfaceId"]
    refused(emulator, collection, f"instance_id={instance_id}", network_interface_id=primary)


def test_a_node_that_is_there_is_not_adopted_again(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    first, second = launch(emulator, network), launch(emulator, network)
    succeeds(collection.adopt("b", instance_id=first))
    refused(emulator, collection, "is node b's already", instance_id=first)
    emulator.clear_calls()
    with pytest.raises(NodeError, match="has a node of this name"):
        collection.adopt("b", instance_id=second)
    collection.configure("c", network)
    with pytest.raises(NodeError, match="has a node of this name"):
        collection.adopt("c", instance_id=second)


def test_an_image_that_is_gone_is_refused(emulator: Emulator, collection: Collection, network: Network) -> None:
    ec2 = emulator.client("ec2")
    image_id = ec2.create_image(InstanceId=launch(emulator, network), Name="mine")["ImageId"]
    instance_id = launch(emulator, network, ImageId=image_id)
    ec2.deregister_image(ImageId=image_id)
    refused(emulator, collection, "does not exist any more", instance_id=instance_id)
    succeeds(collection.adopt("a", instance_id=instance_id, launch={"image_id": network.image_id}))


def test_user_data_that_is_no_text_has_to_be_given_anew(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network, UserData=b"\x1f\x8b\xff\xfe")
    refused(emulator, collection, "no text", instance_id=instance_id)
    succeeds(collection.adopt("a", instance_id=instance_id, launch={"user_data": ""}))


def test_a_wrong_option_is_refused_as_by_the_configuration(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    refused(emulator, collection, "security_groups 'nobodys'", instance_id=instance_id, security_groups=["nobodys"])


def test_check_mode_tells_all_and_does_nothing(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network, UserData=SECRET)
    give_address(emulator, primary_interface(emulator, instance_id))
    emulator.clear_calls()
    check = Collection(collection.endpoint, check_mode=True, clock=FastClock())
    result = check.adopt("a", instance_id=instance_id)
    assert [action["action"] for action in result.values["actions"]] == [
        "create_record", "keep_on_termination", "set_tags", "set_own_tags", "set_own_tags", "set_own_tags",
    ]  # fmt: skip
    node = succeeds(result)
    assert (node["name"], node["instance_id"]) == ("a", instance_id)
    assert result.values["diff"][0]["after"]["launch"]["user_data_sha256"]
    assert "a-password" not in json.dumps(result.values)
    assert emulator.calls(mutating=True) == []
    assert record_of(collection) is None


@pytest.mark.parametrize("action", ["ModifyNetworkInterfaceAttribute", "CreateTags"])
@pytest.mark.parametrize("following", ["adopt", "resume"])
def test_an_adoption_that_failed_is_gone_on_with(
    emulator: Emulator, collection: Collection, network: Network, action: str, following: str
) -> None:
    instance_id = launch(emulator, network)
    emulator.add_fault(action, "refuse", code="UnauthorizedOperation", call=0)
    result = collection.adopt("a", instance_id=instance_id)
    (failure,) = result.failures
    assert f"aws.adopt -e stateful_nodes=a -e adopt_instance_id={instance_id}" in failure.next_command
    assert record_of(collection).unfinished.operation == "adopt"
    emulator.clear_faults()
    if following == "adopt":
        node = succeeds(collection.adopt("a", instance_id=instance_id))
    else:
        node = succeeds(collection.operate("resume", ["a"]))
    assert (node["status"], node["instance_id"], node["drift"]) == ("running", instance_id, [])
    interface = primary_interface(emulator, instance_id)
    assert interface["Attachment"]["DeleteOnTermination"] is False
    assert own_tags(emulator, interface["NetworkInterfaceId"])["stateful_node:name"] == "a"


def test_an_adoption_that_is_under_way_is_busy(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network)
    emulator.add_fault("UpdateItem", "refuse", service="dynamodb", code="AccessDeniedException", call=0)
    assert collection.adopt("a", instance_id=instance_id).failures
    emulator.clear_faults()
    with pytest.raises(NodeError, match="holds the node") as caught:
        collection.adopt("a", instance_id=instance_id)
    assert caught.value.failure.next_command == (
        f"ansible-playbook stateful_node.aws.adopt -e stateful_nodes=a -e adopt_instance_id={instance_id} "
        "-e stateful_node_take_over=true"
    )
    succeeds(collection.adopt("a", instance_id=instance_id, take_over=True))


def test_one_instance_adopted_under_two_names_at_the_same_time_becomes_one_node_at_most(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    other = Collection(collection.endpoint, clock=FastClock())
    seen: list[str] = []

    class Interfering(Collection):
        """Has the other name adopted between the look at the table and the record."""

        def client(self, service: str, settings: Any) -> Any:
            if service == "dynamodb" and not seen:
                made = super().client(service, settings)
                made.meta.events.register_first("before-call.dynamodb.PutItem", self.interfere)
                return made
            return super().client(service, settings)

        @staticmethod
        def interfere(**_details: Any) -> None:
            if not seen:
                seen.append("adopted")
                succeeds(other.adopt("b", instance_id=instance_id))

    with pytest.raises(NodeError, match="was adopted as b at the same time"):
        Interfering(collection.endpoint, clock=FastClock()).adopt("a", instance_id=instance_id)
    assert seen
    assert record_of(collection) is None
    assert record_of(collection, "b").identity.instance_id == instance_id
    node = succeeds(collection.run("info", name=["b"]))
    assert (node["status"], node["drift"]) == ("running", [])


def test_to_release_what_was_adopted_leaves_it_as_it_was(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    interface = primary_interface(emulator, instance_id)
    address = give_address(emulator, interface)
    before = primary_interface(emulator, instance_id)
    succeeds(collection.adopt("a", instance_id=instance_id))
    succeeds(collection.operate("delete", ["a"]))
    after = primary_interface(emulator, instance_id)
    assert after["Attachment"]["DeleteOnTermination"] is True
    assert after["Association"] == before["Association"]
    account = Account(emulator)
    assert (account.own_tags, list(account.live), list(account.addresses)) == (
        [], [instance_id], [address["AllocationId"]],
    )  # fmt: skip


def test_an_adopted_address_is_released_where_that_is_told(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    give_address(emulator, primary_interface(emulator, instance_id))
    succeeds(collection.adopt("a", instance_id=instance_id))
    succeeds(collection.operate("destroy", ["a"]))
    account = Account(emulator)
    assert (account.live, account.interfaces, account.addresses) == ({}, {}, {})


def test_an_instance_that_is_stopped_is_meant_to_run(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    emulator.configure(durations={"stopping": 0})
    instance_id = launch(emulator, network)
    emulator.client("ec2").stop_instances(InstanceIds=[instance_id])
    node = succeeds(collection.adopt("a", instance_id=instance_id))
    assert (node["desired"], [drift["reason"] for drift in node["drift"]]) == ("running", ["instance_stopped"])
    resumed = succeeds(collection.operate("resume", ["a"]))
    assert (resumed["status"], resumed["instance_id"]) == ("running", instance_id)
