# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instance types exist, and where.

ec2/models/instances.py run_instances accepts any type in any zone; DescribeInstanceTypes takes 3 s.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES
from moto.ec2.responses import EC2Response

from ..errors import EC2ClientError, invalid
from . import filters
from .patching import corrects
from .xml import PlainResult


@functools.cache
def offered_in(zone: str) -> frozenset[str]:
    offerings = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(zone[:-1], [])
    return frozenset(offer["InstanceType"] for offer in offerings if offer["Location"] == zone)


def check_offered(instance_type: str, zone: str) -> None:
    if instance_type not in INSTANCE_TYPES:
        raise invalid(f"Invalid value '{instance_type}' for InstanceType.")
    if offered_in(zone) and instance_type not in offered_in(zone):
        raise EC2ClientError(
            "Unsupported",
            f"Your requested instance type ({instance_type}) is not supported in your requested Availability Zone "
            f"({zone}).",
        )


def interface_limit(instance_type: str) -> int:
    described: dict[str, Any] = INSTANCE_TYPES.get(instance_type, {})
    return int(described.get("NetworkInfo", {}).get("MaximumNetworkInterfaces", 2))


def vcpus(instance_type: str) -> int:
    described: dict[str, Any] = INSTANCE_TYPES.get(instance_type, {})
    return int(described.get("VCpuInfo", {}).get("DefaultVCpus", 1))


@corrects(EC2Response, "describe_instance_types")
def _describe_instance_types(original: Any, self: Any) -> PlainResult:
    shown, token = filters.page(self, [vars_of(each) for each in original(self).result["InstanceTypes"]])
    return PlainResult({"InstanceTypes": shown, "NextToken": token})


@corrects(EC2Response, "describe_instance_type_offerings")
def _describe_offerings(original: Any, self: Any) -> PlainResult:
    shown, token = filters.page(self, original(self).result["InstanceTypeOfferings"])
    return PlainResult({"InstanceTypeOfferings": shown, "NextToken": token})


def vars_of(described: Any) -> dict[str, Any]:
    return dict(described)
