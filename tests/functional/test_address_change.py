# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change of address at a replace: the next interface comes first, the old one goes last, and nothing in between."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import STEPS, TABLE, Collection
from tests.support.readers import only, record_of

OTHER = "10.0.1.77"
ALLOWED = {"allow_address_change": True}


@pytest.fixture
def collection(collection: Collection, emulator: Emulator, network: Network) -> Collection:
    """In a hurry, with a node that runs on an address and an Elastic IP of its own and is to have another address."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    fast = Collection(collection.endpoint, clock=FastClock())
    fast.configure("a", network, public_ip_assignment="enabled", elastic_ip="new")
    only(fast.operate("resume", ["a"]))
    return fast


def interfaces(emulator: Emulator) -> dict[str, dict[str, Any]]:
    filters = [{"Name": "tag:stateful_node:name", "Values": ["a"]}]
    found = emulator.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return {item["PrivateIpAddress"]: item for item in found}


def test_the_address_stays_unless_the_change_is_allowed(collection: Collection) -> None:
    before = record_of(collection).identity
    collection.run("config", name="a", private_ip_address=OTHER)
    node = only(collection.operate("replace", ["a"]))
    assert node["private_ip_address"] == before.private_ip_address
    current = before.private_ip_address
    assert [(item["option"], item["current"], item["wanted"]) for item in node["pending"]] == [
        ("private_ip_address", current, OTHER)
    ]


def test_an_allowed_change_makes_the_new_interface_first_and_deletes_the_old_one_last(
    emulator: Emulator, collection: Collection
) -> None:
    before = record_of(collection).identity
    collection.run("config", name="a", private_ip_address=OTHER)
    emulator.clear_calls()
    node = only(collection.operate("replace", ["a"], choices=ALLOWED))
    assert (node["private_ip_address"], node["public_ip"]) == (OTHER, before.public_ip)
    assert (node["pending"], node["drift"]) == ([], [])
    calls = [call["action"] for call in emulator.calls(mutating=True) if call["service"] == "ec2"]
    assert calls == [
        "CreateNetworkInterface", "TerminateInstances", "DeleteTags", "DisassociateAddress", "AssociateAddress",
        "RunInstances", "DeleteNetworkInterface",
    ]  # fmt: skip
    (left,) = interfaces(emulator).values()
    assert left["NetworkInterfaceId"] == node["network_interface_id"] != before.network_interface_id
    assert left["Association"]["PublicIp"] == before.public_ip
    assert "stateful_node:role" not in {tag["Key"] for tag in left["TagSet"]}
    emulator.clear_calls()
    only(collection.operate("resume", ["a"]))
    assert emulator.calls(mutating=True) == []


def test_a_replace_that_keeps_another_address_warns_before_it_begins(collection: Collection) -> None:
    collection.run("config", name="a", private_ip_address=OTHER)
    for choices, expected in (({}, 1), (ALLOWED, 0)):
        collection.check_mode = True
        begun = collection.run("operation", name=["a"], state="begun", operation="replace", **choices)
        warnings = [text for text in begun.values["warnings"] if "replace_allow_address_change=true" in text]
        assert len(warnings) == expected
    collection.check_mode = False


def test_a_paused_node_changes_its_address_with_the_resume(emulator: Emulator, collection: Collection) -> None:
    before = record_of(collection).identity
    only(collection.operate("pause", ["a"]))
    collection.run("config", name="a", private_ip_address=OTHER)
    (pending,) = only(collection.run("info", name=["a"]))["pending"]
    assert pending["give"] == "resume_allow_address_change=true"
    node = only(collection.operate("resume", ["a"], choices=ALLOWED))
    assert (node["private_ip_address"], node["public_ip"]) == (OTHER, before.public_ip)
    assert (node["pending"], node["drift"], node["status"]) == ([], [], "running")
    assert set(interfaces(emulator)) == {OTHER}


def test_a_resume_of_a_running_node_makes_no_other_interface(emulator: Emulator, collection: Collection) -> None:
    collection.run("config", name="a", private_ip_address=OTHER)
    emulator.clear_calls()
    only(collection.operate("resume", ["a"], choices=ALLOWED))
    assert emulator.calls(action="CreateNetworkInterface") == []


def test_another_subnet_is_another_zone(emulator: Emulator, network: Network, collection: Collection) -> None:
    with pytest.raises(NodeError, match="allow_address_change=true"):
        collection.run("config", name="a", subnet_id=network.subnet_b_id)
    collection.run("config", name="a", subnet_id=network.subnet_b_id, allow_address_change=True)
    (pending,) = only(collection.run("info", name=["a"]))["pending"]
    assert (pending["option"], pending["waits_for"]) == ("subnet_id", "address_change")
    assert (pending["current"], pending["wanted"]) == (network.subnet_a_id, network.subnet_b_id)
    node = only(collection.operate("replace", ["a"], choices=ALLOWED))
    assert (node["subnet_id"], node["availability_zone"]) == (network.subnet_b_id, network.zone_b)
    (instance,) = emulator.client("ec2").describe_instances(InstanceIds=[node["instance_id"]])["Reservations"]
    assert instance["Instances"][0]["Placement"]["AvailabilityZone"] == network.zone_b


def test_an_address_that_is_taken_stops_the_replace_before_anything_is_given_up(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    before = record_of(collection).identity
    collection.run("config", name="a", private_ip_address=OTHER)
    taken = emulator.client("ec2").create_network_interface(SubnetId=network.subnet_a_id, PrivateIpAddress=OTHER)
    result = collection.operate("replace", ["a"], choices=ALLOWED)
    assert taken["NetworkInterface"]["NetworkInterfaceId"] in result.message
    identity = record_of(collection).identity
    assert (identity.instance_id, identity.private_ip_address) == (before.instance_id, before.private_ip_address)
    state = emulator.client("ec2").describe_instances(InstanceIds=[before.instance_id])["Reservations"][0]["Instances"]
    assert state[0]["State"]["Name"] == "running"


@pytest.mark.parametrize("way_back", ["resume", "pause", "replace", "configuration"])
def test_before_the_swap_the_node_goes_back_to_what_it_has(
    emulator: Emulator, collection: Collection, way_back: str
) -> None:
    before = record_of(collection).identity
    collection.run("config", name="a", private_ip_address=OTHER)
    emulator.add_fault("TerminateInstances", "refuse", code="OperationNotPermitted", call=0)
    assert collection.operate("replace", ["a"], choices=ALLOWED).failures
    emulator.clear_faults()
    assert set(interfaces(emulator)) == {before.private_ip_address, OTHER}
    if way_back == "configuration":
        collection.run("config", name="a", private_ip_address="")
    operation, choices = ("replace", ALLOWED) if way_back == "configuration" else (way_back, {})
    node = only(collection.operate(operation, ["a"], choices=choices))
    assert node["network_interface_id"] == before.network_interface_id
    assert set(interfaces(emulator)) == {before.private_ip_address}
    assert interfaces(emulator)[before.private_ip_address]["Association"]["PublicIp"] == before.public_ip
    assert record_of(collection).identity.next_interface is None


def test_a_next_interface_that_nobody_knew_of_goes_with_the_replace_that_finds_it(
    emulator: Emulator, collection: Collection
) -> None:
    """It was made, its reply lost each time, and the replace after that is not allowed to change the address."""
    before = record_of(collection).identity
    collection.run("config", name="a", private_ip_address=OTHER)
    emulator.add_fault("CreateNetworkInterface", "lost", call=0)
    assert collection.operate("replace", ["a"], choices=ALLOWED).failures
    emulator.clear_faults()
    assert set(interfaces(emulator)) == {before.private_ip_address, OTHER}
    only(collection.operate("replace", ["a"]))
    assert set(interfaces(emulator)) == {before.private_ip_address}
    assert record_of(collection).identity.next_interface is None


def test_another_address_configured_meanwhile_takes_the_place_of_the_first(
    emulator: Emulator, collection: Collection
) -> None:
    collection.run("config", name="a", private_ip_address=OTHER)
    emulator.add_fault("TerminateInstances", "refuse", code="OperationNotPermitted", call=0)
    assert collection.operate("replace", ["a"], choices=ALLOWED).failures
    emulator.clear_faults()
    collection.run("config", name="a", private_ip_address="10.0.1.88")
    assert only(collection.operate("replace", ["a"], choices=ALLOWED))["private_ip_address"] == "10.0.1.88"
    assert set(interfaces(emulator)) == {"10.0.1.88"}


def test_check_mode_tells_the_whole_change_and_makes_none(emulator: Emulator, collection: Collection) -> None:
    collection.run("config", name="a", private_ip_address=OTHER)
    before = record_of(collection)
    emulator.clear_calls()
    told: list[str] = []
    check = Collection(collection.endpoint, check_mode=True, clock=FastClock())
    begun = check.run("operation", name=["a"], state="begun", operation="replace", **ALLOWED)
    for module, state in STEPS["replace"]:
        result = check.run(module, name=["a"], state=state, operation_id=begun.values["operation_id"])
        told += [action["action"] for action in result.values["actions"]]
    assert told == [
        "create_next_network_interface", "terminate_instance", "swap_network_interface", "set_tags",
        "disassociate_address", "associate_address", "launch_instance", "delete_previous_network_interface",
    ]  # fmt: skip
    assert emulator.calls(mutating=True) == []
    assert record_of(collection) == before


def test_nodes_that_stay_are_replaced_beside_one_that_moves(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("b", network)
    only(collection.operate("resume", ["b"]))
    collection.run("config", name="a", private_ip_address=OTHER)
    stays = Store(collection.client, TABLE).get(["b"])["b"].identity.private_ip_address
    result = collection.operate("replace", ["a", "b"], choices=ALLOWED)
    assert result.failures == ()
    assert [node["private_ip_address"] for node in result.values["nodes"]] == [OTHER, stays]


def test_changes_of_the_launch_wait_for_the_next_replace(collection: Collection) -> None:
    collection.run("config", name="a", launch={"instance_types": ["t3.small"]})
    (pending,) = only(collection.run("info", name=["a"]))["pending"]
    assert (pending["option"], pending["waits_for"]) == ("launch.instance_types", "replace")
    assert (pending["current"], pending["wanted"]) == (["t3.micro", "t3.small"], ["t3.small"])
    assert only(collection.operate("replace", ["a"]))["pending"] == []


@pytest.mark.parametrize("operation", ["replace", "pause and resume"])
def test_a_node_that_persists_nothing_has_a_fresh_interface_with_each_instance(
    emulator: Emulator, collection: Collection, operation: str
) -> None:
    before = record_of(collection).identity
    keep_nothing = {"persist_private_ip": False, "elastic_ip": "", "public_ip_assignment": "disabled"}
    collection.run("config", name="a", **keep_nothing)
    only(collection.operate("resume", ["a"]))
    assert record_of(collection).identity.network_interface_id == before.network_interface_id
    for step in operation.split(" and "):
        node = only(collection.operate(step, ["a"]))
    assert node["network_interface_id"] != before.network_interface_id
    assert [item["NetworkInterfaceId"] for item in interfaces(emulator).values()] == [node["network_interface_id"]]
    emulator.clear_calls()
    only(collection.operate("resume", ["a"]))
    assert emulator.calls(mutating=True) == []


def test_with_an_elastic_ip_the_interface_stays(collection: Collection) -> None:
    before = record_of(collection).identity
    collection.run("config", name="a", persist_private_ip=False)
    assert only(collection.operate("replace", ["a"]))["network_interface_id"] == before.network_interface_id
