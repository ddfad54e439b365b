# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user wants of a node: the configuration in its record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Market = Literal["spot", "on_demand"]
Allocation = Literal["prioritized", "lowest_price"]
Rebalance = Literal["ignore", "replace"]
PublicIpAssignment = Literal["enabled", "disabled", "subnet_default"]
Handover = Literal["terminate", "prelaunch"]

NEW_ADDRESS = "new"
"""What stands for the Elastic IP of a node that is to have one of its own allocated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchTemplate:
    """A launch template, its version pinned to a number when the configuration was stored."""

    id: str
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How an instance of the node is launched. Either launch_template or image_id with instance_types is given."""

    launch_template: LaunchTemplate | None = None
    image_id: str | None = None
    instance_types: tuple[str, ...] = ()
    key_name: str | None = None
    user_data: str | None = None
    iam_instance_profile: str | None = None
    block_device_mappings: tuple[dict[str, Any], ...] = ()
    metadata_options: dict[str, Any] = field(default_factory=dict)
    tenancy: str | None = None
    market: Market = "spot"
    fallback_to_on_demand: bool = True
    spot_max_price: str | None = None
    allocation: Allocation = "prioritized"


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The configuration of a node. Security groups are ids, the Elastic IP an allocation id or `new`.

    `rebalance`, `auto_heal` and `unhealthy_after` (seconds) say what is made of EC2's events and status checks.
    """

    subnet_id: str
    persist_private_ip: bool = True
    private_ip_address: str | None = None
    secondary_private_ip_addresses: tuple[str, ...] = ()
    secondary_private_ip_address_count: int = 0
    ipv6_address_count: int = 0
    elastic_ip: str | None = None
    elastic_ip_private_ip_address: str | None = None
    public_ip_assignment: PublicIpAssignment = "subnet_default"
    security_groups: tuple[str, ...] = ()
    source_dest_check: bool = True
    handover: Handover = "terminate"
    launch: Launch = field(default_factory=Launch)
    tags: dict[str, str] = field(default_factory=dict)
    rebalance: Rebalance = "ignore"
    auto_heal: bool = False
    unhealthy_after: int = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Subnet:
    """What was found out about the subnet when the configuration was stored."""

    subnet_id: str
    vpc_id: str
    availability_zone: str
    cidr_block: str
    assigns_public_ip: bool
    #: The zone's network border group, which its Elastic IP addresses must be of; None for the region's own, and where
    #: no Elastic IP is configured.
    network_border_group: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One way to launch the node's instance: a type (None: the launch template's own) on a market."""

    instance_type: str | None = None
    market: Market


def candidates(launch: Launch) -> tuple[Candidate, ...]:
    """List the ways to launch, in the order in which they are tried unless `allocation` puts spot in another.

    Each instance type on the wanted market, then, where spot may fall back, each one on demand.
    """
    types: tuple[str | None, ...] = launch.instance_types or (None,)
    wanted = tuple(Candidate(instance_type=name, market=launch.market) for name in types)
    if launch.market == "on_demand" or not launch.fallback_to_on_demand:
        return wanted
    return wanted + tuple(Candidate(instance_type=name, market="on_demand") for name in types)
