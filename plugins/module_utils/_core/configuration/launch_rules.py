# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How instances are launched: that there is something to launch, and that EC2 will launch it with an interface.

The interface exists before the instance, so a launch template must not bring what belongs to one
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

from ..model.config import Allocation, Config, Launch, Market
from .lookups import LaunchTemplateVersion
from .problems import Case, FactRule, Problem, Problems, ValueRule, check_choice, find_repeated

TENANCIES = ("default", "dedicated", "host")

USER_DATA_BYTES = 16 * 1024
"""Before base64: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html"""

LOWEST_SPOT_PRICE = Decimal("0.001")
"""MaxPrice must be more: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotMarketOptions.html"""

PRICE = re.compile(r"[0-9]*\.?[0-9]+")
TEMPLATE_VERSION = re.compile(r"[1-9][0-9]*|\$Latest|\$Default")

UNUSABLE_TEMPLATE_FIELDS = {
    "SecurityGroupIds": "the node's security_groups take its place",
    "SecurityGroups": "the node's security_groups take its place",
    "NetworkInterfaces": "the node brings its own interface",
    "InstanceMarketOptions": "launch.market takes its place, and a fallback to on-demand would be spot again",
    "InstanceRequirements": "launch.instance_types takes its place",
}


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
            wrong="is no version of a launch template",
            way_out="Give a version number, $Latest or $Default",
        )


def check_market(config: Config) -> Problems:
    """The market is one that EC2 has."""
    yield from check_choice("launch.market", config.launch.market, get_args(Market))


def check_allocation(config: Config) -> Problems:
    """The order in which spot candidates are tried is one of those known."""
    yield from check_choice("launch.allocation", config.launch.allocation, get_args(Allocation))


def check_tenancy(config: Config) -> Problems:
    """The tenancy is one that EC2 has, on the market wanted.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotPlacement.html
    """
    launch = config.launch
    if launch.tenancy:
        yield from check_choice("launch.tenancy", launch.tenancy, TENANCIES)
    if launch.tenancy == "host" and launch.market == "spot":
        yield Problem(
            code="ConflictingOptions",
            option="launch.tenancy",
            value="host",
            wrong="cannot be had on spot capacity",
            way_out="Give launch.market: on_demand, or another tenancy",
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
            wrong=f"is no price in dollars per hour above {LOWEST_SPOT_PRICE}",
            way_out="Give a positive decimal number such as 0.05, or '' to set no maximum",
        )


def check_user_data(config: Config) -> Problems:
    """User data fits into what EC2 takes. It is never shown."""
    size = len((config.launch.user_data or "").encode())
    if size > USER_DATA_BYTES:
        yield Problem(
            code="UserDataTooLong",
            option="launch.user_data",
            value=f"{size} bytes",
            wrong=f"are more than the {USER_DATA_BYTES} bytes that EC2 takes",
            way_out="Shorten it, or have it fetch the rest from elsewhere",
        )


def check_template_existence(case: Case) -> Problems:
    """The launch template has the version."""
    template = case.config.launch.launch_template
    if template and not case.facts.launch_template:
        yield Problem(
            code="UnknownLaunchTemplate",
            option="launch.launch_template",
            value=template.id,
            wrong=f"with version {template.version} does not exist in {case.facts.region}",
            way_out="Correct id, name or version, or name the region that it is in",
        )


def check_template_fields(case: Case) -> Problems:
    """A launch template brings nothing that cannot stand beside an existing interface."""
    template = case.facts.launch_template
    if not template:
        return
    for field, why in _unusable_fields(template.data, case.config.launch):
        yield Problem(
            code="LaunchTemplateNotUsable",
            option="launch.launch_template",
            value=_title(template),
            wrong=f"has {field} in its version {template.version}, which cannot be launched with an existing interface",
            way_out=f"Make a version without {field} ({why}) and give its number",
        )


def _unusable_fields(data: dict[str, Any], launch: Launch) -> Iterator[tuple[str, str]]:
    for field, why in UNUSABLE_TEMPLATE_FIELDS.items():
        if data.get(field):
            yield field, why
    tagged = {item.get("ResourceType") for item in data.get("TagSpecifications", [])}
    if "network-interface" in tagged:
        yield "TagSpecifications for network-interface", "the node's tags take their place"
    if "spot-instances-request" in tagged and (launch.market == "on_demand" or launch.fallback_to_on_demand):
        yield "TagSpecifications for spot-instances-request", "a launch on demand makes no such request"


def check_template_completeness(case: Case) -> Problems:
    """A launch template brings image and instance type where the options do not."""
    template, launch = case.facts.launch_template, case.config.launch
    if not template:
        return
    for option, given, field in (
        ("image_id", launch.image_id, "ImageId"),
        ("instance_types", launch.instance_types, "InstanceType"),
    ):
        if not given and not template.data.get(field):
            yield Problem(
                code="LaunchTemplateIncomplete",
                option="launch.launch_template",
                value=_title(template),
                wrong=f"has no {field} in its version {template.version}",
                way_out=f"Give launch.{option}, or a version that has it",
            )


def _title(template: LaunchTemplateVersion) -> str:
    return f"{template.name} ({template.id})"


LAUNCH_VALUE_RULES: tuple[ValueRule, ...] = (
    check_source,
    check_template_version,
    check_market,
    check_allocation,
    check_tenancy,
    check_instance_types,
    check_spot_max_price,
    check_user_data,
)
LAUNCH_FACT_RULES: tuple[FactRule, ...] = (
    check_template_existence,
    check_template_fields,
    check_template_completeness,
)
