# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody does in the console to a node's things, with no regard for the node."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Identity
from botocore.exceptions import ClientError

from tests.emulator.network import Network

SECONDS = 10
"""How long EC2 is given to finish what somebody began."""


class ThirdParty:
    """Does deeds by name, and knows what in EC2 is theirs.

    `given` are private and IPv6 addresses that they gave the node's interface. What EC2 refuses is not done.
    """

    def __init__(self, ec2: Any, network: Network) -> None:
        self.ec2, self.network = ec2, network
        self.interfaces: set[str] = set()
        self.addresses: set[str] = set()
        self.instances: set[str] = set()
        self.volumes: set[str] = set()
        self.given: set[str] = set()

    @property
    def things(self) -> set[str]:
        """The ids of all that is theirs."""
        return self.interfaces | self.addresses | self.instances | self.volumes

    def do(self, deed: str, node: Identity, *, wait: bool = True) -> None:
        """Do a deed of OUT_OF_BAND_CHANGES or FORGERIES to the node; with `wait`, until EC2 is done with it."""
        with suppress(ClientError):
            (OUT_OF_BAND_CHANGES | FORGERIES)[deed](self, node)
        if wait:
            self.settle()

    def settle(self) -> None:
        """Wait until nothing in EC2 is on its way."""
        until = time.monotonic() + SECONDS
        while self._is_moving():
            assert time.monotonic() < until, "EC2 does not come to rest"
            time.sleep(0.005)

    def _is_moving(self) -> bool:
        found = [item for each in self.ec2.describe_instances()["Reservations"] for item in each["Instances"]]
        instances = {item["InstanceId"]: item["State"]["Name"] for item in found}
        interfaces = self.ec2.describe_network_interfaces()["NetworkInterfaces"]
        holders = {item["Attachment"].get("InstanceId") for item in interfaces if "Attachment" in item}
        leaving = any(instances.get(holder) == "terminated" for holder in holders)
        attachments = [shown["Attachment"]["Status"] for item in found for shown in item.get("NetworkInterfaces", ())]
        changing = any(status in ("attaching", "detaching") for status in attachments)
        return (
            leaving
            or changing
            or any(state in ("pending", "stopping", "shutting-down") for state in instances.values())
        )

    def own_address(self) -> str:
        """Allocate an address; returns its allocation id."""
        self.addresses.add(allocation_id := self.ec2.allocate_address(Domain="vpc")["AllocationId"])
        return allocation_id

    def own_interface(self, **parameters: Any) -> str:
        """Create an interface in the node's subnet."""
        made = self.ec2.create_network_interface(SubnetId=self.network.subnet_a_id, **parameters)["NetworkInterface"]
        self.interfaces.add(made["NetworkInterfaceId"])
        return str(made["NetworkInterfaceId"])

    def own_volume(self) -> str:
        """Create a volume in the node's zone; returns its id."""
        subnets = self.ec2.describe_subnets(SubnetIds=[self.network.subnet_a_id])["Subnets"]
        volume_id = self.ec2.create_volume(AvailabilityZone=subnets[0]["AvailabilityZone"], Size=1)["VolumeId"]
        self.volumes.add(volume_id)
        return str(volume_id)

    def tidy_up(self, node: Identity) -> None:
        """Give way: everything of theirs that is in the node's way goes, and the node's address is free again."""
        for address in self.ec2.describe_addresses()["Addresses"]:
            at = address.get("NetworkInterfaceId")
            strange = address["AllocationId"] in self.addresses and address["AllocationId"] != node.allocation_id
            if at in self.interfaces or (at and at == node.network_interface_id and strange):
                self.ec2.disassociate_address(AssociationId=address["AssociationId"])
        if self.instances:
            self.ec2.terminate_instances(InstanceIds=sorted(self.instances))
        self.do("unprotect the instance", node)
        for interface_id in self.interfaces:
            self.ec2.delete_network_interface(NetworkInterfaceId=interface_id)
        self.interfaces.clear()


def _terminate(who: ThirdParty, node: Identity) -> None:
    who.ec2.terminate_instances(InstanceIds=[node.instance_id or ""])


def _stop(who: ThirdParty, node: Identity) -> None:
    who.ec2.stop_instances(InstanceIds=[node.instance_id or ""])


def _protect(who: ThirdParty, node: Identity) -> None:
    _set_protection(who, node, on=True)


def _unprotect(who: ThirdParty, node: Identity) -> None:
    _set_protection(who, node, on=False)


def _set_protection(who: ThirdParty, node: Identity, *, on: bool) -> None:
    who.ec2.modify_instance_attribute(InstanceId=node.instance_id or "", DisableApiTermination={"Value": on})


def _attachment(who: ThirdParty, node: Identity) -> dict[str, Any]:
    found = who.ec2.describe_network_interfaces(NetworkInterfaceIds=[node.network_interface_id or ""])
    return dict(found["NetworkInterfaces"][0].get("Attachment", {}))


def _delete_interface(who: ThirdParty, node: Identity) -> None:
    who.ec2.delete_network_interface(NetworkInterfaceId=node.network_interface_id or "")


def _detach_interface(who: ThirdParty, node: Identity) -> None:
    who.ec2.detach_network_interface(AttachmentId=_attachment(who, node).get("AttachmentId", ""), Force=True)


def _set_delete_on_termination(who: ThirdParty, node: Identity) -> None:
    attachment = {"AttachmentId": _attachment(who, node).get("AttachmentId", ""), "DeleteOnTermination": True}
    who.ec2.modify_network_interface_attribute(NetworkInterfaceId=node.network_interface_id, Attachment=attachment)


def _terminate_with_interface(who: ThirdParty, node: Identity) -> None:
    _set_delete_on_termination(who, node)
    _terminate(who, node)


def _take_private_ip(who: ThirdParty, node: Identity) -> None:
    who.own_interface(PrivateIpAddress=node.private_ip_address or "")


def _take_secondary_ip(who: ThirdParty, node: Identity) -> None:
    who.own_interface(PrivateIpAddress=node.private_ip_addresses[-1] if node.private_ip_addresses else "")


def _give_private_ip(who: ThirdParty, node: Identity) -> None:
    made = who.ec2.assign_private_ip_addresses(
        NetworkInterfaceId=node.network_interface_id or "", SecondaryPrivateIpAddressCount=1
    )
    who.given.update(item["PrivateIpAddress"] for item in made["AssignedPrivateIpAddresses"])


def _take_private_ip_off(who: ThirdParty, node: Identity) -> None:
    who.ec2.unassign_private_ip_addresses(
        NetworkInterfaceId=node.network_interface_id or "", PrivateIpAddresses=list(node.private_ip_addresses[1:])
    )


def _take_ipv6_off(who: ThirdParty, node: Identity) -> None:
    who.ec2.unassign_ipv6_addresses(
        NetworkInterfaceId=node.network_interface_id or "", Ipv6Addresses=list(node.ipv6_addresses)
    )


def _disassociate_address(who: ThirdParty, node: Identity) -> None:
    found = who.ec2.describe_addresses(AllocationIds=[node.allocation_id or ""])["Addresses"][0]
    who.ec2.disassociate_address(AssociationId=found.get("AssociationId", ""))


def _move_address(who: ThirdParty, node: Identity) -> None:
    if node.allocation_id:
        who.ec2.associate_address(
            AllocationId=node.allocation_id, NetworkInterfaceId=who.own_interface(), AllowReassociation=True
        )


def _release_address(who: ThirdParty, node: Identity) -> None:
    with suppress(ClientError):
        _disassociate_address(who, node)
    who.ec2.release_address(AllocationId=node.allocation_id or "")


def _put_address_on_interface(who: ThirdParty, node: Identity) -> None:
    if node.network_interface_id:
        who.ec2.associate_address(
            AllocationId=who.own_address(), NetworkInterfaceId=node.network_interface_id, AllowReassociation=True
        )


def _change_security_groups(who: ThirdParty, node: Identity) -> None:
    who.ec2.modify_network_interface_attribute(
        NetworkInterfaceId=node.network_interface_id or "", Groups=[who.network.other_security_group_id]
    )


def _switch_source_dest_check(who: ThirdParty, node: Identity) -> None:
    who.ec2.modify_network_interface_attribute(
        NetworkInterfaceId=node.network_interface_id or "", SourceDestCheck={"Value": False}
    )


def _edit_tags(who: ThirdParty, node: Identity) -> None:
    tags = {"Name": "renamed", "team": "somebody's", "console": "was here"}
    _set_tags(who, [node.network_interface_id, node.instance_id, node.allocation_id], tags)


def _edit_own_tags(who: ThirdParty, node: Identity) -> None:
    tags = {"stateful_node:name": "another", "stateful_node:table": "another"}
    _set_tags(who, [node.network_interface_id, node.instance_id, node.allocation_id], tags)


def _set_tags(who: ThirdParty, resources: list[str | None], tags: dict[str, str]) -> None:
    for resource in filter(None, resources):
        with suppress(ClientError):
            who.ec2.create_tags(
                Resources=[resource], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
            )


def _remove_tags(who: ThirdParty, node: Identity) -> None:
    for resource in filter(None, [node.network_interface_id, node.instance_id, node.allocation_id]):
        tags = who.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [resource]}])["Tags"]
        if tags:
            who.ec2.delete_tags(Resources=[resource], Tags=[{"Key": tag["Key"]} for tag in tags])


def _launch_on_interface(who: ThirdParty, node: Identity) -> None:
    if not node.network_interface_id:
        return
    interface = {"NetworkInterfaceId": node.network_interface_id, "DeviceIndex": 0}
    made = who.ec2.run_instances(
        ImageId=who.network.image_id, InstanceType="t3.nano", MinCount=1, MaxCount=1, NetworkInterfaces=[interface]
    )
    who.instances.add(made["Instances"][0]["InstanceId"])


def _forge(who: ThirdParty, node: Identity, resources: list[str], **tags: str) -> None:
    """Give resources the tags of the node, whose name is that of its interface's tags."""
    found = who.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [node.network_interface_id or ""]}])
    own = {
        tag["Key"]: tag["Value"] for tag in found["Tags"] if tag["Key"] in ("stateful_node:table", "stateful_node:name")
    }
    _set_tags(who, list(resources), {**own, **{f"stateful_node:{key}": value for key, value in tags.items()}})


def _forge_instance(who: ThirdParty, node: Identity, generation: int) -> None:
    interface = {"NetworkInterfaceId": who.own_interface(), "DeviceIndex": 0}
    made = who.ec2.run_instances(
        ImageId=who.network.image_id, InstanceType="t3.nano", MinCount=1, MaxCount=1, NetworkInterfaces=[interface]
    )
    instance_id = made["Instances"][0]["InstanceId"]
    who.instances.add(instance_id)
    _forge(who, node, [instance_id], generation=str(generation))


def _forge_present_instance(who: ThirdParty, node: Identity) -> None:
    _forge_instance(who, node, node.generation)


def _forge_next_instance(who: ThirdParty, node: Identity) -> None:
    _forge_instance(who, node, node.generation + 1)


def _forge_interface(who: ThirdParty, node: Identity) -> None:
    _forge(who, node, [who.own_interface()])


def _forge_next_interface(who: ThirdParty, node: Identity) -> None:
    _forge(who, node, [who.own_interface()], role="next")


def _forge_address(who: ThirdParty, node: Identity) -> None:
    _forge(who, node, [who.own_address()])


def _forge_volume(who: ThirdParty, node: Identity) -> None:
    _forge(who, node, [who.own_volume()])


FORGERIES: dict[str, Callable[[ThirdParty, Identity], None]] = {
    "forge an instance of this generation": _forge_present_instance,
    "forge an instance of the next generation": _forge_next_instance,
    "forge an interface": _forge_interface,
    "forge the next interface": _forge_next_interface,
    "forge an address": _forge_address,
    "forge a volume": _forge_volume,
}
"""What another person makes and gives the tags of the node: nothing but noise for every operation."""

OUT_OF_BAND_CHANGES: dict[str, Callable[[ThirdParty, Identity], None]] = {
    "terminate the instance": _terminate,
    "stop the instance": _stop,
    "protect the instance": _protect,
    "unprotect the instance": _unprotect,
    "delete the interface": _delete_interface,
    "detach the interface": _detach_interface,
    "set DeleteOnTermination": _set_delete_on_termination,
    "terminate with the interface": _terminate_with_interface,
    "take the private IP": _take_private_ip,
    "take the last private IP": _take_secondary_ip,
    "give a private IP": _give_private_ip,
    "take private IPs off": _take_private_ip_off,
    "take IPv6 off": _take_ipv6_off,
    "disassociate the Elastic IP": _disassociate_address,
    "move the Elastic IP": _move_address,
    "release the Elastic IP": _release_address,
    "put an Elastic IP on the interface": _put_address_on_interface,
    "change security groups": _change_security_groups,
    "switch the source/destination check": _switch_source_dest_check,
    "edit tags": _edit_tags,
    "edit our own tags": _edit_own_tags,
    "remove all tags": _remove_tags,
    "launch on the interface": _launch_on_interface,
}
"""What may be done: each takes what the node's record says of it, and raises ClientError where EC2 refuses."""
