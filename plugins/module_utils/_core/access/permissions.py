# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which IAM permissions the calls of each playbook need, and how far each is scoped: the one table of them.

A call that is added to the code needs its line here; tests/permissions fails until it has one, and for a line that
no call needs. Sources: what an action may be scoped by,
https://docs.aws.amazon.com/service-authorization/latest/reference/list_ec2.html and its neighbours; what
CloudFormation calls for a table, the permissions of the handlers in the schema of AWS::DynamoDB::Table.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..model import tags

CREATING = ("AllocateAddress", "CreateNetworkInterface", "RunInstances")
"""The calls that tag what they make."""

OPERATING = "resume pause replace delete repair"
"""Each of them may have to find out what came of a launch, or of an interface, that was cut off: by making it again."""

LAUNCHING = "resume pause replace repair"
"""Each of them looks up what a launch names: before it, or, for a pause, to warn that it could not be made."""

ALL = f"info status report adopt orphans {OPERATING}"

RESOURCE_TAG, REQUEST_TAG = f"aws:ResourceTag/{tags.TABLE}", f"aws:RequestTag/{tags.TABLE}"
TABLE_NAME = "{table_name}"
"""Stands in a condition for the name of the node table."""


class Permission(NamedTuple):
    """An IAM action that a call needs; `resources` (`*` where it knows no kinds of them) and `playbooks` are words."""

    action: str
    resources: str
    scope: str
    playbooks: str


SCOPES: dict[str, dict[str, dict[str, Any]]] = {
    "Any": {},
    "Own": {"StringEquals": {RESOURCE_TAG: TABLE_NAME}},
    "Made": {"StringEquals": {REQUEST_TAG: TABLE_NAME}},
    "TagMade": {"StringEquals": {REQUEST_TAG: TABLE_NAME, "ec2:CreateAction": list(CREATING)}},
    "TagOwn": {"StringEquals": {RESOURCE_TAG: TABLE_NAME, REQUEST_TAG: TABLE_NAME}},
    # What is adopted belongs to no table yet, or, when the adoption was cut off, to this one.
    "Free": {"StringEqualsIfExists": {RESOURCE_TAG: TABLE_NAME}},
    "TagFree": {
        "StringEquals": {REQUEST_TAG: TABLE_NAME},
        "StringEqualsIfExists": {RESOURCE_TAG: TABLE_NAME},
    },
    # A deletion that was cut off may have removed them already.
    "Untag": {
        "ForAllValues:StringEquals": {"aws:TagKeys": list(tags.OWN)},
        "Null": {"aws:TagKeys": "false"},
        "StringEqualsIfExists": {RESOURCE_TAG: TABLE_NAME},
    },
    "ByStack": {"ForAnyValue:StringEquals": {"aws:CalledVia": ["cloudformation.amazonaws.com"]}},
    "PassToEc2": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
    "ForSpot": {"StringEquals": {"iam:AWSServiceName": "spot.amazonaws.com"}},
    "ForEc2": {"StringLike": {"kms:ViaService": "ec2.*.amazonaws.com*"}},
    "GrantToEc2": {
        "Bool": {"kms:GrantIsForAWSResource": "true"},
        "StringLike": {"kms:ViaService": "ec2.*.amazonaws.com*"},
    },
}
"""The conditions under which an action is allowed, by the names that statements have after them."""

READS = (
    Permission("dynamodb:BatchGetItem", "table", "Any", f"config info status report watch adopt {OPERATING}"),
    Permission("dynamodb:Scan", "table", "Any", f"config watch {ALL}"),
    Permission("ec2:DescribeNetworkInterfaces", "*", "Any", f"config {ALL}"),
    Permission("ec2:DescribeInstances", "*", "Any", f"config watch {ALL}"),
    Permission("ec2:DescribeAddresses", "*", "Any", f"config {ALL}"),
    Permission("ec2:DescribeInstanceStatus", "*", "Any", "watch resume replace repair"),
    Permission("ec2:DescribeInstanceTypeOfferings", "*", "Any", f"config {LAUNCHING}"),
    Permission("ec2:DescribeSpotPriceHistory", "*", "Any", "resume replace repair"),
    Permission("ec2:DescribeSubnets", "*", "Any", "config adopt repair"),
    Permission("ec2:DescribeAvailabilityZones", "*", "Any", "config adopt repair"),
    Permission("ec2:DescribeSecurityGroups", "*", "Any", "config adopt repair"),
    Permission("ec2:DescribeLaunchTemplateVersions", "*", "Any", f"config adopt {LAUNCHING}"),
    Permission("ec2:DescribeInstanceTypes", "*", "Any", f"config adopt {LAUNCHING}"),
    Permission("ec2:DescribeImages", "*", "Any", f"config adopt {LAUNCHING}"),
    Permission("ec2:DescribeKeyPairs", "*", "Any", f"config {LAUNCHING}"),
    Permission("iam:GetInstanceProfile", "instance-profile", "Any", f"config {LAUNCHING}"),
    # Of watch: whether EC2 has marked an instance for interruption, as a warning claims.
    Permission("ec2:DescribeSpotInstanceRequests", "*", "Any", "adopt watch"),
    # Only of an instance whose type has CPU credits.
    Permission("ec2:DescribeInstanceCreditSpecifications", "*", "Any", "adopt repair"),
    # Reads user data, and so is not for every instance.
    Permission("ec2:DescribeInstanceAttribute", "instance", "Own", "repair"),
    Permission("ec2:DescribeInstanceAttribute", "instance", "Free", "adopt"),
)

RECORDS = (
    Permission("dynamodb:PutItem", "table", "Any", "config adopt repair"),
    Permission("dynamodb:UpdateItem", "table", "Any", f"config adopt {OPERATING}"),
    Permission("dynamodb:DeleteItem", "table", "Any", "config adopt delete"),
    Permission("dynamodb:PutItem", "history", "Any", f"adopt {OPERATING}"),
    Permission("dynamodb:Query", "history", "Any", "report"),
)

EVENTS = (
    Permission("sqs:GetQueueUrl", "queue", "Any", "watch"),
    Permission("sqs:ReceiveMessage", "queue", "Any", "watch"),
    Permission("sqs:DeleteMessage", "queue", "Any", "watch"),
)
"""What `watch` does beside resuming and replacing."""

INTERFACES = (
    Permission("ec2:CreateNetworkInterface", "network-interface", "Made", "resume replace delete repair"),
    Permission("ec2:CreateNetworkInterface", "subnet security-group", "Any", "resume replace delete repair"),
    Permission("ec2:DeleteNetworkInterface", "network-interface", "Own", "replace delete repair orphans"),
    Permission("ec2:ModifyNetworkInterfaceAttribute", "network-interface", "Own", OPERATING),
    Permission("ec2:ModifyNetworkInterfaceAttribute", "instance", "Own", "resume pause replace repair"),
    # The instance that is let go has lost its tag by then.
    Permission("ec2:ModifyNetworkInterfaceAttribute", "instance", "Free", "delete"),
    Permission("ec2:ModifyNetworkInterfaceAttribute", "security-group", "Any", "resume replace repair"),
    Permission("ec2:ModifyNetworkInterfaceAttribute", "network-interface instance", "Free", "adopt"),
    Permission("ec2:AttachNetworkInterface", "network-interface instance", "Own", "resume replace repair"),
    Permission("ec2:DetachNetworkInterface", "network-interface instance", "Own", "replace repair"),
    Permission("ec2:AssignPrivateIpAddresses", "network-interface", "Own", "resume replace repair"),
    Permission("ec2:UnassignPrivateIpAddresses", "network-interface", "Own", "resume replace repair"),
    Permission("ec2:AssignIpv6Addresses", "network-interface", "Own", "resume replace repair"),
    Permission("ec2:UnassignIpv6Addresses", "network-interface", "Own", "resume replace repair"),
)

ADDRESSES = (
    Permission("ec2:AllocateAddress", "elastic-ip", "Made", "resume replace repair"),
    # An address that somebody gave to a node carries no tag of its.
    Permission("ec2:AssociateAddress", "elastic-ip", "Any", "resume replace repair"),
    Permission("ec2:AssociateAddress", "network-interface", "Own", "resume replace repair"),
    Permission("ec2:DisassociateAddress", "elastic-ip", "Any", "resume replace delete repair"),
    Permission("ec2:DisassociateAddress", "network-interface", "Own", "resume replace delete repair"),
    Permission("ec2:ReleaseAddress", "elastic-ip", "Own", "delete orphans"),
)

INSTANCES = (
    Permission("ec2:RunInstances", "instance volume spot-instances-request", "Made", OPERATING),
    Permission(
        "ec2:RunInstances",
        "capacity-reservation image key-pair launch-template network-interface placement-group security-group snapshot "
        "subnet",
        "Any",
        OPERATING,
    ),
    # An image that is named as resolve:ssm:/aws/service/..., where AWS publishes its own.
    Permission("ssm:GetParameters", "image-parameter", "Any", OPERATING),
    Permission("ec2:StartInstances", "instance", "Own", "resume replace repair"),
    # Of resume: an instance that a hand-over which was cut off has left.
    Permission("ec2:TerminateInstances", "instance", "Own", f"{OPERATING} orphans"),
    Permission("ec2:CancelSpotInstanceRequests", "spot-instances-request", "Any", "adopt"),
)

TAGS = (
    Permission("ec2:CreateTags", "instance volume spot-instances-request", "TagMade", OPERATING),
    Permission("ec2:CreateTags", "network-interface", "TagMade", OPERATING),
    Permission("ec2:CreateTags", "elastic-ip", "TagMade", "resume replace repair"),
    Permission("ec2:CreateTags", "network-interface", "TagOwn", "resume replace repair"),
    Permission("ec2:CreateTags", "network-interface instance elastic-ip", "TagFree", "adopt"),
    Permission("ec2:DeleteTags", "network-interface", "Own", "resume replace repair"),
    Permission(
        "ec2:DeleteTags", "network-interface instance elastic-ip volume spot-instances-request", "Untag", "delete"
    ),
)

STACK = (
    Permission("cloudformation:CreateStack", "stack", "Any", "setup"),
    Permission("cloudformation:UpdateStack", "stack", "Any", "setup"),
    Permission("cloudformation:DescribeStacks", "stack", "Any", "setup"),
    Permission("cloudformation:DescribeStackEvents", "stack", "Any", "setup"),
    Permission("cloudformation:ListStackResources", "stack", "Any", "setup"),
    Permission("cloudformation:CreateChangeSet", "stack", "Any", "setup"),
    Permission("cloudformation:DescribeChangeSet", "stack", "Any", "setup"),
    Permission("cloudformation:DeleteChangeSet", "stack", "Any", "setup"),
    Permission("dynamodb:CreateTable", "table history", "ByStack", "setup"),
    Permission("dynamodb:UpdateTable", "table history", "ByStack", "setup"),
    Permission("dynamodb:DescribeTable", "table history", "ByStack", "setup"),
    Permission("dynamodb:UpdateContinuousBackups", "table history", "ByStack", "setup"),
    Permission("dynamodb:DescribeContinuousBackups", "table history", "ByStack", "setup"),
    Permission("dynamodb:UpdateTimeToLive", "table history", "ByStack", "setup"),
    Permission("dynamodb:DescribeTimeToLive", "table history", "ByStack", "setup"),
    Permission("dynamodb:DescribeContributorInsights", "table history", "ByStack", "setup"),
    Permission("dynamodb:DescribeKinesisStreamingDestination", "table history", "ByStack", "setup"),
    Permission("dynamodb:GetResourcePolicy", "table history", "ByStack", "setup"),
    Permission("dynamodb:ListTagsOfResource", "table history", "ByStack", "setup"),
    Permission("sqs:CreateQueue", "queues", "ByStack", "setup"),
    Permission("sqs:DeleteQueue", "queues", "ByStack", "setup"),
    Permission("sqs:GetQueueUrl", "queues", "ByStack", "setup"),
    Permission("sqs:GetQueueAttributes", "queues", "ByStack", "setup"),
    Permission("sqs:SetQueueAttributes", "queues", "ByStack", "setup"),
    Permission("sqs:ListQueueTags", "queues", "ByStack", "setup"),
    Permission("events:PutRule", "rule", "ByStack", "setup"),
    Permission("events:DeleteRule", "rule", "ByStack", "setup"),
    Permission("events:DescribeRule", "rule", "ByStack", "setup"),
    Permission("events:PutTargets", "rule", "ByStack", "setup"),
    Permission("events:RemoveTargets", "rule", "ByStack", "setup"),
    Permission("events:ListTargetsByRule", "rule", "ByStack", "setup"),
)

OPTIONAL = (
    Permission("iam:PassRole", "instance-role", "PassToEc2", OPERATING),
    Permission("iam:CreateServiceLinkedRole", "spot-role", "ForSpot", OPERATING),
    Permission("kms:Decrypt", "volume-key", "ForEc2", OPERATING),
    Permission("kms:DescribeKey", "volume-key", "ForEc2", OPERATING),
    Permission("kms:GenerateDataKeyWithoutPlaintext", "volume-key", "ForEc2", OPERATING),
    Permission("kms:ReEncryptFrom", "volume-key", "ForEc2", OPERATING),
    Permission("kms:ReEncryptTo", "volume-key", "ForEc2", OPERATING),
    Permission("kms:CreateGrant", "volume-key", "GrantToEc2", OPERATING),
    Permission("sts:DecodeAuthorizationMessage", "refusal", "Any", f"config setup watch {ALL}"),
)
"""In a policy only when what they are about is named: most nodes have no instance profile, and no key of their own."""

PERMISSIONS = (*READS, *RECORDS, *EVENTS, *INTERFACES, *ADDRESSES, *INSTANCES, *TAGS, *STACK, *OPTIONAL)

PLAYBOOKS = tuple(sorted({name for permission in PERMISSIONS for name in permission.playbooks.split()}))
"""The names of the playbooks, and of the modules `config` and `info`, that have a policy."""


def permissions_of(*playbooks: str) -> tuple[Permission, ...]:
    """List what the policy of these playbooks allows."""
    return tuple(item for item in PERMISSIONS if not set(playbooks).isdisjoint(item.playbooks.split()))


def holders_of(action: str, resource: str | None = None) -> tuple[Permission, ...]:
    """List the permissions for an action on a kind of resource, or on any where the kind is not known."""
    return tuple(
        item
        for item in PERMISSIONS
        if item.action == action and (resource is None or "*" in item.resources or resource in item.resources.split())
    )
