# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What calls to the other services ask IAM for."""

from __future__ import annotations

from collections.abc import Iterator

from moto.cloudformation.models import cloudformation_backends

from ..calls import Call
from ..world import ACCOUNT_ID
from .documents import Context, Request
from .stacks import DEPLOYING, through_stack


def requests(call: Call, common: Context) -> Iterator[Request]:
    """List what a call to a service other than EC2 is authorized on."""
    action = f"{call.service}:{call.action.removesuffix('Batch')}"
    for arn in _arns(call):
        yield Request(action, arn, common)
    if call.service == "cloudformation" and call.action in DEPLOYING:
        yield from through_stack(call, {**common, "aws:calledvia": ["cloudformation.amazonaws.com"]})


def _arns(call: Call) -> list[str]:
    prefix, given = f"arn:aws:{call.service}:{call.region}:{ACCOUNT_ID}:", call.parameters
    if call.service == "dynamodb":
        tables = [given["TableName"]] if "TableName" in given else list(given.get("RequestItems", ()))
        return [f"{prefix}table/{name.rpartition('/')[2]}" for name in tables] or ["*"]
    if call.service == "cloudformation" and ("StackName" in given or "ChangeSetName" in given):
        return [_stack_arn(call, prefix)]
    if call.service == "sqs" and ("QueueUrl" in given or "QueueName" in given):
        return [prefix + str(given.get("QueueUrl") or given.get("QueueName")).rpartition("/")[2]]
    if call.service == "iam" and "InstanceProfileName" in given:
        return [f"arn:aws:iam::{ACCOUNT_ID}:instance-profile/{given['InstanceProfileName']}"]
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
