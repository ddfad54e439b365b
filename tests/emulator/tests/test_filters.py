# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from typing import Any

import pytest

from .account import Account, error_of


@pytest.fixture
def pair(account: Account) -> dict[str, Any]:
    """A running instance on a tagged interface with an Elastic IP; another interface beside it."""
    tags = [{"ResourceType": "network-interface", "Tags": [{"Key": "stateful_node:name", "Value": "one"}]}]
    interface_id = account.create_interface(Description="node one", TagSpecifications=tags)
    account.create_interface(account.network.subnet_b_id)
    address = account.allocate()
    account.ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=interface_id)
    instance_id = account.run(interface_id, ClientToken="token", InstanceMarketOptions={"MarketType": "spot"})
    account.run(SubnetId=account.network.subnet_b_id)
    return {"interface": account.interface(interface_id), "instance": instance_id, **address}


def test_interfaces_by_every_side(account: Account, pair: dict[str, Any]) -> None:
    interface = pair["interface"]
    filters = {
        "tag:stateful_node:name": "one",
        "attachment.instance-id": pair["instance"],
        "attachment.attachment-id": interface["Attachment"]["AttachmentId"],
        "association.allocation-id": pair["AllocationId"],
        "association.public-ip": pair["PublicIp"],
        "addresses.association.public-ip": pair["PublicIp"],
        "addresses.private-ip-address": interface["PrivateIpAddress"],
        "mac-address": interface["MacAddress"],
        "subnet-id": account.network.subnet_a_id,
        "description": "node *",
        "tag-key": "stateful_node:*",
        "attachment.delete-on-termination": "false",
    }
    wrong = {}
    for name, value in filters.items():
        by_it = [{"Name": name, "Values": [value]}]
        found = account.ec2.describe_network_interfaces(Filters=by_it)["NetworkInterfaces"]
        if [each["NetworkInterfaceId"] for each in found] != [interface["NetworkInterfaceId"]]:
            wrong[name] = len(found)
    assert wrong == {}


def test_instances_by_every_side(account: Account, pair: dict[str, Any]) -> None:
    filters = {
        "instance-id": pair["instance"],
        "network-interface.network-interface-id": pair["interface"]["NetworkInterfaceId"],
        "network-interface.addresses.private-ip-address": pair["interface"]["PrivateIpAddress"],
        "private-ip-address": pair["interface"]["PrivateIpAddress"],
        "ip-address": pair["PublicIp"],
        "client-token": "token",
        "instance-lifecycle": "spot",
        "availability-zone": account.network.zone_a,
    }
    wrong = {}
    for name, value in filters.items():
        found = account.ec2.describe_instances(Filters=[{"Name": name, "Values": [value]}])["Reservations"]
        if [each["InstanceId"] for reservation in found for each in reservation["Instances"]] != [pair["instance"]]:
            wrong[name] = len(found)
    assert wrong == {}


def test_an_unknown_filter_and_too_many_values_are_refused(account: Account) -> None:
    for describe in (account.ec2.describe_network_interfaces, account.ec2.describe_instances):
        assert error_of(describe, Filters=[{"Name": "no-such", "Values": ["x"]}]) == "InvalidParameterValue"
        many = [f"i-{number:017x}" for number in range(201)]
        assert error_of(describe, Filters=[{"Name": "vpc-id", "Values": many[:200]}]) == "OK"
        assert error_of(describe, Filters=[{"Name": "vpc-id", "Values": many}]) == "FilterLimitExceeded"


def test_a_missing_id_is_an_error_and_a_missing_filter_value_is_none(account: Account) -> None:
    instance_id, missing = account.run(), "i-0123456789abcdef0"
    describe = account.ec2.describe_instances
    assert error_of(describe, InstanceIds=[instance_id, missing]) == "InvalidInstanceID.NotFound"
    by_id = [{"Name": "instance-id", "Values": [instance_id, missing]}]
    assert len(describe(Filters=by_id)["Reservations"]) == 1
    describe_interfaces = account.ec2.describe_network_interfaces
    assert error_of(describe_interfaces, NetworkInterfaceIds=["bogus"]) == "InvalidNetworkInterfaceId.Malformed"


def test_interfaces_come_in_pages(account: Account) -> None:
    made = {account.create_interface() for _ in range(12)}
    pages = account.ec2.get_paginator("describe_network_interfaces").paginate(PaginationConfig={"PageSize": 5})
    shown = [[each["NetworkInterfaceId"] for each in page["NetworkInterfaces"]] for page in pages]
    assert [len(page) for page in shown] == [5, 5, 2]
    assert {each for page in shown for each in page} == made
    one = {"NetworkInterfaceIds": [next(iter(made))], "MaxResults": 5}
    assert error_of(account.ec2.describe_network_interfaces, **one) == "InvalidParameterCombination"


def test_a_thousand_interfaces_are_searched_quickly(account: Account) -> None:
    subnet = account.ec2.create_subnet(VpcId=account.network.vpc_id, CidrBlock="10.0.16.0/20")["Subnet"]["SubnetId"]

    def tags(number: int) -> list[dict[str, Any]]:
        pair = {"Key": "stateful_node:name", "Value": f"node-{number}"}
        return [{"ResourceType": "network-interface", "Tags": [pair]}]

    made = [account.create_interface(subnet, TagSpecifications=tags(number)) for number in range(1000)]
    describe = account.ec2.describe_network_interfaces
    by_tag = [{"Name": "tag:stateful_node:name", "Values": ["node-500"]}]

    def fastest(**parameters: Any) -> float:
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            [found] = describe(**parameters)["NetworkInterfaces"]
            taken.append(time.perf_counter() - began)
            assert found["NetworkInterfaceId"] == made[500]
        return min(taken)

    assert fastest(Filters=by_tag) < 0.05
    assert fastest(NetworkInterfaceIds=[made[500]]) < 0.05
