# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to say when a permission is missing: which one, on what, and whose policy has it."""

from __future__ import annotations

from collections.abc import Mapping

from ..._aws.calls.authorization_errors import Explainer, Refusal, read_refusal
from ..._aws.calls.aws_error import AwsError
from ..._core.access.permissions import PERMISSIONS, SCOPES, holders_of
from ..._core.model.tags import TABLE

UNDER: Mapping[str, str] = {
    "Own": f" on what carries the table's tag {TABLE}",
    "Made": f" for what is given the table's tag {TABLE} in the call",
    "TagMade": f" when something is made with the table's tag {TABLE}",
    "TagOwn": f" on what carries the table's tag {TABLE}, and keeps it",
    "Free": f" on what carries no other table's tag {TABLE}",
    "TagFree": f" on what carries no other table's tag {TABLE}",
    "Untag": f" for the collection's own tags, on what carries no other table's tag {TABLE}",
    "ByStack": " through CloudFormation",
    "PassToEc2": " for the roles that it is composed with (instance_role_arns)",
    "ForSpot": " when it is composed with create_spot_role=true; an administrator can make that role once, too: "
    "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com",
    "ForEc2": " for the keys that it is composed with (kms_key_arns)",
    "GrantToEc2": " for the keys that it is composed with (kms_key_arns)",
}
"""How far a policy allows something, by the scope of the permission."""

PLAYBOOKS = {
    "interface": "resume",
    "elastic_ip": "resume",
    "interface_absent": "delete",
    "elastic_ip_absent": "delete",
}
"""Whose policy a module needs that is called on its own, by its goal."""

KINDS = {"role": "instance-role", "key": "volume-key"}
KEYS = frozenset(key.lower() for condition in SCOPES.values() for keys in condition.values() for key in keys)
"""The condition keys that the policies go by: no others are told."""


OF_QUEUES = {
    "GetQueueUrl": "sqs:GetQueueUrl",
    "ReceiveMessage": "sqs:ReceiveMessage",
    "DeleteMessageBatch": "sqs:DeleteMessage",
}
"""The permissions of the calls to SQS, which has none for a batch.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
"""


def refusal_message(error: AwsError, playbook: str, explainer: Explainer | None) -> str:
    """Name the missing permission, its resource, and the policy that has it."""
    playbook = PLAYBOOKS.get(playbook, playbook)
    refusal = explainer.explain(error) if explainer else read_refusal(error)
    action = refusal.action or _assumed(error.action)
    on = f" on {refusal.resource}" if refusal.resource else ""
    why = f", {refusal.why}" if refusal.why else ""
    lacks = f"{refusal.principal or 'the caller'} lacks the permission {action}{on}{why}."
    return (
        f"{error.action} was not allowed ({error.code}): {lacks}{_seen(refusal)} {_advice(refusal, action, playbook)}"
    )


def _assumed(api_action: str) -> str:
    """Name the permission after the call, as nearly all are."""
    found = (item.action for item in PERMISSIONS if item.action.endswith(f":{api_action}"))
    return next(found, OF_QUEUES.get(api_action, f"ec2:{api_action}"))


def _seen(refusal: Refusal) -> str:
    seen = [f"{key}={value}" for key, value in refusal.seen.items() if key.lower() in KEYS]
    denied = [f"statement {sid}" for sid in refusal.denied_by]
    return f" AWS decided by {', '.join((*denied, *seen))}." if seen or denied else ""


def _advice(refusal: Refusal, action: str, playbook: str) -> str:
    if refusal.why and "explicit deny" in refusal.why:
        return "A denial counts more than all policies that allow: ask whoever manages it."
    holders = holders_of(action, _kind(refusal.resource))
    own = [item for item in holders if playbook in item.playbooks.split()]
    if own:
        under = UNDER.get(own[0].scope, "")
        return f"The policy docs/iam/{playbook}.json of the collection allows it{under}."
    if holders:
        names = sorted({name for item in holders for name in item.playbooks.split()})
        return f"Of the collection's policies in docs/iam/, those of {', '.join(names)} allow it."
    return "None of the collection's policies in docs/iam/ allows it: add it to the role's permissions."


def _kind(arn: str | None) -> str | None:
    """Tell the kind of resource from its ARN; None where that is not one of the table's."""
    if not arn or not arn.startswith("arn:"):
        return None
    kind, _slash, name = arn.split(":", 5)[5].partition("/")
    if kind == "table" and name.endswith("-history"):
        return "history"
    return "spot-role" if name.startswith("aws-service-role/") else KINDS.get(kind, kind)
