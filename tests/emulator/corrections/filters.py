# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Describing interfaces, instances and addresses by filter, by id and in pages.

ec2/models/elastic_network_interfaces.py get_filter_value, ec2/utils.py passes_filter_dict: filters on attachment.*,
association.*, network-interface.*, client-token answer with an HTML page (500); MaxResults of
DescribeNetworkInterfaces is not read; an id is looked for in the whole list.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any

from moto.ec2.exceptions import InvalidInstanceIdError, InvalidNetworkInterfaceIdError
from moto.ec2.responses import EC2Response
from moto.ec2.utils import simple_aws_filter_to_re

from ..errors import EC2ClientError, invalid, not_permitted_together
from ..world import world
from . import views
from .elastic_ips import association_of
from .patching import corrects
from .tags import visible_tags
from .xml import PlainResult

MOST_VALUES = 200
Values = Callable[[Any], Any]


def wanted(response: Any) -> dict[str, list[str]]:
    given: dict[str, list[str]] = response._filters_from_querystring()
    if sum(len(values) for values in given.values()) > MOST_VALUES:
        raise EC2ClientError(
            "FilterLimitExceeded", "The maximum number of filter values specified on a single call is 200"
        )
    return given


def select(resources: Iterable[Any], given: dict[str, list[str]], known: dict[str, Values]) -> list[Any]:
    tests = [(_values_of(name, known), _test(tuple(values))) for name, values in given.items()]
    return [
        each
        for each in resources
        if all(any(map(test, values(each))) for values, test in tests) and not world.consistency.is_fresh(each.id)
    ]


def _values_of(name: str, known: dict[str, Values]) -> Callable[[Any], list[str]]:
    if name.startswith("tag:"):
        key = name[len("tag:") :]
        return lambda each: [found] if (found := visible_tags(each).get(key)) is not None else []
    if name == "tag-key":
        return lambda each: list(visible_tags(each))
    if name not in known:
        raise invalid(f"The filter '{name}' is invalid")
    return lambda each: _texts(known[name](each))


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, (list, tuple, set)):
        return [text for item in value for text in _texts(item)]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


@functools.lru_cache(maxsize=1024)
def _test(values: tuple[str, ...]) -> Callable[[str], bool]:
    plain = frozenset(value for value in values if not set(value) & {"*", "?", "\\"})
    patterns = [re.compile(simple_aws_filter_to_re(value)) for value in values if value not in plain]
    return lambda text: text in plain or any(pattern.match(text) for pattern in patterns)


def page(response: Any, resources: list[Any]) -> tuple[list[Any], str | None]:
    start = int(response._get_param("NextToken") or 0)
    size = int(response._get_param("MaxResults") or 1000)
    following = start + size
    return resources[start:following], str(following) if following < len(resources) else None


def _attached(name: str) -> Values:
    return lambda interface: getattr(interface, name) if interface.attachment_id else None


def _associated(name: str) -> Values:
    def value(interface: Any) -> list[Any]:
        shown = [association_of(interface, item["PrivateIpAddress"]) for item in interface.private_ip_addresses]
        return [association.get(name) for association in shown if association]

    return value


INTERFACE: dict[str, Values] = {
    "network-interface-id": lambda each: each.id,
    "addresses.private-ip-address": lambda each: [item["PrivateIpAddress"] for item in each.private_ip_addresses],
    "addresses.primary": lambda each: [
        item["PrivateIpAddress"] == each.private_ip_address for item in each.private_ip_addresses
    ],
    "addresses.association.public-ip": _associated("PublicIp"),
    "addresses.association.owner-id": _associated("IpOwnerId"),
    "association.allocation-id": _associated("AllocationId"),
    "association.association-id": _associated("AssociationId"),
    "association.ip-owner-id": _associated("IpOwnerId"),
    "association.public-ip": _associated("PublicIp"),
    "association.public-dns-name": _associated("PublicDnsName"),
    "attachment.attach-time": _attached("attach_time"),
    "attachment.attachment-id": _attached("attachment_id"),
    "attachment.delete-on-termination": _attached("delete_on_termination"),
    "attachment.device-index": _attached("attached_device_index"),
    "attachment.instance-id": _attached("attached_instance_id"),
    "attachment.instance-owner-id": _attached("owner_id"),
    "attachment.status": _attached("attachment_status"),
    "availability-zone": lambda each: each.subnet.availability_zone,
    "description": lambda each: each.description,
    "group-id": lambda each: [group.id for group in each._group_set],
    "group-name": lambda each: [group.name for group in each._group_set],
    "interface-type": lambda each: "interface",
    "ipv6-addresses.ipv6-address": lambda each: each.ipv6_addresses,
    "mac-address": lambda each: each.mac_address,
    "owner-id": lambda each: each.owner_id,
    "private-dns-name": views.private_dns_name,
    "private-ip-address": lambda each: each.private_ip_address,
    "requester-id": lambda each: None,
    "requester-managed": lambda each: False,
    "source-dest-check": lambda each: each.source_dest_check,
    "status": lambda each: each.status,
    "subnet-id": lambda each: each.subnet.id,
    "vpc-id": lambda each: each.subnet.vpc_id,
}


@corrects(EC2Response, "describe_network_interfaces")
def _describe_network_interfaces(_original: Any, self: Any) -> PlainResult:
    ids, known = self._get_param("NetworkInterfaceIds", []), self.ec2_backend.enis
    self.error_on_dryrun()
    if ids and self._get_param("MaxResults"):
        raise not_permitted_together("The parameter NetworkInterfaceIds cannot be used with the parameter MaxResults")
    found = select(_by_id(ids, known), wanted(self), INTERFACE)
    shown, token = page(self, found)
    return PlainResult({"NetworkInterfaces": [views.network_interface(each) for each in shown], "NextToken": token})


def _by_id(ids: list[str], known: dict[str, Any]) -> list[Any]:
    if not ids:
        return list(known.values())
    for wanted_id in ids:
        if not re.fullmatch(r"eni-[0-9a-f]{8,17}", wanted_id):
            raise EC2ClientError("InvalidNetworkInterfaceId.Malformed", f"Invalid id: '{wanted_id}'")
    missing = [wanted_id for wanted_id in ids if wanted_id not in known]
    if missing:
        raise InvalidNetworkInterfaceIdError(missing[0])
    return [known[wanted_id] for wanted_id in dict.fromkeys(ids)]


def _of_interfaces(value: Values) -> Values:
    return lambda instance: [value(nic) for nic in instance.nics.values()]


INSTANCE: dict[str, Values] = {
    "architecture": lambda each: each.architecture,
    "availability-zone": lambda each: each.placement.zone,
    "client-token": lambda each: each.client_token,
    "dns-name": lambda each: views._network(each)["PublicDnsName"],
    "group-id": lambda each: [group.id for group in each.security_groups],
    "group-name": lambda each: [group.name for group in each.security_groups],
    "iam-instance-profile.arn": lambda each: (each.iam_instance_profile or {}).get("Arn"),
    "image-id": lambda each: each.image_id,
    "instance-id": lambda each: each.id,
    "instance-lifecycle": lambda each: each.lifecycle,
    "instance-state-code": lambda each: each.state_code,
    "instance-state-name": lambda each: each.state,
    "instance-type": lambda each: each.instance_type,
    "instance.group-id": lambda each: [group.id for group in each.security_groups],
    "instance.group-name": lambda each: [group.name for group in each.security_groups],
    "ip-address": lambda each: views._network(each).get("PublicIpAddress"),
    "key-name": lambda each: each.key_name,
    "launch-index": lambda each: each.ami_launch_index,
    "owner-id": lambda each: each.owner_id,
    "private-dns-name": lambda each: views._network(each)["PrivateDnsName"],
    "private-ip-address": lambda each: views._network(each).get("PrivateIpAddress"),
    "reason": lambda each: each._reason,
    "reservation-id": lambda each: each.reservation_id,
    "root-device-name": lambda each: each.root_device_name,
    "root-device-type": lambda each: "ebs",
    "source-dest-check": lambda each: each.source_dest_check,
    "spot-instance-request-id": lambda each: each.spot_instance_request_id,
    "state-reason-code": lambda each: each.state_reason.code,
    "state-reason-message": lambda each: each.state_reason.message,
    "subnet-id": lambda each: each.subnet_id,
    "tenancy": lambda each: each.placement.tenancy,
    "vpc-id": lambda each: each.vpc_id,
    **{f"network-interface.{name}": _of_interfaces(value) for name, value in INTERFACE.items()},
}


@corrects(EC2Response, "describe_instances")
def _describe_instances(_original: Any, self: Any) -> PlainResult:
    self.error_on_dryrun()
    ids = self._get_param("InstanceIds", [])
    if ids and self._get_param("MaxResults"):
        raise not_permitted_together("The parameter instancesSet cannot be used with the parameter maxResults")
    found = select(instances_by_id(self.ec2_backend, ids), wanted(self), INSTANCE)
    shown, token = page(self, _reservations(self.ec2_backend, found))
    return PlainResult({"Reservations": shown, "NextToken": token})


def instances_by_id(backend: Any, ids: list[str]) -> list[Any]:
    known = backend.instances_by_id
    if not ids:
        return list(known.values())
    for wanted_id in ids:
        if not re.fullmatch(r"i-[0-9a-f]{8,17}", wanted_id):
            raise EC2ClientError("InvalidInstanceID.Malformed", f'Invalid id: "{wanted_id}"')
    missing = [wanted_id for wanted_id in ids if wanted_id not in known]
    if missing:
        raise InvalidInstanceIdError(missing)
    return [known[wanted_id] for wanted_id in dict.fromkeys(ids)]


def _reservations(backend: Any, instances: list[Any]) -> list[dict[str, Any]]:
    grouped: dict[str, list[Any]] = {}
    for instance in instances:
        grouped.setdefault(instance.reservation_id, []).append(instance)
    return [
        {
            "ReservationId": reservation_id,
            "OwnerId": backend.account_id,
            "Groups": [],
            "Instances": [views.instance(each) for each in members],
        }
        for reservation_id, members in grouped.items()
    ]


ADDRESS: dict[str, Values] = {
    "allocation-id": lambda each: each.allocation_id,
    "association-id": lambda each: each.association_id,
    "domain": lambda each: "vpc",
    "instance-id": lambda each: each.instance_id,
    "network-border-group": lambda each: each.network_border_group,
    "network-interface-id": lambda each: each.network_interface_id,
    "network-interface-owner-id": lambda each: each.eni.owner_id if each.eni else None,
    "private-ip-address": lambda each: each.private_ip_address,
    "public-ip": lambda each: each.public_ip,
}


@corrects(EC2Response, "describe_addresses")
def _describe_addresses(original: Any, self: Any) -> PlainResult:
    given = wanted(self)
    found = self.ec2_backend.describe_addresses(self._get_param("AllocationIds", []), self._get_param("PublicIps", []))
    self.error_on_dryrun()
    return PlainResult({"Addresses": [_address(each) for each in select(found, given, ADDRESS)]})


def _address(address: Any) -> dict[str, Any]:
    return {
        "AllocationId": address.allocation_id,
        "AssociationId": address.association_id,
        "Domain": "vpc",
        "InstanceId": address.instance_id,
        "NetworkBorderGroup": address.network_border_group,
        "NetworkInterfaceId": address.network_interface_id,
        "NetworkInterfaceOwnerId": address.eni.owner_id if address.eni else None,
        "PrivateIpAddress": address.private_ip_address,
        "PublicIp": address.public_ip,
        "PublicIpv4Pool": address.public_ipv4_pool,
        "Tags": views.tags(address),
    }
