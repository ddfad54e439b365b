# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interfaces and instances as the API shows them.

moto's serializer (core/serialize.py XFormedAttributePicker) looks for up to ten names of every field on every object,
and finds private addresses without their Association; plain dicts with the API's own names are right and fast.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from .elastic_ips import association_of
from .tags import visible_tags


def tags(resource: Any) -> list[dict[str, str]] | None:
    found = visible_tags(resource)
    return [{"Key": key, "Value": value} for key, value in found.items()] if found else None


def groups(interface: Any) -> list[dict[str, str]]:
    return [{"GroupId": group.id, "GroupName": group.name} for group in interface._group_set]


def network_interface(interface: Any) -> dict[str, Any]:
    return {
        **_common(interface),
        "Attachment": _attachment(interface),
        "AvailabilityZone": interface.subnet.availability_zone,
        "InterfaceType": "interface",
        "Ipv6Addresses": [{"Ipv6Address": address} for address in interface.ipv6_addresses],
        "RequesterManaged": False,
        "TagSet": tags(interface) or [],
    }


def instance_network_interface(interface: Any) -> dict[str, Any]:
    """The shape of an interface inside DescribeInstances."""
    attachment = _attachment(interface)
    assert attachment is not None
    return {
        **_common(interface),
        "Attachment": {key: attachment[key] for key in INSTANCE_ATTACHMENT},
        "InterfaceType": "interface",
        "Ipv6Addresses": [{"Ipv6Address": address} for address in interface.ipv6_addresses],
    }


INSTANCE_ATTACHMENT = ("AttachTime", "AttachmentId", "DeleteOnTermination", "DeviceIndex", "Status", "NetworkCardIndex")


def _common(interface: Any) -> dict[str, Any]:
    return {
        "Association": association_of(interface, interface.private_ip_address),
        "Description": interface.description,
        "Groups": groups(interface),
        "MacAddress": interface.mac_address,
        "NetworkInterfaceId": interface.id,
        "OwnerId": interface.owner_id,
        **_private_addresses(interface),
        "SourceDestCheck": interface.source_dest_check,
        "Status": interface.status,
        "SubnetId": interface.subnet.id,
        "VpcId": interface.subnet.vpc_id,
    }


def _private_addresses(interface: Any) -> dict[str, Any]:
    """Nothing in a subnet that has IPv6 only."""
    if interface.subnet.ipv6_native:
        return {}
    return {
        "PrivateDnsName": private_dns_name(interface),
        "PrivateIpAddress": interface.private_ip_address,
        "PrivateIpAddresses": [_private_address(interface, item) for item in interface.private_ip_addresses],
    }


def _private_address(interface: Any, item: dict[str, Any]) -> dict[str, Any]:
    address = item["PrivateIpAddress"]
    return {
        "PrivateIpAddress": address,
        "Primary": address == interface.private_ip_address,
        "Association": association_of(interface, address),
    }


def private_dns_name(interface: Any) -> str | None:
    return f"ip-{interface.private_ip_address.replace('.', '-')}.ec2.internal"


def _attachment(interface: Any) -> dict[str, Any] | None:
    if not interface.attachment_id:
        return None
    return {
        "AttachTime": interface.attach_time,
        "AttachmentId": interface.attachment_id,
        "DeleteOnTermination": bool(interface.delete_on_termination),
        "DeviceIndex": interface.attached_device_index,
        "NetworkCardIndex": 0,
        "InstanceId": interface.attached_instance_id,
        "InstanceOwnerId": interface.owner_id,
        "Status": interface.attachment_status,
    }


def instance(instance: Any) -> dict[str, Any]:
    """Only what EC2 shows; a terminated instance has no network any more."""
    return {
        **_launch(instance),
        **_network(instance),
        "BlockDeviceMappings": _block_devices(instance),
        "IamInstanceProfile": _instance_profile(instance),
        "InstanceLifecycle": instance.lifecycle,
        "Operator": {"Managed": instance.operator is not None, "Principal": instance.operator},
        "SpotInstanceRequestId": instance.spot_instance_request_id,
        "State": {"Code": instance.state_code, "Name": instance.state},
        "StateReason": _state_reason(instance),
        "StateTransitionReason": instance._reason or "",
        "Tags": tags(instance),
    }


def _launch(instance: Any) -> dict[str, Any]:
    return {
        "AmiLaunchIndex": instance.ami_launch_index,
        "Architecture": instance.architecture,
        "CapacityReservationSpecification": getattr(instance, "capacity_reservation", None)
        or {"CapacityReservationPreference": "open"},
        "ClientToken": instance.client_token,
        "CpuOptions": _cpu_options(instance),
        "EbsOptimized": bool(instance.ebs_optimized),
        "EnaSupport": True,
        "Hypervisor": "xen",
        "ImageId": instance.image_id,
        "InstanceId": instance.id,
        "InstanceType": instance.instance_type,
        "KeyName": instance.key_name,
        "LaunchTime": instance.launch_time,
        "MetadataOptions": _metadata_options(instance.metadata_options),
        "Monitoring": instance.monitoring,
        "Placement": {
            "AvailabilityZone": instance.placement.zone,
            **_placement_group(instance),
            "Tenancy": instance.placement.tenancy,
        },
        "ProductCodes": [],
        "RootDeviceName": instance.root_device_name,
        "RootDeviceType": "ebs",
        "VirtualizationType": instance.virtualization_type,
    }


def _placement_group(instance: Any) -> dict[str, Any]:
    given: dict[str, Any] = getattr(instance, "requested_placement", {})
    shown = {name: given[name] for name in ("GroupId", "GroupName") if given.get(name)}
    if given.get("PartitionNumber") is not None:
        shown["PartitionNumber"] = int(given["PartitionNumber"])
    return {"GroupName": "", **shown}


def _cpu_options(instance: Any) -> dict[str, Any]:
    """The type's own where nothing was requested."""
    processor: dict[str, Any] = INSTANCE_TYPES.get(instance.instance_type, {}).get("VCpuInfo", {})
    default = {
        "CoreCount": processor.get("DefaultCores", 1),
        "ThreadsPerCore": processor.get("DefaultThreadsPerCore", 1),
    }
    given: dict[str, Any] = getattr(instance, "cpu_options", {})
    numbers = {name: int(given[name]) for name in default if given.get(name)}
    features = {"AmdSevSnp": given["AmdSevSnp"]} if given.get("AmdSevSnp") else {}
    return {**default, **numbers, **features}


def _network(instance: Any) -> dict[str, Any]:
    primary = instance.nics.get(0)
    if primary is None:
        return {"NetworkInterfaces": [], "SecurityGroups": [], "PrivateDnsName": "", "PublicDnsName": ""}
    association = association_of(primary, primary.private_ip_address) or {}
    return {
        "NetworkInterfaces": [instance_network_interface(nic) for _, nic in sorted(instance.nics.items())],
        "SecurityGroups": groups(primary),
        "PrivateIpAddress": primary.private_ip_address,
        "Ipv6Address": next(iter(primary.ipv6_addresses), None),
        "PrivateDnsName": private_dns_name(primary),
        "PublicIpAddress": association.get("PublicIp"),
        "PublicDnsName": association.get("PublicDnsName", ""),
        "SourceDestCheck": primary.source_dest_check,
        "SubnetId": primary.subnet.id,
        "VpcId": primary.subnet.vpc_id,
    }


def _block_devices(instance: Any) -> list[dict[str, Any]]:
    return [
        {
            "DeviceName": name,
            "Ebs": {
                "VolumeId": device.volume_id,
                "Status": "attached",
                "AttachTime": device.attach_time,
                "DeleteOnTermination": bool(device.delete_on_termination),
            },
        }
        for name, device in instance.get_block_device_mapping
    ]


def _instance_profile(instance: Any) -> dict[str, str] | None:
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    profile = association.iam_instance_profile if association else None
    return {"Arn": profile.arn, "Id": profile.id} if profile else None


def _metadata_options(options: Any) -> dict[str, Any]:
    return {
        "State": options.state,
        "HttpTokens": options.http_tokens,
        "HttpPutResponseHopLimit": options.http_put_response_hop_limit,
        "HttpEndpoint": options.http_endpoint,
        "HttpProtocolIpv6": options.http_protocol_ipv6,
        "InstanceMetadataTags": options.instance_metadata_tags,
    }


def _state_reason(instance: Any) -> dict[str, str] | None:
    reason = instance.state_reason
    return {"Code": reason.code, "Message": reason.message} if reason.code else None


def reservation(reservation: Any) -> dict[str, Any]:
    return {
        "ReservationId": reservation.id,
        "OwnerId": reservation.owner_id,
        "Groups": [],
        "Instances": [instance(each) for each in reservation.instances],
    }
