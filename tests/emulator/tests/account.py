# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An account in few words: what most tests of the emulator do with EC2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.emulator.network import Network
from tests.support.waiting import until


def error_of(call: Callable[..., Any], **parameters: Any) -> str:
    """The error's code, or OK."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "OK"


@dataclass
class Account:
    ec2: Any
    network: Network

    def create_interface(self, subnet_id: str | None = None, **parameters: Any) -> str:
        made = self.ec2.create_network_interface(SubnetId=subnet_id or self.network.subnet_a_id, **parameters)
        return made["NetworkInterface"]["NetworkInterfaceId"]

    def interface(self, interface_id: str) -> dict[str, Any]:
        return self.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"][0]

    def request(self, interface_id: str | None = None, **parameters: Any) -> dict[str, Any]:
        """The parameters of a launch, on an interface or in subnet a."""
        nics = [{"NetworkInterfaceId": interface_id, "DeviceIndex": 0}]
        where = {"NetworkInterfaces": nics} if interface_id else {"SubnetId": self.network.subnet_a_id}
        basics = {"ImageId": self.network.image_id, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
        return {**basics, **where, **parameters}

    def launch(self, interface_id: str | None = None, **parameters: Any) -> str:
        return self.ec2.run_instances(**self.request(interface_id, **parameters))["Instances"][0]["InstanceId"]

    def run(self, interface_id: str | None = None, **parameters: Any) -> str:
        instance_id = self.launch(interface_id, **parameters)
        self.wait_for(instance_id, "running")
        return instance_id

    def instance(self, instance_id: str) -> dict[str, Any]:
        found = self.ec2.describe_instances(InstanceIds=[instance_id])
        return found["Reservations"][0]["Instances"][0]

    def state(self, instance_id: str) -> str:
        return self.instance(instance_id)["State"]["Name"]

    def wait_for(self, instance_id: str, state: str) -> None:
        until(lambda: self.state(instance_id) == state)

    def terminate(self, instance_id: str) -> None:
        self.ec2.terminate_instances(InstanceIds=[instance_id])
        self.wait_for(instance_id, "terminated")

    def allocate(self) -> dict[str, Any]:
        return self.ec2.allocate_address(Domain="vpc")

    def address(self, allocation_id: str) -> dict[str, Any]:
        return self.ec2.describe_addresses(AllocationIds=[allocation_id])["Addresses"][0]
