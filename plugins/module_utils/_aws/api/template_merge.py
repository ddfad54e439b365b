# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a launch template and RunInstances both say in part, put together before the call.

"Any additional parameters that you specify for the new instance overwrite the corresponding parameters included in the
launch template": for a structure of which the call gives a part, that leaves open what becomes of the other parts. So
the call gives all of it. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .descriptions import from_tags, to_tags

RESPONSE_ONLY = {"MetadataOptions": ("State",), "Placement": ("AvailabilityZone", "AvailabilityZoneId")}
"""Fields of a template's structures that are not for the call: what EC2 reports, and the zone, which is the node's."""

GROUP = ("GroupId", "GroupName", "PartitionNumber")
"""Fields of Placement that are about one placement group: they come from one side."""


def merge_with_template(parameters: Mapping[str, Any], template: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the structures of RunInstances with the launch template's; what the call has takes precedence.

    `template` is of its LaunchTemplateData. A structure that the call does not have is left to EC2.
    """
    merged = dict(parameters)
    for name in ("CpuOptions", "MetadataOptions", "Placement"):
        if parameters.get(name) and template.get(name):
            merged[name] = _merge(name, parameters[name], template[name])
    if template.get("TagSpecifications"):
        merged["TagSpecifications"] = _merge_tags(parameters["TagSpecifications"], template["TagSpecifications"])
    return merged


def _merge(name: str, own: Mapping[str, Any], templates: Mapping[str, Any]) -> dict[str, Any]:
    left_out = set(RESPONSE_ONLY.get(name, ()))
    if any(own.get(field) for field in ("GroupId", "GroupName")):
        left_out.update(GROUP)
    return {**{field: value for field, value in templates.items() if field not in left_out}, **own}


def _merge_tags(own: list[dict[str, Any]], templates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each kind of resource the tags of both; a key that both have is the node's."""
    tags_of = {item["ResourceType"]: to_tags(item["Tags"]) for item in own}
    for item in templates:
        kind = item["ResourceType"]
        tags_of[kind] = {**to_tags(item.get("Tags")), **tags_of.get(kind, {})}
    return [{"ResourceType": kind, "Tags": from_tags(tags)} for kind, tags in tags_of.items()]
