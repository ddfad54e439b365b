# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 holds of a node, and what other nodes have: no record is made that would lose it or take it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import (
    NodeError,
    failure_result,
    failure_sentence,
)

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import TABLE, Collection

from .account import AccountContents, launch, primary_interface

REBUILD = "ansible-playbook stateful_node.aws.repair -e stateful_nodes=a -e repair_rebuild=true"
PINNED = "10.0.1.52"


@pytest.fixture
def fast(collection: Collection) -> Collection:
    return Collection(collection.endpoint, clock=FastClock())


def lose_record(emulator: Emulator, name: str = "a") -> None:
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": name}})


def record_of(collection: Collection, name: str = "a") -> Any:
    return Store(collection.client, TABLE).get([name]).get(name)


def refused(emulator: Emulator, configure: Callable[[], Any]) -> str:
    """Configure, and see it refused with nothing written; returns what a user reads."""
    emulator.clear_calls()
    with pytest.raises(NodeError) as caught:
        configure()
    assert emulator.calls(mutating=True) == []
    return failure_sentence(failure_result(caught.value.failure, Reach()))


def tag(emulator: Emulator, resource_id: str, name: str = "a", table: str = TABLE) -> None:
    tags = [{"Key": "stateful_node:table", "Value": table}, {"Key": "stateful_node:name", "Value": name}]
    emulator.client("ec2").create_tags(Resources=[resource_id], Tags=tags)


def make_interface(emulator: Emulator, network: Network, **options: Any) -> str:
    made = emulator.client("ec2").create_network_interface(SubnetId=network.subnet_a_id, **options)
    return made["NetworkInterface"]["NetworkInterfaceId"]


@pytest.mark.parametrize("options", [{}, {"private_ip_address": PINNED}], ids=["any address", "a particular one"])
@pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])
def test_a_lost_record_is_not_made_new(
    emulator: Emulator, fast: Collection, network: Network, options: dict[str, Any], *, check_mode: bool
) -> None:
    """The fleet file run again after the record was lost: refused, with what there is and the rebuild command."""
    fast.configure("a", network, **options)
    fast.operate("resume", ["a"])
    identity = record_of(fast).identity
    lose_record(emulator)
    again = Collection(fast.endpoint, clock=FastClock(), check_mode=check_mode)
    message = refused(emulator, lambda: again.configure("a", network, **options))
    assert f"network interface {identity.network_interface_id} ({identity.private_ip_address}, attached to" in message
    assert f"instance {identity.instance_id} (running)" in message
    assert REBUILD in message
    assert "with the playbook orphans, which lists it" in message
    assert "orphans_delete" not in message
    assert "delete that interface" not in message
    assert record_of(fast) is None


def test_the_way_out_of_a_lost_record_is_the_one_that_is_told(
    emulator: Emulator, fast: Collection, network: Network
) -> None:
    """Once it is rebuilt the same configuration is no change, and no interface was made."""
    fast.configure("a", network, private_ip_address=PINNED)
    fast.operate("resume", ["a"])
    lose_record(emulator)
    interfaces = set(AccountContents(emulator).interfaces)
    (instance,) = AccountContents(emulator).live
    fast.run("rebuild", name="a", confirm=[instance, *interfaces])
    fast.configure("a", network, private_ip_address=PINNED)
    fast.operate("resume", ["a"])
    assert set(AccountContents(emulator).interfaces) == interfaces


def test_an_elastic_ip_that_is_left_may_be_named(emulator: Emulator, collection: Collection, network: Network) -> None:
    """Of a node with nothing but its Elastic IP that one is refused, too, unless it is to be the new record's."""
    address = emulator.client("ec2").allocate_address(Domain="vpc")
    tag(emulator, address["AllocationId"])
    message = refused(emulator, lambda: collection.configure("a", network))
    assert f"Elastic IP {address['PublicIp']} ({address['AllocationId']})" in message
    assert "Without an interface no record can be rebuilt" in message
    assert "repair_rebuild" not in message
    collection.configure("a", network, elastic_ip=address["PublicIp"], public_ip_assignment="enabled")
    assert record_of(collection).config.elastic_ip == address["AllocationId"]


def test_a_forged_tag_blocks_until_it_is_removed(emulator: Emulator, collection: Collection, network: Network) -> None:
    """What another table's node, or one of another name, has is nothing to this one."""
    forged = make_interface(emulator, network)
    tag(emulator, forged)
    assert "remove the tags that begin with stateful_node:" in refused(
        emulator, lambda: collection.configure("a", network)
    )
    tag(emulator, forged, table="others")
    collection.configure("a", network)
    tag(emulator, forged, name="c")
    collection.configure("b", network)


def test_what_another_record_accounts_for_is_not_missed(emulator: Emulator, fast: Collection, network: Network) -> None:
    """Tags that name another node do not make the interface of this one an orphan."""
    fast.configure("b", network)
    fast.operate("resume", ["b"])
    tag(emulator, record_of(fast, "b").identity.network_interface_id, name="a")
    fast.configure("a", network)


@pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])
def test_an_address_that_is_configured_for_another_node(
    emulator: Emulator, collection: Collection, network: Network, *, check_mode: bool
) -> None:
    """A copy-paste error in host_vars, before either node has an interface."""
    collection.configure("d-a", network, private_ip_address="10.0.1.222")
    again = Collection(collection.endpoint, check_mode=check_mode)
    message = refused(emulator, lambda: again.configure("d-b", network, private_ip_address="10.0.1.222"))
    assert "private_ip_address '10.0.1.222' is configured for node d-a" in message
    message = refused(emulator, lambda: again.configure("d-b", network, secondary_private_ip_addresses=["10.0.1.222"]))
    assert "secondary_private_ip_addresses '10.0.1.222' is configured for node d-a" in message


def test_an_address_that_another_node_has_and_is_giving_up(
    emulator: Emulator, fast: Collection, network: Network
) -> None:
    """It counts until it is given up, and so does the one that comes after it."""
    fast.configure("d-a", network, private_ip_address="10.0.1.222")
    fast.operate("resume", ["d-a"])
    fast.configure("d-a", network, private_ip_address="10.0.1.223")
    had = refused(emulator, lambda: fast.configure("d-b", network, private_ip_address="10.0.1.222"))
    assert "private_ip_address '10.0.1.222' is node d-a's" in had
    assert had.count("10.0.1.222") == 1, had
    wanted = refused(emulator, lambda: fast.configure("d-b", network, private_ip_address="10.0.1.223"))
    assert "private_ip_address '10.0.1.223' is configured for node d-a" in wanted


def test_an_address_that_ec2_chose_for_another_node(emulator: Emulator, fast: Collection, network: Network) -> None:
    """A node has what nobody configured, even while it is paused and its interface was deleted by hand."""
    fast.configure("d-a", network)
    fast.operate("resume", ["d-a"])
    fast.operate("pause", ["d-a"])
    identity = record_of(fast, "d-a").identity
    emulator.client("ec2").delete_network_interface(NetworkInterfaceId=identity.network_interface_id)
    address = identity.private_ip_address
    message = refused(emulator, lambda: fast.configure("d-b", network, private_ip_address=address))
    assert f"private_ip_address '{address}' is node d-a's" in message


def test_the_same_address_in_another_subnet_is_another_address(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    """Two VPCs may have the same range."""
    ec2 = emulator.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet_id = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    collection.configure("a", network, private_ip_address=PINNED)
    collection.configure("b", network, private_ip_address=PINNED, subnet_id=subnet_id, security_groups=[])
    assert record_of(collection, "b").config.private_ip_address == PINNED


@pytest.mark.parametrize("given", ["AllocationId", "PublicIp"])
def test_an_elastic_ip_that_is_configured_for_another_node(
    emulator: Emulator, collection: Collection, network: Network, given: str
) -> None:
    """By its allocation id and by its public address."""
    address = emulator.client("ec2").allocate_address(Domain="vpc")
    collection.configure("r-a", network, elastic_ip=address["AllocationId"], public_ip_assignment="enabled")
    message = refused(
        emulator,
        lambda: collection.configure("r-b", network, elastic_ip=address[given], public_ip_assignment="enabled"),
    )
    shown = f"elastic_ip '{address['PublicIp']} ({address['AllocationId']})'"
    assert f"{shown} is configured for node r-a" in message


def test_an_elastic_ip_that_another_node_has_left_and_kept(
    emulator: Emulator, fast: Collection, network: Network
) -> None:
    """One that was allocated for a node is the node's as long as it was not released, in use or not."""
    fast.configure("r-a", network, elastic_ip="new", public_ip_assignment="enabled")
    fast.operate("resume", ["r-a"])
    allocation_id = record_of(fast, "r-a").identity.allocation_id
    fast.configure("r-a", network, elastic_ip="")
    fast.operate("resume", ["r-a"])
    message = refused(
        emulator,
        lambda: fast.configure("r-b", network, elastic_ip=allocation_id, public_ip_assignment="enabled"),
    )
    assert "is node r-a's" in message
    assert message.count("elastic_ip '") == 1, message


def test_the_table_is_scanned_only_for_an_address_that_is_new(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    """Once before and once after the write; not for an address that stays, nor for a node without a particular one.

    A first look at the table, whether its items are records at all, comes before each new record.
    """

    def scans(name: str, **options: Any) -> int:
        emulator.clear_calls()
        collection.configure(name, network, **options)
        return len(emulator.calls(action="Scan"))

    assert scans("a") == 1
    assert scans("b", private_ip_address=PINNED) == 1 + 2
    assert scans("b", private_ip_address=PINNED) == 0
    assert scans("b", private_ip_address=PINNED, tags={"a": "b"}) == 0
    assert scans("b", private_ip_address="10.0.1.53") == 2


@pytest.mark.parametrize("was_there", [False, True], ids=["created", "changed"])
def test_one_address_given_to_two_nodes_at_once_is_given_to_one_at_most(
    collection: Collection, network: Network, *, was_there: bool
) -> None:
    """The other is configured after the first has looked at the table and before it has written its record."""
    seen: list[str] = []
    api = "UpdateItem" if was_there else "PutItem"
    if was_there:
        collection.configure("a", network)
    before = record_of(collection)

    class Interfering(Collection):
        def client(self, service: str, settings: Any) -> Any:
            made = super().client(service, settings)
            if service == "dynamodb" and not seen:
                made.meta.events.register_first(f"before-call.dynamodb.{api}", self.interfere)
            return made

        @staticmethod
        def interfere(**_details: Any) -> None:
            if not seen:
                seen.append("configured")
                collection.configure("b", network, private_ip_address=PINNED)

    with pytest.raises(NodeError, match=f"a: {PINNED} is configured for node b, .* at the same time.*was withdrawn"):
        Interfering(collection.endpoint).configure("a", network, private_ip_address=PINNED)
    assert seen
    assert record_of(collection, "b").config.private_ip_address == PINNED
    after = record_of(collection)
    assert (after and after.config) == (before and before.config)


def test_a_held_address_names_whose_it_is(emulator: Emulator, collection: Collection, network: Network) -> None:
    """By the tags of the interface; a name that no node can have is not shown."""
    held = make_interface(emulator, network, PrivateIpAddress=PINNED)
    tag(emulator, held, name="x-1", table="others")

    def message() -> str:
        return refused(emulator, lambda: collection.configure("a", network, private_ip_address=PINNED))

    assert f"network interface {held} (attached to nothing), which belongs to node x-1 of table others" in message()
    tag(emulator, held, name="x-1")
    assert "which is node x-1's, as its tags say. Take another address" in message()
    assert "delete that interface" not in message()
    tag(emulator, held, name="x {{ lookup('pipe', 'id') }}")
    assert "which belongs to a node without a valid name, as its tags say" in message()
    assert "lookup" not in message()


def test_its_own_interface_is_never_to_be_deleted(emulator: Emulator, collection: Collection, network: Network) -> None:
    """A record that was made new before it was refused: forget it and rebuild the old one."""
    collection.configure("a", network)
    held = make_interface(emulator, network, PrivateIpAddress=PINNED)
    tag(emulator, held)
    message = refused(emulator, lambda: collection.configure("a", network, private_ip_address=PINNED))
    assert "which is this node's own, as its tags say" in message
    assert "state: absent" in message
    assert REBUILD in message
    assert "delete that interface" not in message


def test_an_elastic_ip_in_use_names_whose_it_is(emulator: Emulator, collection: Collection, network: Network) -> None:
    """By the tags of the interface that it is on."""
    held = make_interface(emulator, network)
    tag(emulator, held, name="x-1")
    ec2 = emulator.client("ec2")
    address = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=held)
    options = {"elastic_ip": address["PublicIp"], "public_ip_assignment": "enabled"}
    message = refused(emulator, lambda: collection.configure("a", network, **options))
    assert f"is associated with network interface {held}, which is node x-1's, as its tags say" in message


def test_adopting_under_a_name_of_which_ec2_holds_something(
    emulator: Emulator, fast: Collection, network: Network
) -> None:
    """Refused, unless what there is is what is adopted."""
    left = make_interface(emulator, network)
    tag(emulator, left)
    instance_id = launch(emulator, network)
    message = refused(emulator, lambda: fast.adopt("a", instance_id=instance_id))
    assert f"network interface {left}" in message
    assert REBUILD in message
    assert record_of(fast) is None
    emulator.client("ec2").delete_network_interface(NetworkInterfaceId=left)
    tag(emulator, instance_id)
    fast.adopt("a", instance_id=instance_id)


def test_adopting_an_address_that_another_node_is_configured_with(
    emulator: Emulator, fast: Collection, network: Network
) -> None:
    """The other node is named."""
    instance_id = launch(emulator, network)
    address = primary_interface(emulator, instance_id)["PrivateIpAddress"]
    fast.configure("b", network)
    stored = {"config.private_ip_address": address, "config_version": 2}
    Store(fast.client, TABLE).update("b", stored, {})
    message = refused(emulator, lambda: fast.adopt("a", instance_id=instance_id))
    assert f"private_ip_address '{address}' is configured for node b" in message
