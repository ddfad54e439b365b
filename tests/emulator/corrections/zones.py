# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Local Zone and a Wavelength Zone, each with a network border group of its own.

ec2/models/availability_zones_and_regions.py knows Availability Zones only, and Zone has no NetworkBorderGroup. EC2
lists zones that an account has not opted in to only where they are asked for
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html); here these two stay hidden
like that, so that no default subnet is made in them.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend, Zone
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

from .patching import corrects, property_of

REGION = "us-east-1"
LOCAL_ZONE = "us-east-1-bos-1a"
WAVELENGTH_ZONE = "us-east-1-wl1-bos-wlz-1"
BORDER_GROUPS = {LOCAL_ZONE: "us-east-1-bos-1", WAVELENGTH_ZONE: "us-east-1-wl1-bos-wlz-1"}
"""Of the zones whose addresses are not advertised with the region's."""

RegionsAndZonesBackend.zones[REGION] += [
    Zone(name=LOCAL_ZONE, region_name=REGION, zone_id="use1-bos1-az1", zone_type="local-zone"),
    Zone(name=WAVELENGTH_ZONE, region_name=REGION, zone_id="use1-wl1-bos-wlz1", zone_type="wavelength-zone"),
]

INSTANCE_TYPE_OFFERINGS["availability-zone"][REGION] += [
    {"InstanceType": instance_type, "LocationType": "availability-zone", "Location": zone}
    for zone in BORDER_GROUPS
    for instance_type in ("t3.micro", "t3.small", "t3.medium", "t3.xlarge", "r5.2xlarge")
]


def border_group_of(zone_name: str, region: str) -> str:
    return BORDER_GROUPS.get(zone_name, region)


@corrects(RegionsAndZonesBackend, "describe_availability_zones")
def _describe(
    original: Any, self: Any, filters: Any = None, zone_names: Any = None, zone_ids: Any = None
) -> list[Zone]:
    found = original(self, filters, zone_names, zone_ids)
    is_asked = bool(filters or zone_names or zone_ids)
    return [zone for zone in found if is_asked or zone.name not in BORDER_GROUPS]


@corrects(RegionsAndZonesBackend, "get_zone_by_name")
def _get_by_name(_original: Any, self: Any, name: str) -> Zone | None:
    return next(iter(self.describe_availability_zones(zone_names=[name])), None)


@property_of(Zone, "network_border_group")
def _network_border_group(self: Any) -> str:
    return border_group_of(self.name, self.region_name)
