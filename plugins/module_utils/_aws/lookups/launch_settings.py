# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a running instance was launched, as far as EC2 tells."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ..._core.adoption.rebuilt_record import Assumption, Launched
from ..._core.declaration.option import Option, options_of
from ..._core.model.config import Launch
from ..api.descriptions import to_tags
from ..calls.aws_error import translated

TEMPLATE_ID, TEMPLATE_VERSION = "aws:ec2launchtemplate:id", "aws:ec2launchtemplate:version"
"""Tags that EC2 gives an instance which it launched from a template.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html
"""


def read_launched(client: Any, instance_id: str) -> Launched:
    """Read the launch settings of an instance through a boto3 EC2 client. Blocks, and raises AwsError."""
    with translated("DescribeInstances"):
        answer = client.describe_instances(Filters=[{"Name": "instance-id", "Values": [instance_id]}])
    (instance,) = (item for reservation in answer["Reservations"] for item in reservation["Instances"])
    tags = to_tags(instance.get("Tags"))
    if TEMPLATE_ID in tags:
        return _from_template(instance, tags)
    with translated("DescribeInstanceAttribute"):
        attribute = client.describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
    return from_instance(instance, attribute.get("UserData", {}).get("Value"))


def _from_template(instance: dict[str, Any], tags: dict[str, str]) -> Launched:
    template = {"id": tags[TEMPLATE_ID], "version": tags[TEMPLATE_VERSION]}
    options = {"launch_template": template, "instance_types": [instance["InstanceType"]], "market": _market(instance)}
    beside = Assumption(
        option="launch.launch_template",
        value=template,
        why="what was configured in addition to the template is not known",
    )
    return Launched(options=options, assumed=(beside, *_assumed(options)))


def from_instance(instance: dict[str, Any], user_data: str | None) -> Launched:
    """Take the launch settings from an Instance of DescribeInstances and its user data, in base64."""
    options = {
        **_described(options_of(Launch), instance),
        "instance_types": [instance["InstanceType"]],
        "market": _market(instance),
    }
    text = _decoded(user_data)
    unreadable = (
        Assumption(option="launch.user_data", value=None, why="the instance's is not text"),
    ) if user_data and text is None else ()  # fmt: skip
    given = {**options, **({} if text is None else {"user_data": text})}
    mappings = Assumption(
        option="launch.block_device_mappings", value=[], why="the volumes are taken to be those of the image"
    )
    return Launched(options=given, assumed=(*_assumed(options), mappings, *unreadable))


def _market(instance: dict[str, Any]) -> str:
    return "spot" if instance.get("InstanceLifecycle") == "spot" else "on_demand"


def _described(declared: Mapping[str, Option], instance: Mapping[str, Any]) -> dict[str, Any]:
    """Take the options that DescribeInstances shows, in the form that the modules take them."""
    values = {name: _read(option, instance) for name, option in declared.items() if option.described}
    return {name: value for name, value in values.items() if value is not None}


def _read(option: Option, instance: Mapping[str, Any]) -> Any:
    value: Any = instance
    for step in option.described.split("."):
        value = (value or {}).get(step)
    if option.suboptions:
        return _described(option.suboptions, value or {})
    return option.meanings.get(value) if option.meanings else value


def _decoded(user_data: str | None) -> str | None:
    try:
        return base64.b64decode(user_data).decode() if user_data else None
    except ValueError:
        return None


def _assumed(options: dict[str, Any]) -> tuple[Assumption, ...]:
    types = Assumption(
        option="launch.instance_types",
        value=options["instance_types"],
        why="it is the running instance's; others to fall back to are not known",
    )
    if options["market"] == "on_demand":
        why = "it is the running instance's, which may have fallen back from spot"
        return types, Assumption(option="launch.market", value="on_demand", why=why)
    why = "whether spot falls back to on-demand, and its maximum price, are not known: the defaults are taken"
    return types, Assumption(option="launch.fallback_to_on_demand", value=True, why=why)
