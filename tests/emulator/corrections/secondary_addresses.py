# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Assigning and unassigning addresses.

ec2/models/elastic_network_interfaces.py assign_private_ip_addresses looks neither at the subnet nor at other
interfaces, and AllowReassignment is never read; unassign_private_ip_addresses removes the primary address; an IPv6
address is given twice. ec2/responses/elastic_network_interfaces.py answers with all addresses instead of the new ones.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.core.responses import EmptyResult
from moto.ec2.responses import EC2Response

from ..errors import EC2ClientError, invalid
from . import addresses
from .patching import corrects
from .xml import PlainResult


@corrects(EC2Response, "assign_private_ip_addresses")
def _assign(_original: Any, self: Any) -> PlainResult:
    interface = self.ec2_backend.get_network_interface(self._get_param("NetworkInterfaceId"))
    wanted = self._get_param("PrivateIpAddresses", [])
    count = int(self._get_param("SecondaryPrivateIpAddressCount") or 0)
    new = [address for address in wanted if address not in _held(interface)]
    for address in new:
        _make_free(interface, address, bool(self._get_param("AllowReassignment")))
    new += _claim(interface, count)
    return PlainResult(
        {
            "NetworkInterfaceId": interface.id,
            "AssignedPrivateIpAddresses": [{"PrivateIpAddress": address} for address in new],
        }
    )


def _held(interface: Any) -> list[str]:
    return [item["PrivateIpAddress"] for item in interface.private_ip_addresses]


def _make_free(interface: Any, address: str, reassign: bool) -> None:
    """Claims `address` for the interface, from another one if that is allowed."""
    subnet, backend = interface.subnet, interface.ec2_backend
    holder = backend.enis.get(addresses.in_use(subnet).get(address, ""))
    elastic_ip = None
    if holder is not None and reassign and address != holder.private_ip_address:
        elastic_ip = holder.associations.get(address)
        _take_away(holder, address)
    elif holder is not None:
        raise EC2ClientError("InvalidParameterValue", f"Address {address} is in use by {holder.id}.")
    addresses.claim(subnet, address, interface.id)
    interface.private_ip_addresses.append({"Primary": False, "PrivateIpAddress": address})
    if elastic_ip is not None:
        elastic_ip.associate(interface, address)


def _claim(interface: Any, count: int) -> list[str]:
    claimed = [addresses.claim_free(interface.subnet, interface.id) for _ in range(count)]
    interface.private_ip_addresses += [{"Primary": False, "PrivateIpAddress": address} for address in claimed]
    return claimed


def _take_away(interface: Any, address: str) -> None:
    interface.private_ip_addresses = [
        item for item in interface.private_ip_addresses if item["PrivateIpAddress"] != address
    ]
    addresses.release(interface.subnet, address)


@corrects(EC2Response, "unassign_private_ip_addresses")
def _unassign(_original: Any, self: Any) -> EmptyResult:
    interface = self.ec2_backend.get_network_interface(self._get_param("NetworkInterfaceId"))
    given = self._get_param("PrivateIpAddresses", [])
    for address in given:
        if address not in _held(interface):
            raise invalid("Some of the specified addresses are not assigned to interface " + interface.id)
        if address == interface.private_ip_address:
            raise invalid(f"The primary address {address} of {interface.id} cannot be unassigned")
    for address in given:
        if address in interface.associations:
            interface.associations[address].dissociate()
        _take_away(interface, address)
    return EmptyResult()


@corrects(EC2Response, "assign_ipv6_addresses")
def _assign_ipv6(_original: Any, self: Any) -> PlainResult:
    interface = self.ec2_backend.get_network_interface(self._get_param("NetworkInterfaceId"))
    given, before = self._get_param("Ipv6Addresses", []), list(interface.ipv6_addresses)
    for address in given:
        _check_ipv6(interface, address)
    count = int(self._get_param("Ipv6AddressCount") or 0)
    self.ec2_backend.assign_ipv6_addresses(interface.id, given, count)
    new = [address for address in interface.ipv6_addresses if address not in before]
    return PlainResult({"NetworkInterfaceId": interface.id, "AssignedIpv6Addresses": new})


def _check_ipv6(interface: Any, address: str) -> None:
    blocks = [each["ipv6CidrBlock"] for each in interface.subnet.ipv6_cidr_block_associations.values()]
    if not any(ipaddress.ip_address(address) in ipaddress.ip_network(block) for block in blocks):
        raise invalid("Address does not fall within the subnet's address range")
    others = (each for each in interface.ec2_backend.enis.values() if each is not interface)
    if any(address in each.ipv6_addresses for each in others):
        raise EC2ClientError("InvalidIPAddress.InUse", f"Address {address} is in use.")
