# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input: the error names the node, the option, the value and the way out; nothing is created or written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context.failures import aws_message

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection

RESERVED = ("10.0.1.0", "10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.255")
TEMPLATE_FIELDS: dict[str, dict[str, Any]] = {
    "SecurityGroupIds": {"SecurityGroupIds": ["sg-0123456789abcdef0"]},
    "SecurityGroups": {"SecurityGroups": ["nodes"]},
    "NetworkInterfaces": {"NetworkInterfaces": [{"DeviceIndex": 0}]},
    "InstanceMarketOptions": {"InstanceMarketOptions": {"MarketType": "spot"}},
    "InstanceRequirements": {"InstanceRequirements": {"VCpuCount": {"Min": 2}, "MemoryMiB": {"Min": 1024}}},
    "TagSpecifications for network-interface": {
        "TagSpecifications": [{"ResourceType": "network-interface", "Tags": [{"Key": "x", "Value": "y"}]}]
    },
    "TagSpecifications for spot-instances-request": {
        "TagSpecifications": [{"ResourceType": "spot-instances-request", "Tags": [{"Key": "x", "Value": "y"}]}]
    },
}


@dataclass(frozen=True)
class ReferredResources:
    """What there is in EC2 for bad input to refer to."""

    network: Network
    ec2: Any

    def hold(self, address: str) -> str:
        """Make an interface that has the address; returns its id."""
        made = self.ec2.create_network_interface(SubnetId=self.network.subnet_a_id, PrivateIpAddress=address)
        return made["NetworkInterface"]["NetworkInterfaceId"]

    def allocate(self) -> dict[str, str]:
        return self.ec2.allocate_address(Domain="vpc")

    def make_template(self, **data: Any) -> str:
        data = {"ImageId": self.network.image_id, "InstanceType": "t3.micro", **data}
        made = self.ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)
        return made["LaunchTemplate"]["LaunchTemplateId"]

    def make_foreign_group(self) -> str:
        vpc_id = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        return self.ec2.create_security_group(GroupName="elsewhere", Description="x", VpcId=vpc_id)["GroupId"]


Bad = tuple[dict[str, Any], list[str]]
"""Options of stateful_node_config, and what the error must contain beside the node's name."""


def _held(world: ReferredResources) -> Bad:
    return {"private_ip_address": "10.0.1.50"}, [
        "private_ip_address '10.0.1.50'", world.hold("10.0.1.50"), "Take another address",
    ]  # fmt: skip


def _held_secondary(world: ReferredResources) -> Bad:
    return {"secondary_private_ip_addresses": ["10.0.1.51", "10.0.1.50"]}, [
        "secondary_private_ip_addresses '10.0.1.50'", world.hold("10.0.1.50"), "Take another address",
    ]  # fmt: skip


def _foreign_group(world: ReferredResources) -> Bad:
    group = world.make_foreign_group()
    return {"security_groups": [group]}, [f"security_groups '{group}'", world.network.vpc_id, "Give ids or names"]


def _associated_address(world: ReferredResources) -> Bad:
    address, interface = world.allocate(), world.hold("10.0.1.50")
    world.ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=interface)
    return {"elastic_ip": address["PublicIp"], "public_ip_assignment": "enabled"}, [
        "elastic_ip '", address["PublicIp"], interface, "Disassociate it there first",
    ]  # fmt: skip


def _address_not_allowed(world: ReferredResources, assignment: str, why: str) -> Bad:
    address = world.allocate()
    return {"elastic_ip": address["AllocationId"], "public_ip_assignment": assignment}, [
        f"elastic_ip '{address['AllocationId']}'", why, "Give public_ip_assignment: enabled",
    ]  # fmt: skip


def _template(world: ReferredResources, field: str) -> Bad:
    template = world.make_template(**TEMPLATE_FIELDS[field])
    return {"launch": {"launch_template": {"id": template}}}, [
        "launch.launch_template", template, "version 1", f" {field} ", f"Make a version without {field}",
    ]  # fmt: skip


def _options(options: dict[str, Any], *needed: str) -> Callable[[ReferredResources], Bad]:
    return lambda world: (options, list(needed))


CASES: dict[str, Callable[[ReferredResources], Bad]] = {
    "address outside the subnet": _options(
        {"private_ip_address": "10.0.2.5"}, "private_ip_address '10.0.2.5'", "outside 10.0.1.0/24", "Take another"
    ),
    **{
        f"reserved address {address}": _options(
            {"private_ip_address": address}, f"private_ip_address '{address}'", "reserved", "Take another address"
        )
        for address in RESERVED
    },
    "no address at all": _options({"private_ip_address": "10.0.1"}, "private_ip_address '10.0.1'", "Write it as"),
    "address held": _held,
    "secondary address held": _held_secondary,
    "unknown subnet": _options(
        {"subnet_id": "subnet-0123456789abcdef0"}, "subnet_id 'subnet-0123456789abcdef0'", "us-east-1", "region"
    ),
    "unknown security group id": _options(
        {"security_groups": ["sg-0123456789abcdef0"]}, "security_groups 'sg-0123456789abcdef0'", "Give ids or names"
    ),
    "unknown security group name": _options(
        {"security_groups": ["nodez"]}, "security_groups 'nodez'", "Give ids or names"
    ),
    "security group of another VPC": _foreign_group,
    "unknown allocation": _options(
        {"elastic_ip": "eipalloc-0123456789abcdef0", "public_ip_assignment": "enabled"},
        "elastic_ip 'eipalloc-0123456789abcdef0'",
        "give 'new'",
    ),
    "unknown public address": _options(
        {"elastic_ip": "203.0.113.9", "public_ip_assignment": "enabled"}, "elastic_ip '203.0.113.9'", "give 'new'"
    ),
    "address associated elsewhere": _associated_address,
    "elastic IP while disabled": lambda world: _address_not_allowed(world, "disabled", "'disabled'"),
    "elastic IP in a private subnet": lambda world: _address_not_allowed(
        world, "subnet_default", "assigns no public addresses"
    ),
    "neither template nor image": _options({"launch": {"market": "spot"}}, "launch '", "Give launch.launch_template"),
    "image without a type": lambda world: (
        {"launch": {"image_id": world.network.image_id}},
        [f"launch.image_id '{world.network.image_id}'", "together with launch.instance_types"],
    ),
    "unknown launch template": _options(
        {"launch": {"launch_template": {"name": "no-such", "version": "7"}}},
        "launch.launch_template 'no-such'", "version 7", "Correct id, name or version",
    ),
    **{f"template with {field}": lambda world, field=field: _template(world, field) for field in TEMPLATE_FIELDS},
}  # fmt: skip


def record_of(emulator: Emulator, name: str = "a") -> dict[str, Any] | None:
    return emulator.client("dynamodb").get_item(TableName=TABLE, Key={"name": {"S": name}}).get("Item")


@pytest.mark.parametrize("case", CASES)
def test_a_configuration_that_cannot_be_is_refused(
    emulator: Emulator, network: Network, collection: Collection, case: str
) -> None:
    options, needed = CASES[case](ReferredResources(network, emulator.client("ec2")))
    emulator.clear_calls()
    given = {
        "subnet_id": network.subnet_a_id,
        "launch": {"image_id": network.image_id, "instance_types": ["t3.micro"]},
        **options,
    }
    with pytest.raises(NodeError) as refused:
        collection.run("config", name="cassandra-1", **given)
    message = str(refused.value)
    assert [text for text in ("cassandra-1: ", *needed) if text not in message] == []
    assert emulator.calls(mutating=True) == []
    assert record_of(emulator, "cassandra-1") is None


def test_a_bad_edit_leaves_the_record_as_it_is(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    before = record_of(emulator)
    for options in (
        {"private_ip_address": "10.0.1.1", "tags": {"service": "x"}},
        {"security_groups": ["nodez"]},
        {"launch": {"instance_types": []}},
    ):
        with pytest.raises(NodeError):
            collection.run("config", name="a", **options)
    assert record_of(emulator) == before


def test_a_subnet_of_another_region_is_unknown(emulator: Emulator, network: Network, collection: Collection) -> None:
    """The error names the region that was asked, for the other one is likely what was meant."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    elsewhere = boto3.client("ec2", endpoint_url=emulator.endpoint, region_name="us-west-2", **keys)
    vpc_id = elsewhere.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet_id = elsewhere.create_subnet(VpcId=vpc_id, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    with pytest.raises(NodeError, match=f"a: subnet_id '{subnet_id}' does not exist in us-east-1.*region"):
        collection.configure("a", network, subnet_id=subnet_id)
    assert record_of(emulator) is None


def test_a_node_that_has_its_interface_stays_in_its_subnet(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    (node,) = collection.run("eni", name="a").values["nodes"]
    before = record_of(emulator)
    emulator.clear_calls()
    with pytest.raises(NodeError) as refused:
        collection.run("config", name="a", subnet_id=network.subnet_b_id)
    for text in ("a: subnet_id", network.subnet_b_id, node["network_interface_id"], "allow_address_change=true"):
        assert text in str(refused.value)
    assert emulator.calls(mutating=True) == []
    assert record_of(emulator) == before


@pytest.mark.parametrize("name", ["", "all", "-a", ".a", "a b", "a/b", "ä", "a" * 64])
def test_a_name_that_no_node_can_have_is_refused(
    emulator: Emulator, network: Network, collection: Collection, name: str
) -> None:
    emulator.clear_calls()
    with pytest.raises(NodeError, match=f"'{name}' is not a valid node name: 1 to 63"):
        collection.configure(name, network)
    assert emulator.calls() == []


@pytest.mark.parametrize("operation", ["resume", "pause", "replace"])
def test_an_unknown_node_is_named_with_what_to_do(emulator: Emulator, collection: Collection, operation: str) -> None:
    emulator.clear_calls()
    (failure,) = collection.operate(operation, ["nobody"]).failures
    assert failure.code == "UnknownNode"
    for text in ("nobody", TABLE, "stateful_node_config"):
        assert text in failure.message
    assert emulator.calls(mutating=True) == []


@pytest.mark.parametrize("module", ["config", "eni", "eip", "instance", "operation", "info"])
def test_without_a_table_the_setup_playbook_is_named(emulator: Emulator, network: Network, module: str) -> None:
    params = {
        "config": {"name": "a", "subnet_id": network.subnet_a_id},
        "operation": {"name": ["a"], "state": "begun", "operation": "resume"},
    }
    emulator.clear_calls()
    with pytest.raises(AwsError) as refused:
        Collection(emulator.endpoint).run(module, **params.get(module, {"name": ["a"]}))
    assert "run the setup playbook, stateful_node.aws.setup" in aws_message(refused.value, playbook="resume")
    assert emulator.calls(mutating=True) == []
