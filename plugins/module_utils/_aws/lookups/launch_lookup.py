# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What launches name, looked up for a whole fleet at once. Each method blocks and raises AwsError."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..._core.configuration.launch_findings import (
    Image,
    InstanceType,
)
from ..calls.aws_error import AwsError, translated
from ..calls.clients import ClientFactory, Settings
from ..calls.error_codes import is_profile_missing
from .reference_lookup import Lookup

IAM_SETTINGS: Settings = {
    "connect_timeout": 2,
    "read_timeout": 5,
    "retries": {"mode": "standard", "total_max_attempts": 2},
}
"""IAM may be out of reach where EC2 is not, in a subnet that has VPC endpoints only: that must not take long."""


class LaunchLookup(Lookup):
    """The reads that a preflight of launches needs, through a boto3 EC2 client and, for profiles, one of IAM."""

    def __init__(self, client: Any, client_factory: ClientFactory) -> None:
        super().__init__(client)
        self._client_factory = client_factory

    def find_images(self, image_ids: Iterable[str]) -> dict[str, Image]:
        """Find the images that this account may launch, also deprecated ones and those that are disabled.

        EC2 leaves both out of what a filter finds unless it is asked for them, and still launches a deprecated image:
        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
        """
        filters = {"image-id": sorted(set(image_ids))}
        found = self._read("describe_images", "Images", filters, IncludeDeprecated=True, IncludeDisabled=True)
        return {item["ImageId"]: _to_image(item) for item in found}

    def find_key_names(self, key_names: Iterable[str]) -> frozenset[str]:
        """Find those of the key pairs that exist."""
        found = self._read("describe_key_pairs", "KeyPairs", {"key-name": sorted(set(key_names))})
        return frozenset(item["KeyName"] for item in found)

    def find_instance_types(self, instance_types: Iterable[str]) -> dict[str, InstanceType]:
        """Find those of the instance types that the region has, and what they support."""
        found = self._read("describe_instance_types", "InstanceTypes", {"instance-type": sorted(set(instance_types))})
        return {item["InstanceType"]: _to_instance_type(item) for item in found}

    def has_instance_profile(self, profile: str) -> bool:
        """Return whether an instance profile, given by its name or its ARN, exists."""
        name = profile.rpartition("/")[2]
        try:
            with translated("GetInstanceProfile"):
                self._client_factory("iam", IAM_SETTINGS).get_instance_profile(InstanceProfileName=name)
        except AwsError as error:
            if is_profile_missing(error):
                return False
            raise
        return True


def _to_image(answer: dict[str, Any]) -> Image:
    return Image(
        state=answer.get("State", "available"),
        architecture=answer.get("Architecture"),
        boot_mode=answer.get("BootMode"),
    )


def _to_instance_type(answer: dict[str, Any]) -> InstanceType:
    network = answer.get("NetworkInfo", {})
    return InstanceType(
        architectures=tuple(answer.get("ProcessorInfo", {}).get("SupportedArchitectures", ())),
        boot_modes=tuple(answer.get("SupportedBootModes", ())),
        usage_classes=tuple(answer.get("SupportedUsageClasses", ())),
        ipv4_addresses=network.get("Ipv4AddressesPerInterface"),
        ipv6_addresses=network.get("Ipv6AddressesPerInterface"),
        is_burstable=answer.get("BurstablePerformanceSupported"),
    )
