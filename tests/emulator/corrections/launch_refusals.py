# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RunInstances: what EC2 refuses of one instance type, or of a combination of parameters, and moto launches.

ec2/models/instances.py run_instances compares neither type and image, type and market, nor type and the number of
addresses; ec2/responses/instances.py checks no metadata options, tag keys or block device mappings.
Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from ..errors import EC2ClientError, invalid, not_permitted_together

METADATA_TAG_KEY = re.compile(r"[0-9a-zA-Z\-_+=,.@:]{1,255}")
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html"""

RESERVED_TAG_KEYS = frozenset({".", "..", "_index"})
HOP_LIMITS = range(1, 65)
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html"""


def check(backend: Any, request: dict[str, Any], market: str) -> None:
    described: dict[str, Any] = INSTANCE_TYPES.get(request.get("InstanceType") or "m1.small", {})
    _check_architecture(backend, request, described)
    _check_market(request, described, market)
    _check_addresses(backend, request, described)
    _check_cpu(request, described)
    _check_placement(request.get("Placement") or {})
    _check_reservation(request.get("CapacityReservationSpecification") or {})
    _check_metadata_options(request)
    _check_block_devices(request.get("BlockDeviceMappings") or [])


def _check_architecture(backend: Any, request: dict[str, Any], described: dict[str, Any]) -> None:
    """The message is EC2's own: https://github.com/skypilot-org/skypilot/issues/6315"""
    image = backend.amis[request["ImageId"]]
    supported = described.get("ProcessorInfo", {}).get("SupportedArchitectures") or [image.architecture]
    if image.architecture not in supported:
        raise invalid(
            f"The architecture '{','.join(supported)}' of the specified instance type does not match the architecture "
            f"'{image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching "
            f"architectures, and try again."
        )
    modes = described.get("SupportedBootModes") or [image.boot_mode]
    if image.boot_mode in ("uefi", "legacy-bios") and image.boot_mode not in modes:
        raise EC2ClientError(
            "UnsupportedOperation", f"The instance type does not support an AMI with boot mode {image.boot_mode}."
        )


def _check_market(request: dict[str, Any], described: dict[str, Any], market: str) -> None:
    classes = described.get("SupportedUsageClasses") or [market]
    if market not in classes:
        raise invalid(f"{request.get('InstanceType')} is not supported as {market} capacity.")
    target = (request.get("CapacityReservationSpecification") or {}).get("CapacityReservationTarget")
    if market == "spot" and target:
        raise not_permitted_together("A Capacity Reservation target cannot be specified for a Spot Instance.")
    if market == "spot" and (request.get("HibernationOptions") or {}).get("Configured"):
        raise not_permitted_together(
            "Hibernation cannot be configured for a Spot Instance whose interruption behavior is 'terminate'."
        )


def _check_cpu(request: dict[str, Any], described: dict[str, Any]) -> None:
    """Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CpuOptionsRequest.html,
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cpu-options-supported-instances-values.html
    """
    options = request.get("CpuOptions") or {}
    cores, threads = options.get("CoreCount"), options.get("ThreadsPerCore")
    if (cores is None) != (threads is None):
        raise not_permitted_together("You must specify both CoreCount and ThreadsPerCore")
    processor = described.get("VCpuInfo", {})
    for name, value, valid in (
        ("CoreCount", cores, processor.get("ValidCores")),
        ("ThreadsPerCore", threads, processor.get("ValidThreadsPerCore")),
    ):
        if value is not None and valid and int(value) not in valid:
            raise invalid(f"{value} is not a valid value for {name} of {request.get('InstanceType')}.")
    credit = (request.get("CreditSpecification") or {}).get("CpuCredits")
    if credit and described.get("BurstablePerformanceSupported") is False:
        raise EC2ClientError(
            "InstanceCreditSpecification.NotSupported",
            f"The instance type {request.get('InstanceType')} does not support CPU credits.",
        )


def _check_placement(placement: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Placement.html"""
    group = [placement[name] for name in ("GroupId", "GroupName") if placement.get(name)]
    if len(group) > 1:
        raise not_permitted_together("The parameters GroupId and GroupName cannot be used together")
    if placement.get("PartitionNumber") is not None and not group:
        raise not_permitted_together("PartitionNumber is valid only with a placement group of strategy partition")


def _check_reservation(reservation: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservationSpecification.html"""
    preference = reservation.get("CapacityReservationPreference")
    if reservation.get("CapacityReservationTarget") and preference not in (None, "capacity-reservations-only"):
        raise not_permitted_together("A CapacityReservationTarget excludes this CapacityReservationPreference")


def _check_addresses(backend: Any, request: dict[str, Any], described: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html"""
    network = described.get("NetworkInfo", {})
    for nic in request.get("NetworkInterfaces") or []:
        if not nic.get("NetworkInterfaceId"):
            continue
        interface = backend.get_network_interface(nic["NetworkInterfaceId"])
        _check_count(interface.private_ip_addresses, network.get("Ipv4AddressesPerInterface"), request)
        _check_count(interface.ipv6_addresses or [], network.get("Ipv6AddressesPerInterface"), request)


def _check_count(addresses: list[Any], most: int | None, request: dict[str, Any]) -> None:
    if most is not None and len(addresses) > most:
        raise EC2ClientError(
            "InvalidInterface.IpAddressLimitExceeded",
            f"Number of private addresses will exceed limit. {request.get('InstanceType')} has {most} per interface.",
        )


def _check_metadata_options(request: dict[str, Any]) -> None:
    options = request.get("MetadataOptions") or {}
    limit = options.get("HttpPutResponseHopLimit")
    if limit is not None and int(limit) not in HOP_LIMITS:
        raise invalid(f"{limit} is not a valid value for HttpPutResponseHopLimit. It must be from 1 to 64.")
    if options.get("InstanceMetadataTags") != "enabled":
        return
    for specification in request.get("TagSpecifications") or []:
        if specification.get("ResourceType") == "instance":
            _check_tag_keys([tag["Key"] for tag in specification.get("Tags") or specification.get("Tag") or []])


def _check_tag_keys(keys: list[str]) -> None:
    """The message is EC2's own: https://github.com/kubernetes/cloud-provider-aws/issues/762"""
    for key in keys:
        if not METADATA_TAG_KEY.fullmatch(key) or key in RESERVED_TAG_KEYS:
            raise invalid(
                f"'{key}' is not a valid tag key. Tag keys must match pattern ({METADATA_TAG_KEY.pattern}), and must "
                f"not be a reserved name ('.', '..', '_index')"
            )


def _check_block_devices(mappings: list[dict[str, Any]]) -> None:
    devices = Counter(mapping.get("DeviceName") for mapping in mappings)
    repeated = [device for device, count in devices.items() if count > 1]
    if repeated:
        raise EC2ClientError(
            "InvalidBlockDeviceMapping", f"The device '{repeated[0]}' is used in more than one block-device mapping"
        )
    for mapping in mappings:
        volume = mapping.get("Ebs") or {}
        if volume.get("KmsKeyId") and str(volume.get("Encrypted")).lower() != "true":
            raise EC2ClientError(
                "InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set."
            )
