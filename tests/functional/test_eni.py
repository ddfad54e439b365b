# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_eni: the interface that carries a node's addresses."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Config
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.config_tag import config_tag
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.readers import actions_of, only


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


def interface_of(emulator: Emulator, node: dict[str, Any]) -> dict[str, Any]:
    """Find the one interface that is tagged as the node's."""
    (found,) = interfaces_named(emulator, node["name"])
    assert found["NetworkInterfaceId"] == node["network_interface_id"]
    return found


def interfaces_named(emulator: Emulator, name: str) -> list[dict[str, Any]]:
    filters = [{"Name": "tag:stateful_node:name", "Values": [name]}]
    return emulator.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]


def addresses_of(interface: dict[str, Any]) -> list[str]:
    return [item["PrivateIpAddress"] for item in interface["PrivateIpAddresses"]]


def tags_of(resource: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in resource["TagSet"]}


def lose(emulator: Emulator, node: dict[str, Any]) -> None:
    """Delete the interface of a paused node, as somebody else might."""
    emulator.client("ec2").delete_network_interface(NetworkInterfaceId=node["network_interface_id"])


def test_an_interface_comes_changes_and_goes(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network, private_ip_address="10.0.1.15")

    created = collection.run("eni", name="a")
    node = only(created)
    assert (created.values["changed"], actions_of(created)) == (True, ["create_network_interface"])
    assert node["private_ip_address"] == "10.0.1.15"
    assert node["operation"] is None
    seen = interface_of(emulator, node)
    assert (seen["SubnetId"], seen["PrivateIpAddress"]) == (network.subnet_a_id, "10.0.1.15")
    config = config_tag(Config(subnet_id="", private_ip_address="10.0.1.15"))
    own = {"stateful_node:name": "a", "stateful_node:table": TABLE, "stateful_node:config": config}
    assert tags_of(seen) == {"Name": "a", **own}

    again = collection.run("eni", name="a")
    assert not again.values["changed"]

    collection.run("config", name="a", security_groups=[network.other_security_group_id])
    assert actions_of(collection.run("eni", name="a")) == ["set_security_groups"]
    assert not collection.run("eni", name="a").values["changed"]

    deleted = collection.run("eni", name="a", state="absent")
    assert actions_of(deleted) == ["delete_network_interface"]
    gone = only(deleted)
    assert (gone["network_interface_id"], gone["private_ip_address"], gone["private_ip_addresses"]) == (None, None, [])
    assert interfaces_named(emulator, "a") == []
    assert not collection.run("eni", name="a", state="absent").values["changed"]
    assert collection.run("config", name="a", state="absent").values["changed"]


def test_what_creating_takes_no_parameter_for_is_set_at_once(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, source_dest_check=False, tags={"service": "cassandra"})
    seen = interface_of(emulator, only(collection.run("eni", name="a")))
    assert (seen["SourceDestCheck"], tags_of(seen)["service"]) == (False, "cassandra")
    assert not collection.run("eni", name="a").values["changed"]


def test_an_address_that_ec2_picked_stays(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    picked = only(collection.run("eni", name="a"))["private_ip_address"]
    for operation in ("resume", "pause", "resume"):
        assert only(collection.operate(operation, ["a"]))["private_ip_address"] == picked


IN_PLACE = {
    "security_groups": (
        {"security_groups": ["clients"]},
        lambda seen, network: [each["GroupId"] for each in seen["Groups"]] == [network.other_security_group_id],
    ),
    "source_dest_check": ({"source_dest_check": False}, lambda seen, network: seen["SourceDestCheck"] is False),
    "tags": (
        {"tags": {"service": "cassandra", "Name": "first"}},
        lambda seen, network: tags_of(seen).items() >= {"service": "cassandra", "Name": "first", "kept": "x"}.items(),
    ),
    "secondary addresses by name": (
        {"secondary_private_ip_addresses": ["10.0.1.50", "10.0.1.51"]},
        lambda seen, network: sorted(addresses_of(seen)[1:]) == ["10.0.1.50", "10.0.1.51"],
    ),
    "secondary addresses by count": (
        {"secondary_private_ip_address_count": 2},
        lambda seen, network: len(set(addresses_of(seen))) == 3,
    ),
}


@pytest.mark.parametrize("running", [False, True], ids=["paused", "running"])
@pytest.mark.parametrize("edit", IN_PLACE)
def test_an_edit_reaches_the_interface_in_place(
    emulator: Emulator, network: Network, collection: Collection, edit: str, running: bool
) -> None:
    options, is_there = IN_PLACE[edit]
    collection.configure("a", network)
    before = only(collection.operate("resume", ["a"]) if running else collection.run("eni", name="a"))
    ec2 = emulator.client("ec2")
    ec2.create_tags(Resources=[before["network_interface_id"]], Tags=[{"Key": "kept", "Value": "x"}])
    collection.run("config", name="a", **options)

    changed = collection.run("eni", name="a")
    node, seen = only(changed), interface_of(emulator, before)
    assert changed.values["changed"]
    assert is_there(seen, network)
    assert node["private_ip_addresses"] == addresses_of(seen)
    assert (node["private_ip_address"], node["instance_id"]) == (before["private_ip_address"], before["instance_id"])
    assert not collection.run("eni", name="a").values["changed"]


def test_a_tag_that_is_dropped_is_removed_and_a_foreign_one_stays(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, tags={"service": "cassandra"})
    node = only(collection.run("eni", name="a"))
    foreign = [{"Key": "foreign", "Value": "x"}]
    emulator.client("ec2").create_tags(Resources=[node["network_interface_id"]], Tags=foreign)
    collection.run("config", name="a", tags={})
    assert actions_of(collection.run("eni", name="a")) == ["set_tags"]
    config = config_tag(Config(subnet_id=""))
    own = {"stateful_node:name": "a", "stateful_node:table": TABLE, "stateful_node:config": config}
    assert tags_of(interface_of(emulator, node)) == {"Name": "a", "foreign": "x", **own}
    assert not collection.run("eni", name="a").values["changed"]


@pytest.mark.parametrize(
    "options",
    [{"secondary_private_ip_addresses": ["10.0.1.50"]}, {"secondary_private_ip_address_count": 1}],
    ids=["named", "counted"],
)
def test_secondary_addresses_that_somebody_else_assigned_are_left_alone(
    emulator: Emulator, network: Network, collection: Collection, options: dict[str, Any]
) -> None:
    collection.configure("a", network, **options)
    node = only(collection.run("eni", name="a"))
    emulator.client("ec2").assign_private_ip_addresses(
        NetworkInterfaceId=node["network_interface_id"], PrivateIpAddresses=["10.0.1.99"]
    )
    assert not collection.run("eni", name="a").values["changed"]

    cleared = {option: type(value)() for option, value in options.items()}
    collection.run("config", name="a", **cleared)
    assert actions_of(collection.run("eni", name="a")) == ["set_tags", "unassign_private_ip_addresses"]
    assert addresses_of(interface_of(emulator, node)) == [node["private_ip_address"], "10.0.1.99"]
    assert not collection.run("eni", name="a").values["changed"]


def test_a_lower_count_takes_addresses_off_and_a_higher_one_adds(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, secondary_private_ip_address_count=3)
    first = only(collection.run("eni", name="a"))["private_ip_addresses"]
    for count in (1, 2):
        collection.run("config", name="a", secondary_private_ip_address_count=count)
        node = only(collection.run("eni", name="a"))
        assert len(node["private_ip_addresses"]) == 1 + count
        assert node["private_ip_addresses"][:2] == first[:2]
        assert addresses_of(interface_of(emulator, node)) == node["private_ip_addresses"]


def test_the_interface_is_made_to_outlive_its_instance(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    node = only(collection.operate("resume", ["a"]))
    attachment = interface_of(emulator, node)["Attachment"]["AttachmentId"]
    emulator.client("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=node["network_interface_id"],
        Attachment={"AttachmentId": attachment, "DeleteOnTermination": True},
    )
    (drift,) = only(collection.run("info"))["drift"]
    assert drift["reason"] == "delete_on_termination_set"
    assert actions_of(collection.run("eni", name="a")) == ["keep_on_termination"]
    assert interface_of(emulator, node)["Attachment"]["DeleteOnTermination"] is False


def test_absent_is_refused_while_an_instance_has_the_interface(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    node = only(collection.operate("resume", ["a"]))
    refused = collection.run("eni", name="a", state="absent")
    (failure,) = refused.failures
    assert failure.code == "NetworkInterfaceInUse"
    assert node["instance_id"] in failure.message
    assert not refused.values["changed"]
    assert interface_of(emulator, node)["Status"] == "in-use"


def test_an_interface_that_somebody_else_deleted_can_be_forgotten(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    lose(emulator, only(collection.run("eni", name="a")))
    emulator.clear_calls()
    assert only(collection.run("eni", name="a", state="absent"))["network_interface_id"] is None
    assert len(emulator.calls(action="DeleteNetworkInterface")) <= 1  # that it is gone needs no second try
    assert collection.run("config", name="a", state="absent").values["changed"]


def test_one_node_that_fails_leaves_the_others_alone(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """The failing node's error stands beside the others' results, in the order asked for."""
    for name in ("a", "b", "c"):
        collection.configure(name, network, private_ip_address=f"10.0.1.{ord(name)}")
    emulator.client("ec2").create_network_interface(SubnetId=network.subnet_a_id, PrivateIpAddress=f"10.0.1.{ord('b')}")
    result = collection.run("eni", name=["c", "b", "unknown", "a"])
    assert [node["name"] for node in result.values["nodes"]] == ["c", "b", "unknown", "a"]
    errors = {node["name"]: node["error"]["code"] for node in result.values["nodes"] if "error" in node}
    assert errors == {"b": "PrivateIpAddressInUse", "unknown": "UnknownNode"}
    assert {action["name"] for action in result.values["actions"]} == {"a", "c"}
    assert [len(interfaces_named(emulator, name)) for name in ("a", "b", "c")] == [1, 0, 1]


LOST = {
    "picked": {},
    "named secondary": {"secondary_private_ip_addresses": ["10.0.1.50"]},
    "counted secondary": {"secondary_private_ip_address_count": 2},
}


@pytest.mark.parametrize("options", LOST.values(), ids=LOST)
def test_a_lost_interface_is_made_anew_with_its_addresses(
    emulator: Emulator, network: Network, collection: Collection, options: dict[str, Any]
) -> None:
    collection.configure("a", network, **options)
    before = only(collection.run("eni", name="a"))
    lose(emulator, before)
    made = collection.run("eni", name="a")
    assert made.values["actions"][0]["replaces"] == before["network_interface_id"]
    node = only(made)
    assert node["network_interface_id"] != before["network_interface_id"]
    assert node["private_ip_addresses"] == before["private_ip_addresses"]
    assert addresses_of(interface_of(emulator, node)) == before["private_ip_addresses"]
    assert not collection.run("eni", name="a").values["changed"]


@pytest.mark.parametrize("edit", [{"secondary_private_ip_address_count": 3}, {"persist_private_ip": False}])
def test_a_lost_interface_that_was_edited_meanwhile_is_right_at_once(
    emulator: Emulator, network: Network, collection: Collection, edit: dict[str, Any]
) -> None:
    """What creating it cannot give is assigned in the same run; a second run finds nothing to do."""
    collection.configure("a", network, secondary_private_ip_address_count=2)
    lose(emulator, only(collection.run("eni", name="a")))
    collection.run("config", name="a", **edit)
    node = only(collection.run("eni", name="a"))
    assert len(node["private_ip_addresses"]) == 1 + edit.get("secondary_private_ip_address_count", 2)
    assert not collection.run("eni", name="a").values["changed"]


def test_a_lost_interface_gets_its_ipv6_addresses_back(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    ec2 = emulator.client("ec2")
    ec2.associate_vpc_cidr_block(VpcId=network.vpc_id, AmazonProvidedIpv6CidrBlock=True)
    (vpc,) = ec2.describe_vpcs(VpcIds=[network.vpc_id])["Vpcs"]
    block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
    ec2.associate_subnet_cidr_block(SubnetId=network.subnet_a_id, Ipv6CidrBlock=block)
    collection.configure("a", network, ipv6_address_count=2)
    before = only(collection.run("eni", name="a"))
    assert len(before["ipv6_addresses"]) == 2
    lose(emulator, before)
    assert sorted(only(collection.run("eni", name="a"))["ipv6_addresses"]) == sorted(before["ipv6_addresses"])
