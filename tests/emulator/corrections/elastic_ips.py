# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elastic IP addresses and what they are associated with.

ec2/models/elastic_ip_addresses.py: AllowReassociation is false by default, the interface left behind keeps showing the
address, PrivateIpAddress is ignored, ReleaseAddress disassociates, any Address can be recovered, InstanceId is missing.
ec2/models/elastic_network_interfaces.py NetworkInterface.association, public_ip; AssociateAddress does not look for an
internet gateway; there is one network border group and one pool.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.elastic_ip_addresses import ElasticAddress, ElasticAddressBackend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.responses import EC2Response
from moto.ec2.utils import add_tag_specification, generate_dns_from_ip, random_eip_association_id, random_public_ip

from ..errors import EC2ClientError, invalid
from ..world import world
from .patching import corrects, property_of
from .zones import BORDER_GROUPS, border_group_of

POOL = itertools.count(1)
"""198.18.0.0/15 is for tests and nobody's: no emulated address can be a real host."""


@corrects(ElasticAddressBackend, "allocate_address")
def _allocate(original: Any, self: Any, domain: str, address: str | None = None, tags: Any = None) -> Any:
    quota = world.settings.address_quota
    if quota is not None and len(self.addresses) >= quota:
        raise EC2ClientError("AddressLimitExceeded", "The maximum number of addresses has been reached.")
    if address:
        _check_recoverable(self, address)
    number = next(POOL)
    fresh = f"198.{18 + (number >> 16) % 2}.{number >> 8 & 255}.{number & 255}"
    made = original(self, "vpc", address or fresh, tags)
    world.consistency.note(made.id)
    return made


def _check_recoverable(backend: Any, address: str) -> None:
    if any(held.public_ip == address for held in backend.addresses):
        raise EC2ClientError("InvalidAddress.Locked", f"The address '{address}' is allocated already.")
    if address not in _released(backend):
        raise EC2ClientError("InvalidAddress.NotFound", f"The address '{address}' could not be found.")


def _released(backend: Any) -> set[str]:
    return vars(backend).setdefault("released_addresses", set())


@corrects(EC2Response, "allocate_address")
def _allocate_response(_original: Any, self: Any) -> ActionResult:
    tags = add_tag_specification(self._get_param("TagSpecifications", []))
    border_group = self._get_param("NetworkBorderGroup") or self.region
    if border_group not in (self.region, *BORDER_GROUPS.values()):
        raise invalid(f"The network border group '{border_group}' is not valid.")
    self.error_on_dryrun()
    address = self.ec2_backend.allocate_address("vpc", self._get_param("Address"), tags)
    address.border_group = border_group
    address.pool = self._get_param("PublicIpv4Pool") or self._get_param("IpamPoolId") or "amazon"
    return ActionResult(
        {
            "PublicIp": address.public_ip,
            "AllocationId": address.allocation_id,
            "Domain": "vpc",
            "PublicIpv4Pool": address.public_ipv4_pool,
            "NetworkBorderGroup": address.network_border_group,
        }
    )


@corrects(EC2Response, "associate_address")
def _associate(_original: Any, self: Any) -> ActionResult:
    address = _address_of(self)
    interface, private_ip = _interface_of(self)
    self.error_on_dryrun()
    _check_gateway(interface)
    _check_border_group(address, interface)
    if self._get_param("AllowReassociation") is False:
        _check_unassociated(address, interface, private_ip)
    address.associate(interface, private_ip)
    return ActionResult({"AssociationId": address.association_id})


def _address_of(response: Any) -> Any:
    backend, allocation_id, public_ip = (
        response.ec2_backend,
        response._get_param("AllocationId"),
        response._get_param("PublicIp"),
    )
    if allocation_id:
        return backend.address_by_allocation([allocation_id])[0]
    if public_ip:
        return backend.address_by_ip([public_ip])[0]
    raise EC2ClientError("MissingParameter", "Either public IP or allocation id must be specified")


def _interface_of(response: Any) -> tuple[Any, str]:
    interface_id, instance_id = response._get_param("NetworkInterfaceId"), response._get_param("InstanceId")
    if interface_id:
        interface = response.ec2_backend.get_network_interface(interface_id)
    elif instance_id:
        interface = _only_interface(response.ec2_backend.get_instance(instance_id))
    else:
        raise EC2ClientError("MissingParameter", "Either instance ID or network interface id must be specified")
    private_ip = response._get_param("PrivateIpAddress") or interface.private_ip_address
    if all(item["PrivateIpAddress"] != private_ip for item in interface.private_ip_addresses):
        raise invalid(f"{private_ip} is not assigned to interface {interface.id}")
    return interface, private_ip


def _only_interface(instance: Any) -> Any:
    if instance.state == "pending":
        raise EC2ClientError("InvalidInstanceID", f"The pending instance '{instance.id}' is not in a valid state.")
    if instance.state in ("shutting-down", "terminated"):
        raise EC2ClientError("InvalidInstanceID", f"The instance '{instance.id}' is not in a valid state.")
    if len(instance.nics) > 1:
        raise EC2ClientError(
            "InvalidInstanceID", f"There are multiple interfaces attached to instance '{instance.id}'."
        )
    return instance.nics[0]


def _check_gateway(interface: Any) -> None:
    gateways = interface.ec2_backend.internet_gateways.values()
    if not any(gateway.vpc and gateway.vpc.id == interface.vpc_id for gateway in gateways):
        raise EC2ClientError(
            "Gateway.NotAttached", f"Network {interface.vpc_id} is not attached to any internet gateway"
        )


def _check_border_group(address: Any, interface: Any) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html names no code for this."""
    zone = interface.subnet.availability_zone
    if border_group_of(zone, address.ec2_backend.region_name) != address.network_border_group:
        raise invalid(f"{address.allocation_id} and {interface.id} are in different network border groups.")


def _check_unassociated(address: Any, interface: Any, private_ip: str) -> None:
    if address.eni is interface and address.private_ip_address == private_ip:
        return
    if address.eni is not None:
        raise EC2ClientError("Resource.AlreadyAssociated", f"Resource {address.allocation_id} is already associated.")
    if private_ip in interface.associations:
        raise EC2ClientError("Resource.AlreadyAssociated", f"Resource {interface.id} is already associated.")


class Association:
    """Mixed into ElasticAddress: an address is associated with one private address of one interface."""

    def associate(self: Any, interface: Any, private_ip: str) -> None:
        if self.eni is interface and self.private_ip_address == private_ip:
            return
        self.dissociate()
        if private_ip in interface.associations:
            interface.associations[private_ip].dissociate()
        self.eni, self.associated_private_ip = interface, private_ip
        self.association_id = random_eip_association_id()
        self.visible_from = time.monotonic() + world.settings.duration("associating")
        interface.associations[private_ip] = self

    def dissociate(self: Any) -> None:
        if self.eni is not None:
            self.eni.associations.pop(self.associated_private_ip, None)
        self.eni = self.association_id = self.associated_private_ip = None


ElasticAddress.associate = Association.associate  # type: ignore[attr-defined]
ElasticAddress.dissociate = Association.dissociate  # type: ignore[attr-defined]


@corrects(ElasticAddressBackend, "associate_address")
def _associate_model(
    _original: Any,
    self: Any,
    instance: Any = None,
    eni: Any = None,
    address: str | None = None,
    allocation_id: str | None = None,
    **_others: Any,
) -> Any:
    """What moto's own CloudFormation and NAT gateways call."""
    found = self.address_by_ip([address]) if address else self.address_by_allocation([allocation_id])
    interface = eni or instance.nics[0]
    found[0].associate(interface, interface.private_ip_address)
    return found[0]


@corrects(ElasticAddressBackend, "disassociate_address")
def _disassociate(_original: Any, self: Any, address: str | None = None, association_id: str | None = None) -> None:
    found = self.address_by_ip([address]) if address else self.address_by_association([association_id])
    found[0].dissociate()


@corrects(ElasticAddressBackend, "release_address")
def _release(_original: Any, self: Any, address: str | None = None, allocation_id: str | None = None) -> None:
    found = self.address_by_ip([address]) if address else self.address_by_allocation([allocation_id])
    if found[0].association_id:
        raise EC2ClientError("InvalidIPAddress.InUse", f"Address {found[0].public_ip} is in use.")
    self.addresses.remove(found[0])
    self.tags.pop(found[0].allocation_id, None)
    _released(self).add(found[0].public_ip)


@corrects(EC2Response, "release_address")
def _release_response(original: Any, self: Any) -> Any:
    """Outside of the region's border group an address is found only with its own."""
    address = _address_of(self)
    if (self._get_param("NetworkBorderGroup") or self.region) != address.network_border_group:
        raise EC2ClientError("InvalidAddress.NotFound", f"Address '{address.public_ip}' not found.")
    return original(self)


@property_of(ElasticAddress, "instance")
def _instance(self: Any) -> Any:
    return self.eni.instance if self.eni else None


@property_of(ElasticAddress, "instance_id")
def _instance_id(self: Any) -> str | None:
    return self.instance.id if self.instance else None


@property_of(ElasticAddress, "network_interface_id")
def _network_interface_id(self: Any) -> str | None:
    return self.eni.id if self.eni else None


@property_of(ElasticAddress, "private_ip_address")
def _private_ip_address(self: Any) -> str | None:
    return vars(self).get("associated_private_ip")


@property_of(ElasticAddress, "public_ipv4_pool")
def _public_ipv4_pool(self: Any) -> str:
    return str(vars(self).get("pool", "amazon"))


@property_of(ElasticAddress, "network_border_group")
def _network_border_group(self: Any) -> str:
    return str(vars(self).get("border_group", self.ec2_backend.region_name))


@property_of(NetworkInterface, "associations")
def _associations(self: Any) -> dict[str, Any]:
    """Private address to the Elastic IP on it."""
    return vars(self).setdefault("associated_addresses", {})


def association_of(interface: Any, private_ip: str | None) -> dict[str, Any] | None:
    elastic_ip = interface.associations.get(private_ip)
    if elastic_ip is not None:
        return _association(elastic_ip) if time.monotonic() >= elastic_ip.visible_from else None
    if interface.auto_public_ip and private_ip == interface.private_ip_address:
        return _names(interface.auto_public_ip, "amazon")
    return None


def _association(elastic_ip: Any) -> dict[str, Any]:
    return {
        **_names(elastic_ip.public_ip, elastic_ip.ec2_backend.account_id),
        "AllocationId": elastic_ip.allocation_id,
        "AssociationId": elastic_ip.association_id,
    }


def _names(public_ip: str, owner: str) -> dict[str, Any]:
    return {"PublicIp": public_ip, "PublicDnsName": generate_dns_from_ip(public_ip), "IpOwnerId": owner}


@property_of(NetworkInterface, "association")
def _interface_association(self: Any) -> dict[str, Any] | None:
    return association_of(self, self.private_ip_address)


@property_of(NetworkInterface, "public_ip")
def _public_ip(self: Any) -> str | None:
    return (self.association or {}).get("PublicIp")


@corrects(NetworkInterface, "check_auto_public_ip")
def _take_public_ip(_original: Any, self: Any) -> None:
    if self.public_ip_auto_assign and self.instance is not None and self.device_index == 0:
        self.auto_public_ip = self.auto_public_ip or random_public_ip()


@corrects(NetworkInterface, "stop")
def _give_public_ip_back(_original: Any, self: Any) -> None:
    self.auto_public_ip = None


NetworkInterface.auto_public_ip = None  # type: ignore[attr-defined]
