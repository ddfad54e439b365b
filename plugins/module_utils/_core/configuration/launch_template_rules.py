# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Launch templates: what a template must bring, and what it must not.

The interface exists before the instance, so a launch template must not bring what belongs to one
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..model.config import Launch
from .lookups import LaunchTemplateVersion
from .problems import Case, FactRule, Problem, Problems

UNUSABLE_TEMPLATE_FIELDS = {
    "SecurityGroupIds": "the node's security_groups take its place",
    "SecurityGroups": "the node's security_groups take its place",
    "NetworkInterfaces": "the node brings its own interface",
    "InstanceMarketOptions": "launch.market takes its place, and a fallback to on-demand would be spot again",
    "InstanceRequirements": "launch.instance_types takes its place",
}
"""Fields of LaunchTemplateData that cannot stand next to an existing interface, and what takes their place."""


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
    """A launch template brings nothing that cannot be given together with an existing interface."""
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


def check_termination_protection(case: Case) -> Problems:
    """Instances are not protected from termination, by which a node is paused and replaced."""
    template = case.facts.launch_template
    if template and template.data.get("DisableApiTermination"):
        yield Problem(
            code="LaunchTemplateNotUsable",
            option="launch.launch_template",
            value=_title(template),
            wrong=f"has DisableApiTermination in its version {template.version}, and a pause terminates the instance",
            way_out="Make a version without DisableApiTermination and give its number",
        )


def check_template_market(case: Case) -> Problems:
    """A launch template brings nothing that EC2 refuses on spot capacity while that is wanted.

    Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotMarketOptions.html (hibernation),
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservation-overview.html (reservations)
    """
    template = case.facts.launch_template
    if not template or case.config.launch.market != "spot":
        return
    for field in _fields_refused_on_spot(template.data):
        yield Problem(
            code="LaunchTemplateNotUsable",
            option="launch.launch_template",
            value=_title(template),
            wrong=f"has {field} in its version {template.version}, which EC2 refuses on spot capacity",
            way_out=f"Give launch.market: on_demand, or a version without {field}",
        )


def _fields_refused_on_spot(data: dict[str, Any]) -> Iterator[str]:
    if (data.get("HibernationOptions") or {}).get("Configured"):
        yield "HibernationOptions"
    if (data.get("CapacityReservationSpecification") or {}).get("CapacityReservationTarget"):
        yield "CapacityReservationSpecification.CapacityReservationTarget"


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


LAUNCH_TEMPLATE_RULES: tuple[FactRule, ...] = (
    check_template_existence,
    check_template_fields,
    check_termination_protection,
    check_template_market,
    check_template_completeness,
)
