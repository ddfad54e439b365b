# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stateful_node_config refuses once it has asked EC2: the error, and that everything stays as it is."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.support.collection import TABLE


@pytest.fixture
def ec2(emulator):
    return emulator.client("ec2")


def make_template(ec2, name="web", **data):
    data = {"ImageId": "ami-0a1b2c3d4e5f60001", "InstanceType": "t3.micro", **data}
    return ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]


BAD_INPUT = {
    "an unknown subnet": ({"subnet_id": "subnet-0123456789abcdef0"}, ("subnet-0123456789abcdef0", "us-east-1")),
    "a reserved address": ({"private_ip_address": "10.0.1.255"}, ("10.0.1.255", "reserved")),
    "an address outside": ({"private_ip_address": "10.0.2.15"}, ("10.0.2.15", "10.0.1.0/24")),
    "an unknown group": ({"security_groups": ["sg-0123456789abcdef0"]}, ("sg-0123456789abcdef0", "security_groups")),
    "an unknown group's name": ({"security_groups": ["nobody"]}, ("nobody", "security_groups")),
    "an unknown allocation": (
        {"elastic_ip": "eipalloc-0123456789abcdef0", "public_ip_assignment": "enabled"},
        ("eipalloc-0123456789abcdef0", "elastic_ip"),
    ),
    "an unknown public address": (
        {"elastic_ip": "192.0.2.1", "public_ip_assignment": "enabled"},
        ("192.0.2.1", "elastic_ip"),
    ),
    "an Elastic IP without public addresses": ({"elastic_ip": "new"}, ("elastic_ip 'new'", "subnet_default")),
    "an unknown template": (
        {"launch": {"launch_template": {"id": "lt-0123456789abcdef0"}}},
        ("lt-0123456789abcdef0", "launch.launch_template"),
    ),
    "an unknown template's name": ({"launch": {"launch_template": {"name": "nobody"}}}, ("nobody", "us-east-1")),
    "IPv6 without a range": ({"ipv6_address_count": 1}, ("ipv6_address_count", "no IPv6")),
}


@pytest.mark.parametrize(("options", "words"), BAD_INPUT.values(), ids=BAD_INPUT)
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "known"])
def test_bad_input_leaves_everything_as_it_is(emulator, collection, network, options, words, is_new):
    """The error names the node and the value; nothing is created, the record is untouched."""
    if not is_new:
        collection.configure("db-1", network)
    store = Store(collection.client, TABLE)
    before = store.get(["db-1"])
    emulator.clear_calls()
    with pytest.raises(NodeError) as caught:
        collection.configure("db-1", network, **options)
    assert str(caught.value).startswith("db-1: ")
    assert not [word for word in words if word not in str(caught.value)], str(caught.value)
    assert store.get(["db-1"]) == before
    assert emulator.calls(mutating=True) == []


def test_an_unknown_version_of_a_launch_template(ec2, collection, network):
    """The error names template and version."""
    make_template(ec2)
    with pytest.raises(NodeError, match=r"launch.launch_template 'web' with version 7 does not exist in us-east-1"):
        collection.configure("db-1", network, launch={"launch_template": {"name": "web", "version": "7"}})


def test_a_launch_template_that_brings_its_groups(ec2, collection, network):
    """The error names template, version and field."""
    make_template(ec2, SecurityGroupIds=[network.security_group_id])
    with pytest.raises(NodeError, match=r"'web \(lt-.*\)' has SecurityGroupIds in its version 1"):
        collection.configure("db-1", network, launch={"launch_template": {"name": "web"}})


def test_a_group_of_another_vpc(ec2, collection, network):
    """The error names both VPCs."""
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_security_group(GroupName="theirs", Description="d", VpcId=other)
    with pytest.raises(NodeError, match=f"security_groups 'theirs' is a group of {other}, not of {network.vpc_id}"):
        collection.configure("db-1", network, security_groups=["theirs"])


def test_an_address_of_another_interface(ec2, collection, network):
    """The error names it, also when it has the address as a secondary one; one that only looks alike is none."""
    other = ec2.create_network_interface(
        SubnetId=network.subnet_a_id, PrivateIpAddresses=[
            {"PrivateIpAddress": "10.0.1.99", "Primary": True},
            {"PrivateIpAddress": "10.0.1.115", "Primary": False},
        ],
    )["NetworkInterface"]["NetworkInterfaceId"]  # fmt: skip
    collection.configure("db-2", network, private_ip_address="10.0.1.11")
    with pytest.raises(NodeError, match=rf"private_ip_address '10.0.1.115' .*{other} .attached to nothing"):
        collection.configure("db-1", network, private_ip_address="10.0.1.115")


def test_an_address_of_an_instance(ec2, collection, network):
    """The error names the instance."""
    launched = ec2.run_instances(
        ImageId=network.image_id, MinCount=1, MaxCount=1, SubnetId=network.subnet_a_id, PrivateIpAddress="10.0.1.77"
    )["Instances"][0]["InstanceId"]
    with pytest.raises(NodeError, match=f"attached to {launched}"):
        collection.configure("db-1", network, private_ip_address="10.0.1.77")


def test_an_elastic_ip_that_is_associated_elsewhere(ec2, collection, network):
    """The error names with which interface."""
    other = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]["NetworkInterfaceId"]
    address = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=other)
    with pytest.raises(NodeError, match=f"elastic_ip .* is associated with network interface {other}"):
        collection.configure("db-1", network, elastic_ip=address["AllocationId"], public_ip_assignment="enabled")
