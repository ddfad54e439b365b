# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is in EC2 beside the nodes, and what somebody does there who knows nothing of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.readers import has_record


class AccountContents:
    """What there is in EC2, by id."""

    def __init__(self, emulator: Emulator) -> None:
        ec2 = emulator.client("ec2")
        found = [item for each in ec2.describe_instances()["Reservations"] for item in each["Instances"]]
        self.live = {item["InstanceId"]: item for item in found if item["State"]["Name"] == "running"}
        interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
        self.interfaces = {item["NetworkInterfaceId"]: item for item in interfaces}
        self.addresses = {item["AllocationId"]: item for item in ec2.describe_addresses()["Addresses"]}
        self.tags = ec2.describe_tags()["Tags"]

    @property
    def own_tags(self) -> list[dict[str, Any]]:
        """The collection's tags on what still lives."""
        alive = {*self.live, *self.interfaces, *self.addresses}
        return [tag for tag in self.tags if tag["Key"].startswith("stateful_node:") and tag["ResourceId"] in alive]


def launch(emulator: Emulator, network: Network, **parameters: Any) -> str:
    """Launch an instance as somebody does who knows nothing of nodes."""
    given = {"ImageId": network.image_id, "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1, **parameters}
    if "NetworkInterfaces" not in given:
        given = {"SubnetId": network.subnet_a_id, "SecurityGroupIds": [network.security_group_id], **given}
    return emulator.client("ec2").run_instances(**given)["Instances"][0]["InstanceId"]


def primary_interface(emulator: Emulator, instance_id: str) -> dict[str, Any]:
    filters = [
        {"Name": "attachment.instance-id", "Values": [instance_id]},
        {"Name": "attachment.device-index", "Values": ["0"]},
    ]
    (interface,) = emulator.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return interface


def give_address(emulator: Emulator, interface: dict[str, Any], on: str | None = None) -> dict[str, str]:
    ec2 = emulator.client("ec2")
    address = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(
        AllocationId=address["AllocationId"],
        NetworkInterfaceId=interface["NetworkInterfaceId"],
        PrivateIpAddress=on or interface["PrivateIpAddress"],
    )
    return address


def own_tags(emulator: Emulator, resource_id: str) -> dict[str, str]:
    found = emulator.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [resource_id]}])["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found if tag["Key"].startswith("stateful_node:")}


def tagged(tags: dict[str, str]) -> list[dict[str, Any]]:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": "instance", "Tags": listed}]


def refused(emulator: Emulator, collection: Collection, words: str, **options: Any) -> None:
    emulator.clear_calls()
    with pytest.raises(NodeError) as caught:
        collection.adopt("a", **options)
    assert words in str(caught.value)
    assert str(caught.value).startswith("a: ")
    assert emulator.calls(mutating=True) == []
    assert not has_record(collection)
