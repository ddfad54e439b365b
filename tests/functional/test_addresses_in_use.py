# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a node from getting its addresses is found before anything is created, and whose it is is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import TABLE, Collection

PINNED = "10.0.1.52"


@pytest.fixture
def fast(collection: Collection) -> Collection:
    return Collection(collection.endpoint, clock=FastClock())


@pytest.fixture(params=[False, True], ids=["real", "check"])
def runner(fast: Collection, request: Any) -> Collection:
    """The collection, really and in check mode."""
    return Collection(fast.endpoint, clock=FastClock(), check_mode=request.param)


def record_of(collection: Collection, name: str) -> Any:
    return Store(collection.client, TABLE).get([name]).get(name)


def write_config(collection: Collection, name: str, **changes: Any) -> None:
    """Change the record as a version did that let two nodes have one address."""
    before = record_of(collection, name)
    config = replace(before.config, **changes)
    Store(collection.client, TABLE).write_config(before, config, before.subnet)


def make_interface(emulator: Emulator, network: Network, name: str | None = None, **options: Any) -> str:
    ec2 = emulator.client("ec2")
    made = ec2.create_network_interface(SubnetId=network.subnet_a_id, **options)["NetworkInterface"]
    if name:
        tags = [{"Key": "stateful_node:table", "Value": TABLE}, {"Key": "stateful_node:name", "Value": name}]
        ec2.create_tags(Resources=[made["NetworkInterfaceId"]], Tags=tags)
    return made["NetworkInterfaceId"]


def refusal(emulator: Emulator, runner: Collection, name: str, operation: str = "resume", **given: Any) -> Any:
    """Operate, and see it refused before anything is begun; returns the error."""
    emulator.clear_calls()
    result = runner.operate(operation, [name], **given)
    (node,) = [node for node in result.values["nodes"] if node["name"] == name]
    assert result.values["operation_id"] is None
    assert emulator.calls(mutating=True) == []
    return node["error"]


def test_an_address_that_another_node_has(
    emulator: Emulator, fast: Collection, runner: Collection, network: Network
) -> None:
    """Of two nodes that were configured with one address at the same time, the second to resume names the first."""
    fast.configure("d-a", network, private_ip_address=PINNED)
    fast.configure("d-b", network)
    write_config(fast, "d-b", private_ip_address=PINNED)
    fast.operate("resume", ["d-a"])
    identity = record_of(fast, "d-a").identity
    error = refusal(emulator, runner, "d-b")
    assert error["code"] == "PrivateIpAddressInUse"
    assert (
        f"d-b: private_ip_address: {PINNED} is taken by interface {identity.network_interface_id} "
        f"(on {identity.instance_id}), which is node d-a's, as its tags say. Have that node give it up first, or "
        "configure another address."
    ) in error["message"]


def test_addresses_of_something_else(
    emulator: Emulator, fast: Collection, runner: Collection, network: Network
) -> None:
    """Taken since the node was configured: a primary one, and a secondary one of a node that runs."""
    fast.configure("a", network, private_ip_address=PINNED)
    fast.configure("b", network)
    fast.operate("resume", ["b"])
    fast.configure("b", network, secondary_private_ip_addresses=["10.0.1.60"])
    first = make_interface(emulator, network, PrivateIpAddress=PINNED)
    second = make_interface(emulator, network, PrivateIpAddress="10.0.1.60")
    assert f"is taken by interface {first} (on no instance). Free it" in refusal(emulator, runner, "a")["message"]
    error = refusal(emulator, runner, "b")
    assert f"10.0.1.60 is taken by interface {second} (on no instance). Free it" in error["message"]


def test_the_address_of_a_lost_interface(
    emulator: Emulator, fast: Collection, runner: Collection, network: Network
) -> None:
    """The interface was deleted by hand, and its address has been taken by another one since."""
    fast.configure("a", network)
    fast.operate("resume", ["a"])
    fast.operate("pause", ["a"])
    identity = record_of(fast, "a").identity
    emulator.client("ec2").delete_network_interface(NetworkInterfaceId=identity.network_interface_id)
    other = make_interface(emulator, network, name="x-1", PrivateIpAddress=identity.private_ip_address)
    message = refusal(emulator, runner, "a")["message"]
    assert f"is taken by interface {other} (on no instance), which is node x-1's, as its tags say" in message


def test_the_address_that_a_node_is_to_change_to(
    emulator: Emulator, fast: Collection, runner: Collection, network: Network
) -> None:
    """A replace that changes the address is refused with the instance running; one that does not goes on."""
    fast.configure("a", network)
    fast.operate("resume", ["a"])
    fast.configure("a", network, private_ip_address=PINNED)
    other = make_interface(emulator, network, PrivateIpAddress=PINNED)
    error = refusal(emulator, runner, "a", "replace", choices={"allow_address_change": True})
    assert f"{PINNED} is taken by interface {other}" in error["message"]
    begun = runner.run("operation", name=["a"], state="begun", operation="replace")
    assert begun.values["begun"] == ["a"]


@pytest.mark.parametrize("options", [{}, {"private_ip_address": PINNED}], ids=["any address", "a particular one"])
def test_a_node_whose_interface_its_record_does_not_know(
    emulator: Emulator, fast: Collection, runner: Collection, network: Network, options: dict[str, Any]
) -> None:
    """A record that was lost and made new: no second interface, and the way back to the first."""
    fast.configure("a", network)
    write_config(fast, "a", **options)
    own = make_interface(emulator, network, name="a", PrivateIpAddress=PINNED)
    error = refusal(emulator, runner, "a")
    assert error["code"] == "NetworkInterfaceUnrecorded"
    assert own in error["message"]
    assert "state: absent" in error["message"]
    assert error["next_command"] == (
        "ansible-playbook stateful_node.aws.repair -e stateful_nodes=a -e repair_rebuild=true"
    )
    (node,) = fast.run("info", name=["a"]).values["nodes"]
    assert [drift["reason"] for drift in node["drift"]] == ["interface_unrecorded"]
    emulator.client("ec2").delete_tags(Resources=[own], Tags=[{"Key": "stateful_node:table"}])
    if not options:
        assert runner.run("operation", name=["a"], state="begun", operation="resume").values["begun"] == ["a"]


def test_an_interface_that_a_cut_off_resume_has_made_is_no_stranger(
    emulator: Emulator, fast: Collection, network: Network
) -> None:
    """The intent tells: the same resume again finishes it."""
    fast.configure("a", network, private_ip_address=PINNED)
    emulator.add_fault("CreateNetworkInterface", "lost", call=0)
    fast.operate("resume", ["a"])
    emulator.clear_faults()
    assert record_of(fast, "a").intent
    done = fast.operate("resume", ["a"])
    assert "error" not in done.values["nodes"][0]
    assert done.values["nodes"][0]["private_ip_address"] == PINNED


def test_an_elastic_ip_that_another_node_has(
    emulator: Emulator, fast: Collection, runner: Collection, network: Network
) -> None:
    """It names the node by the tags of the interface that has the address."""
    address = emulator.client("ec2").allocate_address(Domain="vpc")
    fast.configure("r-a", network, elastic_ip=address["PublicIp"], public_ip_assignment="enabled")
    fast.configure("r-b", network, public_ip_assignment="enabled")
    write_config(fast, "r-b", elastic_ip=address["AllocationId"])
    fast.operate("resume", ["r-a"])
    identity = record_of(fast, "r-a").identity
    message = refusal(emulator, runner, "r-b")["message"]
    assert (
        f"is associated with {identity.network_interface_id} of instance {identity.instance_id}, which is node r-a's, "
        "as its tags say. It is not taken away from there"
    ) in message


def test_an_elastic_ip_that_is_gone_when_it_is_to_be_associated(
    emulator: Emulator, fast: Collection, network: Network
) -> None:
    """Taken by another interface in the middle of the resume: said at once, not after half a minute."""
    ec2 = emulator.client("ec2")
    address = ec2.allocate_address(Domain="vpc")
    fast.configure("r-b", network, elastic_ip=address["PublicIp"], public_ip_assignment="enabled")
    other = make_interface(emulator, network, name="r-a")
    raced: list[str] = []

    class Racing(Collection):
        def client(self, service: str, settings: Any) -> Any:
            made = super().client(service, settings)
            if service == "ec2":
                made.meta.events.register_first("before-call.ec2.AssociateAddress", self.interfere)
            return made

        @staticmethod
        def interfere(**_details: Any) -> None:
            if not raced:
                raced.append(other)
                ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=other)

    emulator.clear_calls()
    result = Racing(fast.endpoint, clock=FastClock()).operate("resume", ["r-b"])
    error = result.values["nodes"][0]["error"]
    assert error["code"] == "Resource.AlreadyAssociated"
    assert f"it is on {other}, which is node r-a's, as its tags say" in error["message"]
    assert len(emulator.calls(action="AssociateAddress")) == len(["the other's", "ours"])


def test_a_fleet_is_looked_at_with_as_many_calls_as_one_node(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    """One read for all private addresses, and one for all tags."""

    def reads(*names: str) -> int:
        emulator.clear_calls()
        checking = Collection(collection.endpoint, check_mode=True)
        checking.run("operation", name=list(names), state="begun", operation="resume")
        return len(emulator.calls(action="DescribeNetworkInterfaces"))

    for number in range(3):
        collection.configure(f"n-{number}", network, private_ip_address=f"10.0.1.{50 + number}")
    assert reads("n-0") == reads("n-0", "n-1", "n-2") == 2
