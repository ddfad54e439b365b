# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What CloudFormation calls on behalf of whoever deploys a stack, of the kinds of resources that `setup` deploys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.utils import yaml_tag_constructor

from ..calls import Call
from ..world import ACCOUNT_ID
from .documents import Context, Request

DEPLOYING = ("CreateStack", "UpdateStack")


@dataclass(frozen=True)
class Handlers:
    """What is called for a resource that is there, and for one that is deleted; a property names it, or CloudFormation.

    Of the permissions of the handlers in the type's schema, those that creating, updating and reading such a one needs.
    """

    named_by: str
    arn: str
    keeping: tuple[str, ...]
    deleting: tuple[str, ...] = ()


HANDLERS = {
    "AWS::DynamoDB::Table": Handlers(
        named_by="TableName",
        arn="arn:aws:dynamodb:{region}:{account}:table/{name}",
        keeping=(
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
    "AWS::SQS::Queue": Handlers(
        named_by="QueueName",
        arn="arn:aws:sqs:{region}:{account}:{name}",
        keeping=(
            "sqs:CreateQueue",
            "sqs:GetQueueUrl",
            "sqs:GetQueueAttributes",
            "sqs:SetQueueAttributes",
            "sqs:ListQueueTags",
        ),
        deleting=("sqs:GetQueueAttributes", "sqs:DeleteQueue"),
    ),
    "AWS::SQS::QueuePolicy": Handlers(
        named_by="Queues",
        arn="arn:aws:sqs:{region}:{account}:{name}",
        keeping=("sqs:SetQueueAttributes",),
        deleting=("sqs:SetQueueAttributes",),
    ),
    "AWS::Events::Rule": Handlers(
        named_by="Name",
        arn="arn:aws:events:{region}:{account}:rule/{name}",
        keeping=("events:DescribeRule", "events:PutRule", "events:PutTargets"),
        deleting=("events:ListTargetsByRule", "events:RemoveTargets", "events:DeleteRule"),
    ),
}
"""Tables stay when they leave the stack (DeletionPolicy).

Sources: https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-events and the schemas at
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html
"""


def through_stack(call: Call, context: Context) -> Iterator[Request]:
    """List what is called for the resources that the stack is to have, and for those that it is to have no more."""
    wanted, there = _wanted(call), _there(call)
    for resource in wanted.values():
        yield from (Request(action, resource.arn, context) for action in resource.handlers.keeping)
    for resource in (there[name] for name in there.keys() - wanted.keys()):
        yield from (Request(action, resource.arn, context) for action in resource.handlers.deleting)


@dataclass(frozen=True)
class _Resource:
    handlers: Handlers
    arn: str


def _wanted(call: Call) -> dict[str, _Resource]:
    given, parameters = call.parameters, {}
    for name, key in given.items():
        if name.startswith("Parameters.member.") and name.endswith(".ParameterKey"):
            parameters[key] = given.get(name.replace("ParameterKey", "ParameterValue"))
    return _resources(call, given.get("TemplateBody", "{}"), parameters)


def _there(call: Call) -> dict[str, _Resource]:
    stacks = cloudformation_backends[ACCOUNT_ID][call.region].stacks.values()
    names = (call.parameters.get("StackName"),)
    stack = next((stack for stack in stacks if stack.name in names or stack.stack_id in names), None)
    return _resources(call, stack.template, stack.parameters) if stack else {}


def _resources(call: Call, text: str, given: Mapping[str, str | None]) -> dict[str, _Resource]:
    template = _parsed(text)
    defaults = {name: item.get("Default", "") for name, item in template.get("Parameters", {}).items()}
    values = {**defaults, **{name: value for name, value in given.items() if value is not None}}
    conditions = {name: _holds(item, values) for name, item in template.get("Conditions", {}).items()}
    items = {
        name: item
        for name, item in template.get("Resources", {}).items()
        if item["Type"] in HANDLERS and conditions.get(item.get("Condition"), True)
    }
    names = _names(call, items, values)
    return {
        name: _Resource(handlers, handlers.arn.format(region=call.region, account=ACCOUNT_ID, name=own_name))
        for name, own_name in _names(call, items, {**values, **names}).items()
        for handlers in [HANDLERS[items[name]["Type"]]]
    }


def _names(call: Call, items: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """Name the resources, those without a name of theirs after their stack as CloudFormation does."""
    names = {}
    for name, item in items.items():
        given = item.get("Properties", {}).get(HANDLERS[item["Type"]].named_by)
        own = f"{call.parameters.get('StackName', '')}-{name}-0123456789AB"
        names[name] = _resolved(given, values) if given else own
    return names


def _holds(condition: Any, values: Mapping[str, str]) -> bool:
    one, other = condition["Fn::Equals"]
    return _resolved(one, values) == _resolved(other, values)


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
    if isinstance(value, list):
        return _resolved(value[0], values) if value else ""
    if isinstance(value, dict) and "Ref" in value:
        return values.get(value["Ref"], "")
    text = value["Fn::Sub"] if isinstance(value, dict) and "Fn::Sub" in value else value
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], ""), str(text))
