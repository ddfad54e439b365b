# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subnets without IPv4 are refused in a sentence, and an interface in one does not disturb the nodes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.readers import only


@pytest.fixture
def ec2(emulator: Emulator) -> Any:
    return emulator.client("ec2")


@pytest.fixture
def subnet_id(ec2: Any, network: Network) -> str:
    made = ec2.create_subnet(VpcId=network.vpc_id, Ipv6Native=True, Ipv6CidrBlock="2600:1f13:663:ac00::/64")
    return str(made["Subnet"]["SubnetId"])


@pytest.fixture
def interface_id(ec2: Any, subnet_id: str) -> str:
    made = ec2.create_network_interface(SubnetId=subnet_id, Ipv6AddressCount=1)
    return str(made["NetworkInterface"]["NetworkInterfaceId"])


def test_ec2_shows_no_ipv4_there(ec2: Any, subnet_id: str, interface_id: str) -> None:
    (subnet,) = ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
    (interface,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"]
    assert "CidrBlock" not in subnet
    assert "PrivateIpAddress" not in interface
    assert interface.get("PrivateIpAddresses", []) == []


@pytest.mark.parametrize("options", [{}, {"private_ip_address": "10.0.1.20"}])
def test_a_configuration_in_one_is_refused(
    collection: Collection, network: Network, subnet_id: str, options: dict[str, Any]
) -> None:
    with pytest.raises(NodeError) as caught:
        collection.configure("v6", network, subnet_id=subnet_id, **options)
    assert caught.value.failure.code == "UnsupportedSubnet"
    assert f"v6: subnet_id '{subnet_id}' has IPv6 addresses only" in caught.value.failure.message


def test_an_interface_in_one_is_not_adopted(collection: Collection, interface_id: str) -> None:
    with pytest.raises(NodeError) as caught:
        collection.adopt("v6", network_interface_id=interface_id)
    assert caught.value.failure.code == "UnsupportedSubnet"
    assert interface_id in caught.value.failure.message


def test_an_interface_in_one_that_carries_a_node_s_tags_leaves_the_nodes_as_they_are(
    collection: Collection, network: Network, ec2: Any, interface_id: str
) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    tags = [{"Key": "stateful_node:table", "Value": TABLE}, {"Key": "stateful_node:name", "Value": "a"}]
    ec2.create_tags(Resources=[interface_id], Tags=tags)
    assert only(collection.run("info", name="a"))["status"] == "running"
    listed = collection.run("orphans").values["orphans"]
    assert [orphan["id"] for orphan in listed] == [interface_id]
