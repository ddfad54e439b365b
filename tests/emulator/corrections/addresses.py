# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One allocator for all private IPv4 addresses of a subnet.

ec2/utils.py random_private_ip draws addresses without looking: outside the subnet, reserved or taken ones pass.
ec2/models/subnets.py Subnet.get_available_subnet_ip, request_ip, del_subnet_ip keep a second, independent list.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.ec2.models.subnets import Subnet

from ..errors import EC2ClientError, invalid
from .patching import corrects, property_of

RESERVED_AT_START, RESERVED_AT_END = 4, 1


def in_use(subnet: Any) -> dict[str, str]:
    """Address to the id of what holds it."""
    if "addresses_in_use" not in vars(subnet):
        subnet.addresses_in_use, subnet.next_offset = {}, RESERVED_AT_START
    return subnet.addresses_in_use


def check(subnet: Any, address: str) -> None:
    if ipaddress.ip_address(address) not in subnet.cidr:
        raise invalid("Address does not fall within the subnet's address range")
    offset = int(ipaddress.ip_address(address)) - int(subnet.cidr.network_address)
    if not RESERVED_AT_START <= offset < subnet.cidr.num_addresses - RESERVED_AT_END:
        raise invalid("Address is in subnet's reserved address range")
    if address in in_use(subnet):
        raise EC2ClientError("InvalidIPAddress.InUse", f"Address {address} is in use.")


def claim(subnet: Any, address: str, holder: str) -> str:
    check(subnet, address)
    in_use(subnet)[address] = holder
    return address


def claim_free(subnet: Any, holder: str) -> str:
    """The next free address; freed ones come round again last, so that nothing works by getting its old one back."""
    taken, size = in_use(subnet), subnet.cidr.num_addresses
    for step in range(size):
        offset = (subnet.next_offset + step) % size
        address = str(subnet.cidr.network_address + offset)
        if RESERVED_AT_START <= offset < size - RESERVED_AT_END and address not in taken:
            subnet.next_offset = offset + 1
            return claim(subnet, address, holder)
    raise EC2ClientError(
        "InsufficientFreeAddressesInSubnet",
        f"The specified subnet does not have enough free addresses to satisfy the request: {subnet.id}",
    )


def release(subnet: Any, address: str) -> None:
    in_use(subnet).pop(address, None)


@property_of(Subnet, "available_ip_addresses", "available_ip_address_count")
def _available_ip_address_count(self: Any) -> int:
    return self.cidr.num_addresses - RESERVED_AT_START - RESERVED_AT_END - len(in_use(self))


@corrects(Subnet, "get_available_subnet_ip")
def _get_available_subnet_ip(_original: Any, self: Any, instance: Any) -> str:
    return claim_free(self, getattr(instance, "id", "other"))


@corrects(Subnet, "request_ip")
def _request_ip(_original: Any, self: Any, ip: str, instance: Any) -> None:
    claim(self, ip, getattr(instance, "id", "other"))


@corrects(Subnet, "del_subnet_ip")
def _del_subnet_ip(_original: Any, self: Any, ip: str) -> None:
    release(self, ip)
