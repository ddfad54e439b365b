# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 says of the things that a configuration names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..model.claims import Claim
from ..model.config import Subnet
from ..model.observed import Address
from ..resources.tagged import Tagged


@dataclass(frozen=True, kw_only=True, slots=True)
class SecurityGroup:
    """A security group that the configuration names by id or by name; one of another VPC may be among them."""

    group_id: str
    group_name: str
    vpc_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Zone:
    """The zone of a subnet."""

    name: str
    #: EC2's ZoneType: `availability-zone`, `local-zone` or `wavelength-zone`.
    zone_type: str
    network_border_group: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundSubnet:
    """A subnet, with what only the check of a configuration needs."""

    subnet: Subnet
    has_ipv6: bool = False
    #: Whether it is on an AWS Outpost.
    is_on_outpost: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressHolder:
    """The interface that has a private address, and what it is attached to (None: to nothing)."""

    network_interface_id: str
    attached_to: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchTemplateVersion:
    """A version of a launch template; `data` is EC2's LaunchTemplateData."""

    id: str
    name: str
    version: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """EC2's answers about one configuration. None, or nothing under a key: EC2 does not have it in that region.

    `holders` maps private addresses of the subnet to the interfaces that have them, `address_holder` is the interface
    that has the Elastic IP. `interface_limits` says how many interfaces an instance of a type takes; it is asked for
    only where a node needs more than one. `claims` are those of other records on the addresses that are new in the
    configuration. `remains` are the things that carry the tags of a node which has no record.
    """

    region: str
    table_name: str
    subnet: Subnet | None = None
    subnet_has_ipv6: bool = False
    subnet_is_on_outpost: bool = False
    #: The subnet's zone; asked for only where an Elastic IP is configured.
    zone: Zone | None = None
    security_groups: tuple[SecurityGroup, ...] = ()
    address: Address | None = None
    address_holder: AddressHolder | None = None
    holders: dict[str, AddressHolder] = field(default_factory=dict)
    launch_template: LaunchTemplateVersion | None = None
    interface_limits: dict[str, int] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    remains: Tagged = field(default_factory=Tagged)
