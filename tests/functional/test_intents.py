# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intents that a run left open when it was cut off: settled before another is written, and never lost."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.parameters import (
    allocate_address_parameters,
    network_interface_parameters,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Intent

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import TABLE, Collection
from tests.support.readers import error_of, record_of

TWO_MORE = {"SecondaryPrivateIpAddressCount": 2}


@pytest.fixture
def collection(collection: Collection, emulator: Emulator) -> Collection:
    """In a hurry: what cannot be seen is looked for."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    return Collection(collection.endpoint, clock=FastClock())


def leave_open(collection: Collection, action: Any, parameters: dict[str, Any], **more: Any) -> None:
    """Write the intent that a run wrote before it was cut off; whether its call was made is the test's to say."""
    composed_from = record_of(collection).config
    written = {"token": parameters.get("ClientToken", "token"), "config": composed_from, **more}
    intent = Intent(action=action, parameters=parameters, **written)
    Store(collection.client, TABLE).update("a", {"intent": intent}, {})


def open_allocation(emulator: Emulator, collection: Collection, *, made: bool = True) -> str | None:
    parameters = allocate_address_parameters(TABLE, record_of(collection), "token")
    leave_open(collection, "AllocateAddress", parameters)
    return emulator.client("ec2").allocate_address(**parameters)["AllocationId"] if made else None


def own_addresses(emulator: Emulator) -> list[str]:
    filters = [{"Name": "tag:stateful_node:name", "Values": ["a"]}]
    return [item["AllocationId"] for item in emulator.client("ec2").describe_addresses(Filters=filters)["Addresses"]]


def interfaces(emulator: Emulator) -> list[dict[str, Any]]:
    filters = [{"Name": "tag:stateful_node:name", "Values": ["a"]}]
    return emulator.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]


def secondary(emulator: Emulator) -> list[str]:
    (interface,) = interfaces(emulator)
    return [item["PrivateIpAddress"] for item in interface["PrivateIpAddresses"] if not item["Primary"]]


def with_new_address(network: Network) -> dict[str, Any]:
    return {"network": network, "public_ip_assignment": "enabled", "elastic_ip": "new"}


def succeeds(result: Any) -> list[str]:
    assert not result.failures, result.message
    return [action["action"] for action in result.values["actions"]]


def test_an_open_allocation_outlives_the_interface(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", **with_new_address(network))
    succeeds(collection.run("eni", name="a"))
    open_allocation(emulator, collection)
    succeeds(collection.run("eni", name="a", state="absent"))
    with pytest.raises(NodeError, match="refused"):
        collection.run("config", name="a", state="absent")
    assert succeeds(collection.run("eip", name="a", state="absent", release=True)) == ["release_address"]
    assert own_addresses(emulator) == []
    assert collection.run("config", name="a", state="absent").values["changed"]


@pytest.mark.parametrize("wanted", ["new", ""])
@pytest.mark.parametrize("made", [True, False])
def test_an_open_allocation_is_settled_before_a_lost_interface_is_made_anew(
    emulator: Emulator, network: Network, collection: Collection, wanted: str, *, made: bool
) -> None:
    """The one intent of the record is needed; one that is not wanted any more is given back."""
    collection.configure("a", **with_new_address(network))
    succeeds(collection.run("eni", name="a"))
    open_allocation(emulator, collection, made=made)
    collection.run("config", name="a", elastic_ip=wanted)
    emulator.client("ec2").delete_network_interface(NetworkInterfaceId=interfaces(emulator)[0]["NetworkInterfaceId"])
    assert succeeds(collection.operate("resume", ["a"])) == []
    record = record_of(collection)
    assert own_addresses(emulator) == ([record.identity.allocation_id] if wanted else [])
    assert bool(record.identity.association_id) == bool(wanted)
    assert record.intent is None


def test_an_address_is_allocated_though_a_launch_stands_open(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """Cut off in its launch and then given an Elastic IP: the resume gives it the address, and one instance."""
    collection.configure("a", network)
    succeeds(collection.run("eni", name="a"))
    emulator.add_fault("RunInstances", "500", call=0)
    assert collection.operate("resume", ["a"]).failures
    emulator.clear_faults()
    assert record_of(collection).intent
    collection.run("config", name="a", public_ip_assignment="enabled", elastic_ip="new")
    succeeds(collection.operate("resume", ["a"]))
    identity = record_of(collection).identity
    assert own_addresses(emulator) == [identity.allocation_id]
    assert identity.association_id
    assert len(emulator.client("ec2").describe_instances()["Reservations"]) == 1


def test_a_refused_assignment_leaves_nothing_open(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network, secondary_private_ip_address_count=0)
    succeeds(collection.run("eni", name="a"))
    collection.run("config", name="a", secondary_private_ip_address_count=2)
    emulator.add_fault("AssignPrivateIpAddresses", "refuse", code="PrivateIpAddressLimitExceeded")
    result = collection.run("eni", name="a")
    assert [failure.code for failure in result.failures] == ["PrivateIpAddressLimitExceeded"]
    assert record_of(collection).intent is None
    assert succeeds(collection.run("eni", name="a")) == ["assign_private_ip_addresses"]


@pytest.mark.parametrize("kind", ["lost", "lost_before", "500", "500_after"])
def test_an_assignment_whose_reply_was_lost_is_not_made_twice(
    emulator: Emulator, network: Network, collection: Collection, kind: str
) -> None:
    collection.configure("a", network)
    succeeds(collection.run("eni", name="a"))
    collection.run("config", name="a", secondary_private_ip_address_count=2)
    emulator.add_fault("AssignPrivateIpAddresses", kind)
    succeeds(collection.run("eni", name="a"))
    assert record_of(collection).identity.private_ip_addresses[1:] == tuple(secondary(emulator))
    assert len(secondary(emulator)) == 2


@pytest.mark.parametrize("made", [True, False])
def test_an_open_assignment_is_settled_by_looking(
    emulator: Emulator, network: Network, collection: Collection, *, made: bool
) -> None:
    """Also with nothing wanted any more: what it gave is taken off again."""
    collection.configure("a", network)
    succeeds(collection.run("eni", name="a"))
    interface_id, before = interfaces(emulator)[0]["NetworkInterfaceId"], record_of(collection).identity
    parameters = {"NetworkInterfaceId": interface_id, **TWO_MORE}
    leave_open(
        collection, "AssignPrivateIpAddresses", {**parameters, "Before": list(before.private_ip_addresses)}
    )  # fmt: skip
    if made:
        emulator.client("ec2").assign_private_ip_addresses(**parameters)
    assert succeeds(collection.run("eni", name="a")) == (["unassign_private_ip_addresses"] if made else [])
    assert secondary(emulator) == []
    assert record_of(collection).identity.private_ip_addresses == before.private_ip_addresses
    assert record_of(collection).intent is None


def test_addresses_taken_off_before_that_was_written_down_are_forgotten(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, secondary_private_ip_address_count=1)
    succeeds(collection.run("eni", name="a"))
    collection.run("config", name="a", secondary_private_ip_address_count=0)
    emulator.add_fault("UnassignPrivateIpAddresses", "lost")
    succeeds(collection.run("eni", name="a"))
    assert len(record_of(collection).identity.private_ip_addresses) == 1


def test_a_secondary_address_that_somebody_took_off_is_put_back(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, secondary_private_ip_address_count=2)
    succeeds(collection.run("eni", name="a"))
    before = sorted(secondary(emulator))
    emulator.client("ec2").unassign_private_ip_addresses(
        NetworkInterfaceId=interfaces(emulator)[0]["NetworkInterfaceId"], PrivateIpAddresses=before[:1]
    )
    succeeds(collection.run("eni", name="a"))
    assert sorted(secondary(emulator)) == before


def test_an_open_creation_is_settled_before_the_interface_is_deleted(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    parameters = network_interface_parameters(TABLE, record_of(collection), 1)
    leave_open(collection, "CreateNetworkInterface", parameters, number=1)
    emulator.client("ec2").create_network_interface(**parameters)
    assert succeeds(collection.run("eni", name="a", state="absent")) == ["delete_network_interface"]
    assert interfaces(emulator) == []
    assert record_of(collection).intent is None


def test_an_association_that_was_not_written_down_is_known_for_our_own(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """Cut off right after AssociateAddress, then another address configured: the first one is exchanged for it."""
    first, second = (emulator.client("ec2").allocate_address(Domain="vpc")["AllocationId"] for _ in range(2))
    collection.configure("a", network, public_ip_assignment="enabled", elastic_ip=first)
    succeeds(collection.run("eni", name="a"))
    emulator.add_fault("AssociateAddress", "refuse", code="UnauthorizedOperation", status=403)
    assert collection.run("eip", name="a").failures
    interface_id = interfaces(emulator)[0]["NetworkInterfaceId"]
    emulator.client("ec2").associate_address(AllocationId=first, NetworkInterfaceId=interface_id)
    collection.run("config", name="a", elastic_ip=second)
    assert succeeds(collection.run("eip", name="a")) == ["disassociate_address", "associate_address"]


def test_an_instance_whose_token_ec2_has_forgotten_is_known_by_the_interface_it_holds(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """Replayed days later, the launch is refused since its own instance holds the interface, and shows its token."""
    collection.configure("a", network)
    succeeds(collection.operate("resume", ["a"]))
    instance_id = record_of(collection).identity.instance_id
    (call,) = emulator.calls(action="RunInstances")
    store, record = Store(collection.client, TABLE), record_of(collection)
    token = call["parameters"]["ClientToken"]
    parameters = {
        # One that EC2 does not know any more: the emulator remembers the launch's own for ever.
        "ClientToken": "forgotten",
        "NetworkInterfaces": [{"NetworkInterfaceId": record.identity.network_interface_id, "DeviceIndex": 0}],
        "ImageId": network.image_id,
        "InstanceType": call["parameters"]["InstanceType"],
    }
    store.update("a", {"identity.instance": None}, {})
    leave_open(collection, "RunInstances", parameters, number=1, token=token)
    succeeds(collection.operate("replace", ["a"]))
    assert record_of(collection).identity.instance_id not in (None, instance_id)
    reservations = emulator.client("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"]
    assert reservations[0]["Instances"][0]["State"]["Name"] == "terminated"


def test_a_stranger_on_the_interface_is_not_taken_for_the_launch_that_stands_open(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    succeeds(collection.run("eni", name="a"))
    interface = [{"NetworkInterfaceId": interfaces(emulator)[0]["NetworkInterfaceId"], "DeviceIndex": 0}]
    stranger = {"NetworkInterfaces": interface, "ImageId": network.image_id, "InstanceType": "t3.micro"}
    ec2 = emulator.client("ec2")
    launched = ec2.run_instances(**stranger, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    leave_open(collection, "RunInstances", {**stranger, "ClientToken": "other"}, number=1)
    result = collection.operate("resume", ["a"])
    assert launched in result.message
    reservations = ec2.describe_instances(InstanceIds=[launched])["Reservations"]
    assert reservations[0]["Instances"][0]["State"]["Name"] == "running"


def forge(emulator: Emulator, token: str) -> str:
    """Allocate an address with the tags of the node's intent, as anyone may."""
    tags = {"stateful_node:table": TABLE, "stateful_node:name": "a", "stateful_node:intent": token}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    specification = [{"ResourceType": "elastic-ip", "Tags": listed}]
    return emulator.client("ec2").allocate_address(Domain="vpc", TagSpecifications=specification)["AllocationId"]


def intent_tag(emulator: Emulator, allocation_id: str) -> str:
    (address,) = emulator.client("ec2").describe_addresses(AllocationIds=[allocation_id])["Addresses"]
    return next(tag["Value"] for tag in address["Tags"] if tag["Key"] == "stateful_node:intent")


def test_an_address_with_the_tag_of_an_earlier_allocation_is_not_taken(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """The tag that EC2 shows on the node's address is of no use for the next allocation."""
    collection.configure("a", **with_new_address(network))
    succeeds(collection.run("eni", name="a"))
    succeeds(collection.run("eip", name="a"))
    first = record_of(collection).identity.allocation_id or ""
    forged = forge(emulator, intent_tag(emulator, first))
    succeeds(collection.run("eip", name="a", state="absent", release=True))
    emulator.add_fault("AllocateAddress", "lost_before", call=1)
    succeeds(collection.run("eip", name="a"))
    assert record_of(collection).identity.allocation_id not in (first, forged)
    assert forged in own_addresses(emulator)


def test_two_addresses_with_the_tag_of_an_open_allocation_are_told_and_left_alone(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", **with_new_address(network))
    succeeds(collection.run("eni", name="a"))
    made = open_allocation(emulator, collection) or ""
    forged = forge(emulator, "token")
    failed = collection.run("eip", name="a")
    error = error_of(failed)
    assert error["code"] == "AllocationUnclear"
    assert all(item in error["message"] for item in (made, forged, "stateful_node:intent", "CloudTrail"))
    assert sorted(own_addresses(emulator)) == sorted([made, forged])
    emulator.client("ec2").delete_tags(Resources=[forged], Tags=[{"Key": "stateful_node:intent"}])
    succeeds(collection.run("eip", name="a"))
    assert record_of(collection).identity.allocation_id == made


def test_an_address_that_something_uses_was_not_allocated_a_moment_ago(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", **with_new_address(network))
    succeeds(collection.run("eni", name="a"))
    open_allocation(emulator, collection, made=False)
    forged, ec2 = forge(emulator, "token"), emulator.client("ec2")
    other = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.associate_address(AllocationId=forged, NetworkInterfaceId=other)
    succeeds(collection.run("eip", name="a"))
    assert record_of(collection).identity.allocation_id not in (None, forged)
