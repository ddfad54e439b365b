# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EC2's answers turned into what the planner looks at."""

from __future__ import annotations

from typing import Any

from ..._core.model.observed import Address, Association, Attachment, Instance, NetworkInterface


def to_tags(answer: list[dict[str, str]] | None) -> dict[str, str]:
    """Turn `[{"Key": ..., "Value": ...}]` into a dictionary."""
    return {tag["Key"]: tag["Value"] for tag in answer or []}


def from_tags(tags: dict[str, str]) -> list[dict[str, str]]:
    """Turn a dictionary into the list of tags that EC2 takes, in a stable order."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def to_network_interface(answer: dict[str, Any]) -> NetworkInterface:
    """Read a NetworkInterface of DescribeNetworkInterfaces or CreateNetworkInterface."""
    return NetworkInterface(
        network_interface_id=answer["NetworkInterfaceId"],
        subnet_id=answer["SubnetId"],
        availability_zone=answer.get("AvailabilityZone", ""),
        status=answer.get("Status", "available"),
        private_ip_addresses=_private_ip_addresses(answer),
        ipv6_addresses=tuple(item["Ipv6Address"] for item in answer.get("Ipv6Addresses", [])),
        security_groups=tuple(sorted(group["GroupId"] for group in answer.get("Groups", []))),
        source_dest_check=answer.get("SourceDestCheck", True),
        tags=to_tags(answer.get("TagSet")),
        owner_id=answer.get("OwnerId"),
        attachment=_attachment(answer.get("Attachment")),
        association=_association(answer.get("Association")),
        secondary_associations=_secondary_associations(answer),
    )


def _private_ip_addresses(answer: dict[str, Any]) -> tuple[str, ...]:
    """List the private IPv4 addresses, the primary one first: none of an interface that has IPv6 only."""
    primary = answer.get("PrivateIpAddress")
    others = (item["PrivateIpAddress"] for item in answer.get("PrivateIpAddresses", []))
    listed = dict.fromkeys((primary, *others))
    return tuple(address for address in listed if address)


def _secondary_associations(answer: dict[str, Any]) -> dict[str, Association]:
    others = (item for item in answer.get("PrivateIpAddresses", []) if not item.get("Primary"))
    found = {item["PrivateIpAddress"]: _association(item.get("Association")) for item in others}
    return {address: association for address, association in found.items() if association}


def _attachment(answer: dict[str, Any] | None) -> Attachment | None:
    if not answer or not answer.get("AttachmentId") or answer.get("Status") == "detached":
        return None
    return Attachment(
        attachment_id=answer["AttachmentId"],
        instance_id=answer.get("InstanceId"),
        device_index=answer.get("DeviceIndex", 0),
        delete_on_termination=answer.get("DeleteOnTermination", False),
        status=answer.get("Status", "attached"),
    )


def _association(answer: dict[str, Any] | None) -> Association | None:
    if not answer or not answer.get("PublicIp"):
        return None
    return Association(
        public_ip=answer["PublicIp"],
        allocation_id=answer.get("AllocationId"),
        association_id=answer.get("AssociationId"),
    )


def to_instance(answer: dict[str, Any], owner_id: str | None = None) -> Instance:
    """Read an Instance of DescribeInstances or RunInstances; `owner_id` is that of its reservation."""
    reason = answer.get("StateReason", {})
    return Instance(
        instance_id=answer["InstanceId"],
        state=answer["State"]["Name"],
        instance_type=answer.get("InstanceType", ""),
        market="spot" if answer.get("InstanceLifecycle") == "spot" else "on_demand",
        tags=to_tags(answer.get("Tags")),
        state_reason=reason.get("Code"),
        state_reason_message=reason.get("Message"),
        volume_ids=tuple(found["Ebs"]["VolumeId"] for found in answer.get("BlockDeviceMappings", []) if "Ebs" in found),
        spot_instance_request_id=answer.get("SpotInstanceRequestId"),
        primary_network_interface_id=_primary_network_interface_id(answer),
        client_token=answer.get("ClientToken") or "",
        owner_id=owner_id,
        launched_at=_launched_at(answer),
        key_name=answer.get("KeyName"),
    )


def _launched_at(answer: dict[str, Any]) -> str | None:
    launched = answer.get("LaunchTime")
    return launched.strftime("%Y-%m-%dT%H:%M:%SZ") if launched else None


def _primary_network_interface_id(answer: dict[str, Any]) -> str | None:
    found = answer.get("NetworkInterfaces", [])
    primary = (item["NetworkInterfaceId"] for item in found if item.get("Attachment", {}).get("DeviceIndex") == 0)
    return next(primary, None)


def to_address(answer: dict[str, Any]) -> Address:
    """Read an Address of DescribeAddresses, or the answer of AllocateAddress.

    One of a Wavelength Zone has a CarrierIp in place of the PublicIp, one of an Outpost's pool a CustomerOwnedIp
    (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Address.html).
    """
    public_ip = answer.get("PublicIp")
    return Address(
        allocation_id=answer["AllocationId"],
        public_ip=public_ip or answer.get("CarrierIp") or answer.get("CustomerOwnedIp") or "",
        network_border_group=answer.get("NetworkBorderGroup") or None,
        is_private_to_zone=not public_ip,
        association_id=answer.get("AssociationId") or None,
        network_interface_id=answer.get("NetworkInterfaceId") or None,
        instance_id=answer.get("InstanceId") or None,
        private_ip_address=answer.get("PrivateIpAddress") or None,
        tags=to_tags(answer.get("Tags")),
    )
