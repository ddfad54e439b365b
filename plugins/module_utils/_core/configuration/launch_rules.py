# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How instances are launched: that there is something to launch, with values that EC2 takes."""

from __future__ import annotations

import re
from decimal import Decimal

from ..model.config import Config, Launch
from .problems import Problem, Problems, ValueRule, find_repeated

USER_DATA_BYTES = 16 * 1024
"""Before base64: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html"""

LOWEST_SPOT_PRICE = Decimal("0.001")
"""MaxPrice must be more: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotMarketOptions.html"""

PARTITIONS = range(1, 8)
HOP_LIMITS = range(1, 65)
PRICE = re.compile(r"[0-9]*\.?[0-9]+")
TEMPLATE_VERSION = re.compile(r"[1-9][0-9]*|\$Latest|\$Default")


def check_source(config: Config) -> Problems:
    """There is a launch template, or an image with instance types."""
    launch = config.launch
    if launch.launch_template or (launch.image_id and launch.instance_types):
        return
    given, value = _what_there_is(launch)
    yield Problem(
        code="NothingToLaunch",
        option=given,
        value=value,
        wrong="is not enough to launch an instance from",
        way_out="Give launch.launch_template, or launch.image_id together with launch.instance_types",
    )


def _what_there_is(launch: Launch) -> tuple[str, str]:
    if launch.image_id:
        return "launch.image_id", launch.image_id
    if launch.instance_types:
        return "launch.instance_types", ", ".join(launch.instance_types)
    return "launch", "{}"


def check_template_version(config: Config) -> Problems:
    """A launch template's version is a number, `$Latest` or `$Default`."""
    template = config.launch.launch_template
    if template and not TEMPLATE_VERSION.fullmatch(template.version):
        yield Problem(
            code="InvalidLaunchTemplateVersion",
            option="launch.launch_template.version",
            value=template.version,
            wrong="is not a version of a launch template",
            way_out="Give a version number, $Latest or $Default",
        )


def check_tenancy(config: Config) -> Problems:
    """The tenancy is one that EC2 has on the market wanted.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotPlacement.html
    """
    launch = config.launch
    if launch.tenancy == "host" and launch.market == "spot":
        yield Problem(
            code="ConflictingOptions",
            option="launch.tenancy",
            value="host",
            wrong="cannot be had on spot capacity",
            way_out="Give launch.market: on_demand, or another tenancy",
        )


def check_cpu_options(config: Config) -> Problems:
    """The numbers of cores and of threads are given together.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CpuOptionsRequest.html
    """
    options = config.launch.cpu_options
    for given, missing in (("core_count", "threads_per_core"), ("threads_per_core", "core_count")):
        if options.get(given) is not None and options.get(missing) is None:
            yield Problem(
                code="InvalidCpuOptions",
                option=f"launch.cpu_options.{given}",
                value=options[given],
                wrong=f"is given without {missing}, and EC2 takes both or neither",
                way_out=f"Give launch.cpu_options.{missing} as well",
            )
    for name in ("core_count", "threads_per_core"):
        if options.get(name) is not None and options[name] < 1:
            yield Problem(
                code="InvalidCpuOptions",
                option=f"launch.cpu_options.{name}",
                value=options[name],
                wrong="is not a positive number",
                way_out="Give 1 or more; what a type allows stands in DescribeInstanceTypes, under VCpuInfo",
            )


def check_capacity_reservation(config: Config) -> Problems:
    """A reservation is for capacity on demand, and a target excludes the preferences that could ignore it.

    Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservation-overview.html,
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservationSpecification.html
    """
    reservation = config.launch.capacity_reservation
    given = next((name for name, value in reservation.items() if value), None)
    if given and config.launch.market == "spot":
        yield Problem(
            code="ConflictingOptions",
            option=f"launch.capacity_reservation.{given}",
            value=reservation[given],
            wrong="is about capacity on demand, and launch.market is spot",
            way_out="Give launch.market: on_demand, or launch.capacity_reservation: {}",
        )
    target = reservation.get("id") or reservation.get("resource_group_arn")
    preference = reservation.get("preference")
    if target and preference in ("open", "none"):
        yield Problem(
            code="ConflictingOptions",
            option="launch.capacity_reservation.preference",
            value=preference,
            wrong=f"cannot be given together with the reservation {target}",
            way_out="Leave the preference out, or give capacity-reservations-only",
        )


def check_partition(config: Config) -> Problems:
    """A partition's number is one that EC2 takes, which has 7 partitions in a zone at the most.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-strategies.html
    """
    launch = config.launch
    number = launch.placement_partition_number
    if number is None:
        return
    if number not in PARTITIONS:
        yield Problem(
            code="InvalidPartition",
            option="launch.placement_partition_number",
            value=number,
            wrong=f"is not from {PARTITIONS[0]} to {PARTITIONS[-1]}",
            way_out="Give the number of a partition of the placement group",
        )
    elif not launch.placement_group and not launch.launch_template:
        yield Problem(
            code="ConflictingOptions",
            option="launch.placement_partition_number",
            value=number,
            wrong="is given without a placement group",
            way_out="Give launch.placement_group, a group of the strategy partition",
        )


def check_hibernation(config: Config) -> Problems:
    """No hibernation is asked for: what it keeps would not survive a pause."""
    if config.launch.hibernation:
        yield Problem(
            code="HibernationNotSupported",
            option="launch.hibernation",
            value="true",
            wrong="has no effect on a node: a pause and a replace terminate the instance, and what hibernation keeps "
            "is on its root volume",
            way_out="Leave it out; what has to last belongs on a volume of its own, or elsewhere",
        )


def check_instance_types(config: Config) -> Problems:
    """No instance type is tried twice."""
    for instance_type in find_repeated(config.launch.instance_types):
        yield Problem(
            code="DuplicateInstanceType",
            option="launch.instance_types",
            value=instance_type,
            wrong="is named more than once",
            way_out="Name each instance type once, the preferred one first",
        )


def check_spot_max_price(config: Config) -> Problems:
    """The highest spot price is a number of dollars that EC2 takes."""
    price = config.launch.spot_max_price
    if price and not (PRICE.fullmatch(price) and Decimal(price) > LOWEST_SPOT_PRICE):
        yield Problem(
            code="InvalidSpotMaxPrice",
            option="launch.spot_max_price",
            value=price,
            wrong=f"is not a price in dollars per hour above {LOWEST_SPOT_PRICE}",
            way_out="Give a positive decimal number such as 0.05, or '' to set no maximum",
        )


def check_user_data(config: Config) -> Problems:
    """User data is base64 where it has to be, and fits into what EC2 takes. It is never shown."""
    launch = config.launch
    size = len(launch.raw_user_data)
    if launch.user_data_base64 and not size:
        yield Problem(
            code="InvalidUserData",
            option="launch.user_data_base64",
            value="(not shown)",
            wrong="is not base64",
            way_out="Encode it, in Ansible with the filter b64encode, or give a plain text as launch.user_data",
        )
    if size > USER_DATA_BYTES:
        yield Problem(
            code="UserDataTooLong",
            option="launch.user_data_base64" if launch.user_data_base64 else "launch.user_data",
            value=f"{size} bytes",
            wrong=f"are more than the {USER_DATA_BYTES} bytes that EC2 takes",
            way_out="Shorten it, or have it fetch the rest from elsewhere",
        )


def check_hop_limit(config: Config) -> Problems:
    """The hop limit of the metadata service is one that EC2 takes.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html
    """
    limit = config.launch.metadata_options.get("http_put_response_hop_limit")
    if limit is not None and limit not in HOP_LIMITS:
        yield Problem(
            code="InvalidMetadataOptions",
            option="launch.metadata_options.http_put_response_hop_limit",
            value=str(limit),
            wrong=f"is not from {HOP_LIMITS[0]} to {HOP_LIMITS[-1]}",
            way_out="Give a number of hops in that range; 2 suffices for containers",
        )


def check_block_devices(config: Config) -> Problems:
    """No device is mapped twice, and a volume with a KMS key is encrypted.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html
    """
    mappings = config.launch.block_device_mappings
    for device in find_repeated([mapping.get("device_name", "") for mapping in mappings]):
        yield _device_problem(device, "is mapped more than once", "Map each device once")
    for mapping in mappings:
        volume = mapping.get("ebs") or {}
        if volume.get("kms_key_id") and not volume.get("encrypted"):
            device = mapping.get("device_name", "")
            yield _device_problem(device, "has a kms_key_id and is not encrypted", "Add encrypted: true")


def _device_problem(device: str, wrong: str, way_out: str) -> Problem:
    return Problem(
        code="InvalidBlockDeviceMapping",
        option="launch.block_device_mappings",
        value=device,
        wrong=wrong,
        way_out=way_out,
    )


LAUNCH_VALUE_RULES: tuple[ValueRule, ...] = (
    check_source,
    check_template_version,
    check_tenancy,
    check_cpu_options,
    check_capacity_reservation,
    check_partition,
    check_hibernation,
    check_instance_types,
    check_spot_max_price,
    check_user_data,
    check_hop_limit,
    check_block_devices,
)
