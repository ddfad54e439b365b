# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What calls to the other services ask IAM for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.utils import yaml_tag_constructor

from ..calls import Call
from ..world import ACCOUNT_ID
from .documents import Context, Request

THROUGH_STACKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "AWS::DynamoDB::Table": (
        "arn:aws:dynamodb:{region}:{account}:table/{TableName}",
        (
            "dynamodb:CreateTable",
            "dynamodb:DescribeTable",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:UpdateTimeToLive",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:DescribeContributorInsights",
            "dynamodb:DescribeKinesisStreamingDestination",
            "dynamodb:GetResourcePolicy",
            "dynamodb:ListTagsOfResource",
        ),
    ),
    "AWS::SQS::Queue": (
        "arn:aws:sqs:{region}:{account}:{QueueName}",
        (
            "sqs:CreateQueue",
            "sqs:GetQueueUrl",
            "sqs:GetQueueAttributes",
            "sqs:SetQueueAttributes",
            "sqs:ListQueueTags",
        ),
    ),
}
"""The ARN, of the resource's properties, and what CloudFormation calls on the caller's behalf for a resource of a type.

Of the permissions of the handlers in the type's schema, those that creating, updating and reading such a one needs.
"""

DEPLOYING = ("CreateStack", "UpdateStack")


def requests(call: Call, common: Context) -> Iterator[Request]:
    """List what a call to a service other than EC2 is authorized on."""
    action = f"{call.service}:{call.action.removesuffix('Batch')}"
    for arn in _arns(call):
        yield Request(action, arn, common)
    if call.service == "cloudformation" and call.action in DEPLOYING:
        yield from _through_stack(call, {**common, "aws:calledvia": ["cloudformation.amazonaws.com"]})


def _arns(call: Call) -> list[str]:
    prefix, given = f"arn:aws:{call.service}:{call.region}:{ACCOUNT_ID}:", call.parameters
    if call.service == "dynamodb":
        tables = [given["TableName"]] if "TableName" in given else list(given.get("RequestItems", ()))
        return [f"{prefix}table/{name.rpartition('/')[2]}" for name in tables] or ["*"]
    if call.service == "cloudformation" and ("StackName" in given or "ChangeSetName" in given):
        return [_stack_arn(call, prefix)]
    if call.service == "sqs" and ("QueueUrl" in given or "QueueName" in given):
        return [prefix + str(given.get("QueueUrl") or given.get("QueueName")).rpartition("/")[2]]
    if call.service == "events" and ("Name" in given or "Rule" in given):
        return [f"{prefix}rule/{given.get('Rule') or given.get('Name')}"]
    return ["*"]


def _stack_arn(call: Call, prefix: str) -> str:
    backend = cloudformation_backends[ACCOUNT_ID][call.region]
    changes = backend.change_sets.get(call.parameters.get("ChangeSetName", ""))
    name = call.parameters.get("StackName") or (changes.stack.name if changes else "*")
    if name.startswith("arn:"):
        return str(name)
    stacks = backend.stacks.values()
    return next((stack.stack_id for stack in stacks if stack.name == name), f"{prefix}stack/{name}/*")


def _through_stack(call: Call, context: Context) -> Iterator[Request]:
    given = call.parameters
    template = _parsed(given.get("TemplateBody", "{}"))
    values = {name: item.get("Default", "") for name, item in template.get("Parameters", {}).items()}
    for name, key in given.items():
        if name.startswith("Parameters.member.") and name.endswith(".ParameterKey"):
            values[key] = given.get(name.replace("ParameterKey", "ParameterValue"), values.get(key, ""))
    for resource in template.get("Resources", {}).values():
        arn, actions = THROUGH_STACKS.get(resource["Type"], ("*", ()))
        properties = {name: _resolved(value, values) for name, value in resource.get("Properties", {}).items()}
        filled = arn.format(region=call.region, account=ACCOUNT_ID, **properties) if actions else arn
        yield from (Request(action, filled, context) for action in actions)


def _parsed(text: str) -> dict[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """One that knows !Ref and its like."""

    Loader.add_multi_constructor("", yaml_tag_constructor)
    try:
        document = json.loads(text)
    except ValueError:
        document = yaml.load(text, Loader=Loader)
    return document if isinstance(document, dict) else {}


def _resolved(value: Any, values: Mapping[str, str]) -> str:
    if isinstance(value, dict) and "Ref" in value:
        return values.get(value["Ref"], "")
    text = value["Fn::Sub"] if isinstance(value, dict) and "Fn::Sub" in value else value
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], ""), str(text))
