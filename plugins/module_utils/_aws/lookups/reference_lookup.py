# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a configuration names, looked up in EC2. One method per read; each blocks and raises AwsError.

Reads use filters, where an unknown id is just not found; launch template versions have none for ids. An id that EC2
does not even accept is not found either: whoever asked says so, with the option that gave it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..._core.configuration.lookups import AddressHolder, FoundSubnet, LaunchTemplateVersion, SecurityGroup, Zone
from ..._core.model.config import Subnet
from ..._core.model.observed import Address
from ..api.descriptions import to_address, to_tags
from ..calls.aws_error import AwsError, translated

MALFORMED = ".Malformed"
UNKNOWN_TEMPLATE = ("InvalidLaunchTemplateId.", "InvalidLaunchTemplateName.", "InvalidLaunchTemplateVersion.")


class Lookup:
    """EC2's reads that validation needs, through a boto3 EC2 client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def region(self) -> str:
        """The region that is asked."""
        return str(self._client.meta.region_name)

    def find_subnet(self, subnet_id: str) -> FoundSubnet | None:
        """Find a subnet."""
        found = self._read("describe_subnets", "Subnets", {"subnet-id": [subnet_id]})
        return next((_to_subnet(subnet) for subnet in found), None)

    def find_zone(self, name: str) -> Zone | None:
        """Find an Availability Zone, Local Zone or Wavelength Zone by its name."""
        found = self._read("describe_availability_zones", "AvailabilityZones", {"zone-name": [name]})
        return next((_to_zone(zone) for zone in found), None)

    def list_security_groups(self, field: str, values: Iterable[str]) -> tuple[SecurityGroup, ...]:
        """Find the security groups, of any VPC, whose `group-id` or `group-name` is among the values."""
        found = self._read("describe_security_groups", "SecurityGroups", {field: list(values)})
        return tuple(_to_security_group(group) for group in found)

    def find_address(self, field: str, value: str) -> Address | None:
        """Find the Elastic IP whose `allocation-id` or `public-ip` is the value."""
        found = self._read("describe_addresses", "Addresses", {field: [value]})
        return next((to_address(address) for address in found), None)

    def find_address_holders(self, subnet_id: str, addresses: Iterable[str]) -> dict[str, AddressHolder]:
        """Find the interfaces of a subnet that have the private addresses, by address."""
        wanted = list(addresses)
        filters = {"subnet-id": [subnet_id], "addresses.private-ip-address": wanted}
        found = self._read("describe_network_interfaces", "NetworkInterfaces", filters)
        return {address: _to_holder(item) for item in found for address in _addresses(item) if address in wanted}

    def find_holder(self, network_interface_id: str | None) -> AddressHolder | None:
        """Find an interface by its id, and what it is attached to; None for none."""
        ids = [network_interface_id] if network_interface_id else []
        found = self._read("describe_network_interfaces", "NetworkInterfaces", {"network-interface-id": ids})
        return next((_to_holder(item) for item in found), None)

    def find_launch_template(self, field: str, value: str, version: str) -> LaunchTemplateVersion | None:
        """Find a version (a number, `$Latest` or `$Default`) by `LaunchTemplateId` or `LaunchTemplateName`."""
        try:
            with translated("DescribeLaunchTemplateVersions"):
                answer = self._client.describe_launch_template_versions(**{field: value, "Versions": [version]})
        except AwsError as error:
            if error.code.startswith(UNKNOWN_TEMPLATE):
                return None
            raise
        return next((_to_launch_template(item) for item in answer["LaunchTemplateVersions"]), None)

    def find_interface_limits(self, instance_types: Iterable[str]) -> dict[str, int]:
        """Say how many network interfaces an instance takes, of those of the types that the region has."""
        found = self._read("describe_instance_types", "InstanceTypes", {"instance-type": sorted(set(instance_types))})
        return {item["InstanceType"]: int(item["NetworkInfo"]["MaximumNetworkInterfaces"]) for item in found}

    def _read(self, operation: str, key: str, filters: dict[str, list[str]], **options: bool) -> list[dict[str, Any]]:
        # A filter without values would find everything.
        if not all(filters.values()):
            return []
        try:
            return self._describe(operation, key, filters, options)
        except AwsError as error:
            if not error.code.endswith(MALFORMED):
                raise
        return self._read_one_by_one(operation, key, filters, options)

    def _read_one_by_one(
        self, operation: str, key: str, filters: dict[str, list[str]], options: dict[str, bool]
    ) -> list[dict[str, Any]]:
        """Find what the well-formed values name: one that is malformed has failed the whole read."""
        field, values = list(filters.items())[-1]
        if len(values) == 1:
            return []
        return [item for value in values for item in self._read(operation, key, {**filters, field: [value]}, **options)]

    def _describe(
        self, operation: str, key: str, filters: dict[str, list[str]], options: dict[str, bool]
    ) -> list[dict[str, Any]]:
        asked = {"Filters": [{"Name": name, "Values": values} for name, values in filters.items()], **options}
        with translated("".join(word.capitalize() for word in operation.split("_"))):
            if not self._client.can_paginate(operation):
                return list(getattr(self._client, operation)(**asked).get(key, []))
            return [
                item for page in self._client.get_paginator(operation).paginate(**asked) for item in page.get(key, [])
            ]


def _to_zone(answer: dict[str, Any]) -> Zone:
    return Zone(
        name=answer["ZoneName"],
        zone_type=answer.get("ZoneType", "availability-zone"),
        network_border_group=answer.get("NetworkBorderGroup", answer["RegionName"]),
    )


def _to_subnet(answer: dict[str, Any]) -> FoundSubnet:
    subnet = Subnet(
        subnet_id=answer["SubnetId"],
        vpc_id=answer["VpcId"],
        availability_zone=answer["AvailabilityZone"],
        # A subnet that has IPv6 only has no IPv4 range.
        cidr_block=answer.get("CidrBlock", ""),
        assigns_public_ip=answer.get("MapPublicIpOnLaunch", False),
    )
    ranges = answer.get("Ipv6CidrBlockAssociationSet", [])
    return FoundSubnet(
        subnet=subnet,
        has_ipv6=any(item.get("Ipv6CidrBlockState", {}).get("State") == "associated" for item in ranges),
        is_on_outpost=bool(answer.get("OutpostArn")),
    )


def _to_security_group(answer: dict[str, Any]) -> SecurityGroup:
    return SecurityGroup(
        group_id=answer["GroupId"], group_name=answer.get("GroupName", ""), vpc_id=answer.get("VpcId", "")
    )


def _addresses(answer: dict[str, Any]) -> set[str]:
    return {item["PrivateIpAddress"] for item in answer.get("PrivateIpAddresses", [])}


def _to_holder(answer: dict[str, Any]) -> AddressHolder:
    attachment = answer.get("Attachment") or {}
    # A load balancer's or a NAT gateway's interface has no instance: its description says whose it is.
    owner = answer.get("Description") or attachment.get("InstanceOwnerId")
    is_used = attachment or answer.get("Status") == "in-use"
    return AddressHolder(
        network_interface_id=answer["NetworkInterfaceId"],
        attached_to=attachment.get("InstanceId") or (owner if is_used else None),
        tags=to_tags(answer.get("TagSet")),
    )


def _to_launch_template(answer: dict[str, Any]) -> LaunchTemplateVersion:
    return LaunchTemplateVersion(
        id=answer["LaunchTemplateId"],
        name=answer["LaunchTemplateName"],
        version=str(answer["VersionNumber"]),
        data=answer.get("LaunchTemplateData", {}),
    )
