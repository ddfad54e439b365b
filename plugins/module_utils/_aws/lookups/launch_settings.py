# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a running instance was launched, as far as EC2 tells."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from ..._core.adoption.rebuilt_record import Assumption, Launched
from ..._core.declaration.option import Option, options_of
from ..._core.model.config import CPU_OPTIONS, Launch
from ..api.descriptions import to_tags
from ..calls.aws_error import translated

TEMPLATE_ID, TEMPLATE_VERSION = "aws:ec2launchtemplate:id", "aws:ec2launchtemplate:version"
"""Tags that EC2 gives an instance which it launched from a template.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html
"""

BURSTABLE_FAMILY = re.compile(r"t\d+[a-z]*")
"""Families of instance types with CPU credits, such as t3a."""


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
    undescribed = read_undescribed(client, instance)
    return from_instance(instance, attribute.get("UserData", {}).get("Value"), undescribed)


def _from_template(instance: dict[str, Any], tags: dict[str, str]) -> Launched:
    template = {"id": tags[TEMPLATE_ID], "version": tags[TEMPLATE_VERSION]}
    options = {"launch_template": template, "instance_types": [instance["InstanceType"]], "market": _market(instance)}
    beside = Assumption(
        option="launch.launch_template",
        value=template,
        why="what was configured in addition to the template is not known",
    )
    return Launched(options=options, assumed=(beside, *_assumed(options)))


def from_instance(instance: dict[str, Any], user_data: str | None, undescribed: dict[str, Any]) -> Launched:
    """Take the launch settings from an Instance of DescribeInstances, its user data in base64, and other answers."""
    options = {
        **_described(options_of(Launch), instance),
        **undescribed,
        "instance_types": [instance["InstanceType"]],
        "market": _market(instance),
    }
    if user_data:
        options.update(_user_data(user_data))
    mappings = Assumption(
        option="launch.block_device_mappings", value=[], why="the volumes are taken to be those of the image"
    )
    return Launched(options=options, assumed=(*_assumed(options), mappings))


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
        return _described(option.suboptions, value or {}) or None
    if option.meanings:
        return option.meanings.get(value)
    # DescribeInstances shows the name of no placement group as an empty text.
    return None if value == "" else value


def read_undescribed(client: Any, instance: dict[str, Any]) -> dict[str, Any]:
    """Read the launch settings that take more than DescribeInstances, through a boto3 EC2 client.

    What the instance type has by itself is left out: other types of the node have something else. Blocks, and raises
    AwsError.
    """
    read = {
        "cpu_options": _requested_cpu_options(client, instance),
        "credit_specification": _credit_specification(client, instance),
    }
    return {name: value for name, value in read.items() if value}


def _credit_specification(client: Any, instance: dict[str, Any]) -> str | None:
    """Read how CPU credits are spent, unless it is as the type has it.

    EC2 refuses the question for a type without credits, and T2 are `standard` by themselves, all others `unlimited`:
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-unlimited-mode-concepts.html
    """
    family = instance["InstanceType"].partition(".")[0]
    if not BURSTABLE_FAMILY.fullmatch(family):
        return None
    with translated("DescribeInstanceCreditSpecifications"):
        answer = client.describe_instance_credit_specifications(InstanceIds=[instance["InstanceId"]])
    found = [item["CpuCredits"] for item in answer["InstanceCreditSpecifications"]]
    default = "standard" if family == "t2" else "unlimited"
    return next((str(credit) for credit in found if credit != default), None)


def _requested_cpu_options(client: Any, instance: dict[str, Any]) -> dict[str, Any]:
    """Take the CPU options, without the numbers that the type has by itself: DescribeInstances always shows some."""
    shown = _described(CPU_OPTIONS, instance.get("CpuOptions", {}))
    numbers = {"core_count", "threads_per_core"} & set(shown)
    if not numbers:
        return shown
    with translated("DescribeInstanceTypes"):
        answer = client.describe_instance_types(InstanceTypes=[instance["InstanceType"]])
    processor = answer["InstanceTypes"][0].get("VCpuInfo", {})
    default = {"core_count": processor.get("DefaultCores"), "threads_per_core": processor.get("DefaultThreadsPerCore")}
    if all(shown[name] == default[name] for name in numbers):
        return {name: value for name, value in shown.items() if name not in numbers}
    return shown


def _user_data(encoded: str) -> dict[str, str]:
    """Take user data as a text where it is one."""
    try:
        return {"user_data": base64.b64decode(encoded).decode()}
    except ValueError:
        return {"user_data_base64": encoded}


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
