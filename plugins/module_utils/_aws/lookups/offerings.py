# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a zone offers, and at which spot price. Every method blocks and raises AwsError."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from ..calls.aws_error import translated

PRODUCT = "Linux/UNIX"
"""The platform whose prices are compared: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-instances-history.html"""


class Markets:
    """Instance type offerings and spot prices, through a boto3 EC2 client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def find_offered_types(self, zone: str, instance_types: Iterable[str]) -> frozenset[str]:
        """Say which of the instance types the zone has."""
        filters = [{"Name": "location", "Values": [zone]}, {"Name": "instance-type", "Values": sorted(instance_types)}]
        with translated("DescribeInstanceTypeOfferings"):
            pages = self._client.get_paginator("describe_instance_type_offerings").paginate(
                LocationType="availability-zone", Filters=filters
            )
            return frozenset(item["InstanceType"] for page in pages for item in page.get("InstanceTypeOfferings", []))

    def find_spot_prices(self, zone: str, instance_types: Iterable[str]) -> dict[str, float]:
        """Find the present spot price, in US dollars an hour, of those of the instance types that have one."""
        now = datetime.now(tz=timezone.utc)
        with translated("DescribeSpotPriceHistory"):
            pages = self._client.get_paginator("describe_spot_price_history").paginate(
                AvailabilityZone=zone, InstanceTypes=sorted(instance_types), ProductDescriptions=[PRODUCT],
                StartTime=now, EndTime=now,
            )  # fmt: skip
            found = [item for page in pages for item in page.get("SpotPriceHistory", [])]
        # The history of a moment is the price that was set last before it.
        ordered = sorted(found, key=lambda item: str(item.get("Timestamp")))
        return {item["InstanceType"]: float(item["SpotPrice"]) for item in ordered}
