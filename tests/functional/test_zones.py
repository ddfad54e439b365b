# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where Elastic IP addresses come from: the border groups of Local and Wavelength Zones, and pools of the account."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.corrections.zones import BORDER_GROUPS, LOCAL_ZONE, WAVELENGTH_ZONE
from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.readers import only


@pytest.fixture
def ec2(emulator: Emulator) -> Any:
    return emulator.client("ec2")


def make_subnet(ec2: Any, network: Network, zone: str) -> str:
    made = ec2.create_subnet(VpcId=network.vpc_id, CidrBlock="10.0.200.0/24", AvailabilityZone=zone)
    return str(made["Subnet"]["SubnetId"])


@pytest.fixture
def local_subnet_id(ec2: Any, network: Network) -> str:
    return make_subnet(ec2, network, LOCAL_ZONE)


def configure_public(collection: Collection, network: Network, **options: Any) -> None:
    collection.configure("edge", network, public_ip_assignment="enabled", **options)


def border_groups(ec2: Any) -> list[str]:
    return [address["NetworkBorderGroup"] for address in ec2.describe_addresses()["Addresses"]]


def test_a_new_address_is_allocated_in_the_border_group_of_the_zone(
    collection: Collection, network: Network, ec2: Any, local_subnet_id: str
) -> None:
    configure_public(collection, network, subnet_id=local_subnet_id, elastic_ip="new")
    collection.operate("resume", ["edge"])
    assert border_groups(ec2) == [BORDER_GROUPS[LOCAL_ZONE]]
    (address,) = ec2.describe_addresses()["Addresses"]
    assert only(collection.run("info", name="edge"))["public_ip"] == address["PublicIp"]


def test_such_an_address_is_really_released(
    collection: Collection, network: Network, ec2: Any, local_subnet_id: str
) -> None:
    """EC2 does not find it without its border group, and what is not found counts as released."""
    configure_public(collection, network, subnet_id=local_subnet_id, elastic_ip="new")
    collection.operate("resume", ["edge"])
    collection.operate("pause", ["edge"])
    assert border_groups(ec2) == [BORDER_GROUPS[LOCAL_ZONE]]
    collection.run("eip", name="edge", state="absent", release=True)
    assert border_groups(ec2) == []


def test_an_orphaned_address_is_really_released(
    collection: Collection, network: Network, ec2: Any, local_subnet_id: str
) -> None:
    made = ec2.allocate_address(NetworkBorderGroup=BORDER_GROUPS[LOCAL_ZONE])
    tags = [{"Key": "stateful_node:table", "Value": TABLE}, {"Key": "stateful_node:name", "Value": "gone"}]
    ec2.create_tags(Resources=[made["AllocationId"]], Tags=tags)
    collection.run("orphans", delete=[made["AllocationId"]])
    assert border_groups(ec2) == []


@pytest.mark.parametrize("zone", [LOCAL_ZONE, None])
def test_an_address_of_another_border_group_is_refused(
    collection: Collection, network: Network, ec2: Any, zone: str | None
) -> None:
    """In both directions: one of the region in the Local Zone, and one of the Local Zone outside of it."""
    group = {} if zone else {"NetworkBorderGroup": BORDER_GROUPS[LOCAL_ZONE]}
    allocation_id = ec2.allocate_address(**group)["AllocationId"]
    place = {"subnet_id": make_subnet(ec2, network, zone)} if zone else {}
    with pytest.raises(NodeError) as caught:
        configure_public(collection, network, elastic_ip=allocation_id, **place)
    assert caught.value.failure.code == "ElasticIpOfAnotherZone"
    assert "network border group" in caught.value.failure.message


@pytest.mark.parametrize("elastic_ip", ["new", "given"])
def test_no_address_is_given_in_a_wavelength_zone(
    collection: Collection, network: Network, ec2: Any, elastic_ip: str
) -> None:
    if elastic_ip == "given":
        group = BORDER_GROUPS[WAVELENGTH_ZONE]
        elastic_ip = ec2.allocate_address(NetworkBorderGroup=group)["AllocationId"]
    with pytest.raises(NodeError) as caught:
        configure_public(
            collection, network, elastic_ip=elastic_ip, subnet_id=make_subnet(ec2, network, WAVELENGTH_ZONE)
        )
    assert caught.value.failure.code == "ElasticIpNotSupported"
    assert WAVELENGTH_ZONE in caught.value.failure.message


def test_a_node_without_an_address_can_be_in_a_wavelength_zone(
    collection: Collection, network: Network, ec2: Any
) -> None:
    collection.configure("edge", network, subnet_id=make_subnet(ec2, network, WAVELENGTH_ZONE))
    collection.operate("resume", ["edge"])
    assert only(collection.run("info", name="edge"))["availability_zone"] == WAVELENGTH_ZONE


@pytest.mark.parametrize("pool", ["ipv4pool-ec2-0123456789abcdef0", "ipam-pool-0123456789abcdef0"])
def test_a_new_address_comes_from_the_pool_that_is_named(
    collection: Collection, network: Network, ec2: Any, pool: str
) -> None:
    configure_public(collection, network, elastic_ip="new", elastic_ip_pool=pool)
    collection.operate("resume", ["edge"])
    (address,) = ec2.describe_addresses()["Addresses"]
    assert address["PublicIpv4Pool"] == pool
