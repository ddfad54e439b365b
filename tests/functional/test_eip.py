# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_eip: the Elastic IP address on a node's interface, and the public address without one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.readers import actions_of, error_of, only


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


def allocate(emulator: Emulator) -> dict[str, Any]:
    return emulator.client("ec2").allocate_address(Domain="vpc")


def addresses(emulator: Emulator, **filters: str) -> list[dict[str, Any]]:
    given = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    return emulator.client("ec2").describe_addresses(Filters=given)["Addresses"]


def own_addresses(emulator: Emulator, name: str) -> list[dict[str, Any]]:
    filters = [{"Name": "tag:stateful_node:name", "Values": [name]}]
    return emulator.client("ec2").describe_addresses(Filters=filters)["Addresses"]


def with_elastic_ip(network: Network, elastic_ip: str) -> dict[str, Any]:
    return {"network": network, "public_ip_assignment": "enabled", "elastic_ip": elastic_ip}


def test_an_address_is_put_on_stays_on_and_is_taken_off(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    given = allocate(emulator)
    collection.configure("a", **with_elastic_ip(network, given["PublicIp"]))
    interface = only(collection.run("eni", name="a"))["network_interface_id"]

    put_on = collection.run("eip", name="a")
    assert actions_of(put_on) == ["associate_address"]
    node = only(put_on)
    assert (node["public_ip"], node["allocation_id"]) == (given["PublicIp"], given["AllocationId"])
    (seen,) = addresses(emulator, allocation_id=given["AllocationId"])
    assert (seen["NetworkInterfaceId"], seen["PrivateIpAddress"]) == (interface, node["private_ip_address"])
    (call,) = emulator.calls(action="AssociateAddress")
    assert call["parameters"]["AllowReassociation"] == "false"
    assert not collection.run("eip", name="a").values["changed"]

    taken_off = collection.run("eip", name="a", state="absent", release=True)
    assert actions_of(taken_off) == ["disassociate_address"]
    assert (only(taken_off)["public_ip"], only(taken_off)["allocation_id"]) == (None, None)
    (seen,) = addresses(emulator, allocation_id=given["AllocationId"])
    assert not seen.get("AssociationId")
    assert not collection.run("eip", name="a", state="absent", release=True).values["changed"]


def test_the_address_stands_on_the_interface_before_the_launch_and_stays_through_replace(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    given = allocate(emulator)
    collection.configure("a", **with_elastic_ip(network, given["AllocationId"]))
    collection.operate("resume", ["a"])
    (associated,) = emulator.calls(action="AssociateAddress")
    assert associated["number"] < emulator.calls(action="RunInstances")[0]["number"]
    emulator.clear_calls()
    replaced = only(collection.operate("replace", ["a"]))
    assert (replaced["public_ip"], replaced["generation"]) == (given["PublicIp"], 2)
    (seen,) = addresses(emulator, allocation_id=given["AllocationId"])
    assert seen["InstanceId"] == replaced["instance_id"]
    assert emulator.calls(action="AssociateAddress") + emulator.calls(action="DisassociateAddress") == []


def test_another_address_takes_the_place_of_the_first(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    first, second = allocate(emulator), allocate(emulator)
    collection.configure("a", **with_elastic_ip(network, first["AllocationId"]))
    collection.operate("resume", ["a"])
    collection.run("config", name="a", elastic_ip=second["PublicIp"])
    exchanged = collection.run("eip", name="a")
    assert actions_of(exchanged) == ["disassociate_address", "associate_address"]
    assert only(exchanged)["public_ip"] == second["PublicIp"]
    assert not addresses(emulator, allocation_id=first["AllocationId"])[0].get("AssociationId")
    assert not collection.run("eip", name="a").values["changed"]
    assert only(collection.run("info"))["drift"] == []


def test_an_address_that_is_cleared_is_taken_off_and_kept(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    given = allocate(emulator)
    collection.configure("a", **with_elastic_ip(network, given["AllocationId"]))
    collection.operate("resume", ["a"])
    collection.run("config", name="a", elastic_ip="", public_ip_assignment="disabled")
    assert actions_of(collection.run("eip", name="a")) == ["disassociate_address"]
    assert only(collection.run("info"))["public_ip"] is None
    (seen,) = addresses(emulator, allocation_id=given["AllocationId"])
    assert not seen.get("AssociationId")


def test_new_allocates_once_and_release_gives_it_back(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", **with_elastic_ip(network, "new"), tags={"service": "cassandra"})
    allocated = only(collection.operate("resume", ["a"]))
    (address,) = own_addresses(emulator, "a")
    assert (address["AllocationId"], address["PublicIp"]) == (allocated["allocation_id"], allocated["public_ip"])
    assert {"Key": "service", "Value": "cassandra"} in address["Tags"]
    for operation in ("resume", "replace", "pause", "resume"):
        assert only(collection.operate(operation, ["a"]))["public_ip"] == allocated["public_ip"]
    assert len(own_addresses(emulator, "a")) == 1

    assert actions_of(collection.run("eip", name="a", state="absent")) == ["disassociate_address"]
    assert len(own_addresses(emulator, "a")) == 1
    assert actions_of(collection.run("eip", name="a")) == ["associate_address"]
    released = collection.run("eip", name="a", state="absent", release=True)
    assert actions_of(released) == ["disassociate_address", "release_address"]
    assert own_addresses(emulator, "a") == []
    assert only(released)["allocation_id"] is None


def test_an_allocated_address_that_is_taken_off_is_not_shown_as_the_nodes_public_one(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", **with_elastic_ip(network, "new"))
    collection.operate("resume", ["a"])
    collection.run("config", name="a", elastic_ip="", public_ip_assignment="disabled")
    assert only(collection.operate("resume", ["a"]))["public_ip"] is None


def test_an_allocated_address_is_never_forgotten(emulator: Emulator, network: Network, collection: Collection) -> None:
    """Exchanged for another one and back, it is used again; the record of a node that has one cannot go."""
    other = allocate(emulator)
    collection.configure("a", **with_elastic_ip(network, "new"))
    collection.run("eni", name="a")
    collection.run("eip", name="a")
    for elastic_ip in (other["AllocationId"], "new"):
        collection.run("config", name="a", elastic_ip=elastic_ip)
        only(collection.run("eip", name="a"))
    assert len(own_addresses(emulator, "a")) == 1
    collection.run("config", name="a", elastic_ip=other["AllocationId"])
    collection.run("eip", name="a")
    collection.run("eni", name="a", state="absent")
    with pytest.raises(NodeError, match=own_addresses(emulator, "a")[0]["AllocationId"]):
        collection.run("config", name="a", state="absent")


def test_without_an_interface_there_is_nothing_to_put_an_address_on(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    given = allocate(emulator)
    collection.configure("a", **with_elastic_ip(network, given["AllocationId"]))
    error = error_of(collection.run("eip", name="a"))
    assert (error["code"], error["phase"]) == ("NoNetworkInterface", "elastic_ip")
    assert "stateful_node_eni" in error["message"]


def steal(emulator: Emulator, network: Network, given: dict[str, Any]) -> str:
    """Associate the address with another interface, after it was configured for a node."""
    ec2 = emulator.client("ec2")
    interface = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.associate_address(
        AllocationId=given["AllocationId"], NetworkInterfaceId=interface, AllowReassociation=True
    )  # fmt: skip
    return interface


@pytest.mark.parametrize("running", [False, True], ids=["before it was put on", "while the node runs"])
def test_an_address_that_is_associated_elsewhere_is_not_taken_away(
    emulator: Emulator, network: Network, collection: Collection, running: bool
) -> None:
    given = allocate(emulator)
    collection.configure("a", **with_elastic_ip(network, given["AllocationId"]))
    only(collection.operate("resume", ["a"]) if running else collection.run("eni", name="a"))
    holder = steal(emulator, network, given)
    if running:
        shown = only(collection.run("info"))
        assert (shown["status"], [drift["reason"] for drift in shown["drift"]]) == ("degraded", ["elastic_ip_moved"])
    emulator.clear_calls()
    for refused in (collection.run("eip", name="a"), collection.operate("resume", ["a"])):
        error = error_of(refused)
        assert error["code"] == "ElasticIpInUse"
        assert given["PublicIp"] in error["message"]
        assert holder in error["message"]
    assert emulator.calls(mutating=True, service="ec2") == []
    assert addresses(emulator, allocation_id=given["AllocationId"])[0]["NetworkInterfaceId"] == holder


def test_an_address_that_was_released_is_named(emulator: Emulator, network: Network, collection: Collection) -> None:
    given = allocate(emulator)
    collection.configure("a", **with_elastic_ip(network, given["AllocationId"]))
    emulator.client("ec2").release_address(AllocationId=given["AllocationId"])
    error = error_of(collection.operate("resume", ["a"]))
    assert error["code"] == "ElasticIpMissing"
    assert given["AllocationId"] in error["message"]
    assert emulator.calls(action="RunInstances") == []


def test_a_strange_address_on_the_interface_is_left_alone(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """Without one configured it is nobody's business; with one it is an error that names both ways out."""
    given, strange = allocate(emulator), allocate(emulator)
    collection.configure("a", network)
    node = only(collection.run("eni", name="a"))
    emulator.client("ec2").associate_address(
        AllocationId=strange["AllocationId"], NetworkInterfaceId=node["network_interface_id"]
    )
    assert not collection.run("eip", name="a").values["changed"]
    collection.run("config", name="a", public_ip_assignment="enabled", elastic_ip=given["AllocationId"])
    error = error_of(collection.run("eip", name="a"))
    assert error["code"] == "ElasticIpConflict"
    assert strange["PublicIp"] in error["message"]
    assert addresses(emulator, allocation_id=strange["AllocationId"])[0]["NetworkInterfaceId"]


def test_the_address_follows_to_an_interface_that_is_made_anew(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    given = allocate(emulator)
    collection.configure("a", **with_elastic_ip(network, given["AllocationId"]))
    before = only(collection.operate("resume", ["a"]))
    only(collection.operate("pause", ["a"]))
    emulator.client("ec2").delete_network_interface(NetworkInterfaceId=before["network_interface_id"])
    node = only(collection.operate("resume", ["a"]))
    assert node["network_interface_id"] != before["network_interface_id"]
    assert (node["private_ip_address"], node["public_ip"]) == (before["private_ip_address"], given["PublicIp"])
    (seen,) = addresses(emulator, allocation_id=given["AllocationId"])
    assert (seen["NetworkInterfaceId"], seen["InstanceId"]) == (node["network_interface_id"], node["instance_id"])


def test_the_lent_public_address_is_switched_on_and_off(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """A public address without an Elastic IP is EC2's; the switch stands on the interface before the launch."""
    collection.configure("a", network, public_ip_assignment="enabled")
    running = only(collection.operate("resume", ["a"]))
    (call,) = emulator.calls(action="ModifyNetworkInterfaceAttribute")
    assert call["parameters"]["AssociatePublicIpAddress"] == "true"
    assert call["number"] < emulator.calls(action="RunInstances")[0]["number"]
    assert running["public_ip"]
    assert running["allocation_id"] is None

    assert not collection.run("eni", name="a").values["changed"]
    collection.run("config", name="a", public_ip_assignment="disabled")
    assert actions_of(collection.run("eni", name="a")) == ["set_tags", "set_associate_public_ip_address"]
    assert only(collection.run("info"))["public_ip"] is None
