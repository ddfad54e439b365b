# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 may answer otherwise than the emulator does, and what it shows of an older state."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import TABLE
from tests.support.readers import error_of, only, record_of

from .answers import OtherAnswers, refusal, relapses

APART = {"public_ip_assignment": "enabled", "elastic_ip": "new", "handover": "prelaunch"}
ONE_WAY = {"image_id": "ami-0a1b2c3d4e5f60001", "instance_types": ["t3.micro"], "fallback_to_on_demand": False}
WITH_ADDRESS = {"public_ip_assignment": "enabled", "elastic_ip": "new"}


@pytest.fixture
def collection(collection: Any) -> OtherAnswers:
    """The tables are there; sleeps and limits go by faster."""
    return OtherAnswers(collection.endpoint, clock=FastClock())


def live(emulator: Emulator) -> list[str]:
    filters = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    found = emulator.client("ec2").describe_instances(Filters=filters)["Reservations"]
    return [instance["InstanceId"] for reservation in found for instance in reservation["Instances"]]


def resume(collection: OtherAnswers, network: Network, **options: Any) -> dict[str, Any]:
    collection.configure("a", network, **options)
    return only(collection.operate("resume", ["a"]))


def test_a_refused_attachment_that_is_there_is_done(
    emulator: Emulator, collection: OtherAnswers, network: Network
) -> None:
    """A run was cut off after it, and the first looks of the next one show the state before."""
    collection.configure("a", network, **APART)
    collection.change("AttachNetworkInterface", refusal("InvalidParameterValue", "Interface is currently in use"))
    node = only(collection.operate("resume", ["a"]))
    assert (node["status"], live(emulator)) == ("running", [node["instance_id"]])


def test_a_public_address_that_is_said_to_be_associated_still_is_tried_again(
    emulator: Emulator, collection: OtherAnswers, network: Network
) -> None:
    emulator.add_fault("AssociateAddress", "refuse", code="Resource.AlreadyAssociated")
    assert resume(collection, network, **WITH_ADDRESS)["public_ip"]


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("DeleteNetworkInterface", "InvalidParameterValue"),
        ("DeleteNetworkInterface", "InvalidNetworkInterface.InUse"),
        ("ReleaseAddress", "InvalidIPAddress.InUse"),
    ],
)
def test_what_is_said_to_be_in_use_a_moment_longer_is_deleted(
    emulator: Emulator, collection: OtherAnswers, network: Network, action: str, code: str
) -> None:
    resume(collection, network, **WITH_ADDRESS)
    emulator.add_fault(action, "refuse", code=code, message="The resource is currently in use.")
    assert not collection.operate("destroy", ["a"]).failures
    ec2 = emulator.client("ec2")
    assert (ec2.describe_addresses()["Addresses"], ec2.describe_network_interfaces()["NetworkInterfaces"]) == ([], [])


def test_a_token_of_an_instance_that_has_ended_may_be_answered_with_that_instance(
    emulator: Emulator, collection: OtherAnswers, network: Network
) -> None:
    collection.configure("a", network)
    collection.change("RunInstances", refusal("InternalError", status=500, once=False))
    assert error_of(collection.operate("resume", ["a"]))["action"] == "RunInstances"
    (dead,) = live(emulator)
    ec2 = emulator.client("ec2")
    ec2.terminate_instances(InstanceIds=[dead])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[dead], WaiterConfig={"Delay": 1})

    def returned(answer: dict[str, Any]) -> None:
        if answer.get("Error", {}).get("Code") == "IdempotentInstanceTerminated":
            answer.clear()
            answer.update(ec2.describe_instances(InstanceIds=[dead])["Reservations"][0])
            answer["ResponseMetadata"] = {"HTTPStatusCode": 200}

    collection.changes = {"RunInstances": [returned]}
    node = only(collection.operate("resume", ["a"]))
    assert live(emulator) == [node["instance_id"]] != [dead]


@pytest.mark.parametrize("options", [APART, {"launch": ONE_WAY}])
def test_capacity_that_the_launch_itself_took_is_no_refusal(
    emulator: Emulator, collection: OtherAnswers, network: Network, options: dict[str, Any]
) -> None:
    """Its reply was lost, and to the next attempt EC2 says that nothing is left, token or not."""
    collection.configure("a", network, **options)
    emulator.add_fault("RunInstances", "lost")
    emulator.add_fault("RunInstances", "refuse", call=2, code="InsufficientInstanceCapacity", status=500)
    node = only(collection.operate("resume", ["a"]))
    assert live(emulator) == [node["instance_id"]]


def test_an_instance_whose_checks_are_not_known_yet_does_not_fail_the_others(
    emulator: Emulator, collection: OtherAnswers, network: Network
) -> None:
    names = ["a", "b"]
    for name in names:
        collection.configure(name, network)
    assert not collection.run("eni", name=names).failures
    collection.change("DescribeInstanceStatus", refusal("InvalidInstanceID.NotFound"))
    result = collection.run("instance", name=names, wait_for="status_ok")
    assert not result.failures, result.message


@pytest.mark.parametrize("code", ["Server.InsufficientInstanceCapacity", "Client.Unsupported"])
def test_codes_may_have_a_prefix(emulator: Emulator, collection: OtherAnswers, network: Network, code: str) -> None:
    emulator.add_fault("RunInstances", "refuse", code=code)
    assert resume(collection, network)["instance_type"] == "t3.small"


def test_an_address_is_taken_off_although_the_interface_is_seen_without(
    emulator: Emulator, collection: OtherAnswers, network: Network
) -> None:
    given = emulator.client("ec2").allocate_address(Domain="vpc")["AllocationId"]
    resume(collection, network, public_ip_assignment="enabled", elastic_ip=given)
    collection.run("config", name="a", public_ip_assignment="disabled", elastic_ip="")

    def before(answer: dict[str, Any]) -> None:
        for interface in answer["NetworkInterfaces"]:
            interface.pop("Association", None)
            for address in interface["PrivateIpAddresses"]:
                address.pop("Association", None)

    collection.change("DescribeNetworkInterfaces", before)
    only(collection.operate("resume", ["a"]))
    (address,) = emulator.client("ec2").describe_addresses()["Addresses"]
    assert not address.get("AssociationId")


def test_the_association_is_recorded_as_it_is(emulator: Emulator, collection: OtherAnswers, network: Network) -> None:
    options = {**WITH_ADDRESS, "private_ip_address": "10.0.1.60", "secondary_private_ip_addresses": ["10.0.1.61"]}
    for place in ("10.0.1.61", ""):
        resume(collection, network, **options, elastic_ip_private_ip_address=place)
        (address,) = emulator.client("ec2").describe_addresses()["Addresses"]
        assert record_of(collection).identity.association_id == address["AssociationId"]


def test_a_history_that_cannot_be_written_does_not_keep_the_node(
    emulator: Emulator, collection: OtherAnswers, network: Network
) -> None:
    collection.configure("a", network)
    emulator.add_fault("PutItem", "refuse", code="AccessDeniedException", service="dynamodb")
    failed = collection.operate("resume", ["a"])
    assert error_of(failed)["action"] == "PutItem"
    assert record_of(collection).operation is None
    (shown,) = collection.run("info", name="a").values["nodes"]
    assert (shown["status"], shown["drift"]) == ("running", [])


def test_a_module_on_its_own_tells_of_a_history_that_cannot_be_written(
    emulator: Emulator, collection: OtherAnswers, network: Network
) -> None:
    collection.configure("a", network)
    emulator.add_fault("PutItem", "refuse", code="AccessDeniedException", service="dynamodb")
    assert error_of(collection.run("eni", name="a"))["action"] == "PutItem"
    record = record_of(collection)
    assert (record.operation, record.intent) == (None, None)
    assert record.identity.network_interface_id


def test_nothing_found_may_be_nothing_said(emulator: Emulator, collection: OtherAnswers, network: Network) -> None:
    """A list without elements may be left out of an answer."""
    lists = {
        "DescribeNetworkInterfaces": "NetworkInterfaces",
        "DescribeInstances": "Reservations",
        "DescribeAddresses": "Addresses",
        "DescribeInstanceStatus": "InstanceStatuses",
        "Scan": "Items",
        "BatchGetItem": "Responses",
    }
    for action, key in lists.items():
        collection.change(action, lambda answer, key=key: answer.pop(key) and False if not answer.get(key) else None)
    resume(collection, network, **WITH_ADDRESS)
    assert not collection.operate("destroy", ["a"]).failures
    assert collection.run("orphans").values["orphans"] == []


def test_a_detached_attachment_is_none(emulator: Emulator, collection: OtherAnswers, network: Network) -> None:
    resume(collection, network)

    def detached(answer: dict[str, Any]) -> None:
        for interface in answer["NetworkInterfaces"]:
            if not interface.get("Attachment"):
                interface["Attachment"] = {"AttachmentId": "eni-attach-0", "InstanceId": "i-0", "Status": "detached"}

    collection.change("DescribeNetworkInterfaces", detached)
    for operation in ("pause", "resume"):
        assert not collection.operate(operation, ["a"]).failures


def test_what_was_made_a_while_ago_is_looked_for_once(
    emulator: Emulator, collection: OtherAnswers, network: Network
) -> None:
    """Whoever has deleted it need not be waited for; what is fresh may be invisible still."""
    resume(collection, network)
    assert not collection.operate("pause", ["a"]).failures
    made = record_of(collection).identity
    emulator.client("ec2").delete_network_interface(NetworkInterfaceId=made.network_interface_id)
    looks = {}
    for age in (0, 60):
        changes = {"identity.interface.created_at": made.interface.created_at - age}
        Store(collection.client, TABLE).update("a", changes, {})
        emulator.clear_calls()
        collection.run("info", name="a")
        looks[age] = len(emulator.calls(action="DescribeNetworkInterfaces"))
    assert looks[0] > looks[60] + 1


@pytest.mark.parametrize("options", [WITH_ADDRESS, APART], ids=["terminate", "prelaunch"])
def test_what_has_changed_may_be_shown_as_it_was_before(
    emulator: Emulator, collection: OtherAnswers, network: Network, options: dict[str, Any]
) -> None:
    """The instance that was terminated seems to live on the interface once more, and the like."""
    lists = {
        "DescribeNetworkInterfaces": "NetworkInterfaces",
        "DescribeInstances": "Reservations",
        "DescribeAddresses": "Addresses",
    }
    emulator.configure(durations=dict.fromkeys(("pending", "shutting_down", "attaching", "detaching"), 0))
    for action, key in lists.items():
        collection.change(action, relapses(key))
    first = resume(collection, network, **options)
    for operation in ("pause", "resume", "replace", "resume", "pause", "resume"):
        node = only(collection.operate(operation, ["a"]))
        assert (node["private_ip_address"], node["public_ip"]) == (first["private_ip_address"], first["public_ip"])
        assert len(live(emulator)) == (operation != "pause")
    assert not collection.operate("destroy", ["a"]).failures
    assert emulator.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []
