# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM policy documents, composed of permissions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .permissions import SCOPES, TABLE_NAME, Permission

SPOT_ROLE = "role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"
OWNED_BY_ANYBODY = ("image", "snapshot")
"""Kinds whose ARNs name no account: those of others can be used, too."""

SHARED_BY_OTHERS = ("capacity-reservation", "placement-group", "security-group", "subnet")
"""Kinds that another account may share by Resource Access Manager: their ARNs name the owner's account.

Source: https://docs.aws.amazon.com/ram/latest/userguide/shareable.html
"""

MANY = 3
"""From so many kinds on a statement is named after its actions, or, where it is the scope's, after that alone."""

SHARED = ("Own", "Made")
"""Scopes of one statement for all actions and kinds: AWS authorizes an action on its own kinds only."""

APART = ("ec2:AssociateAddress", "ec2:DeleteTags")
"""Actions that AWS authorizes on more kinds than they are allowed on, so that the others' kinds would widen them."""

LIMIT = 6144
"""Characters, white space not counted, that a managed policy may have.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Where a policy is to hold, `*` for anywhere, and what it is to allow beside the nodes themselves.

    `instance_role_arns` are the roles of the nodes' instance profiles, `kms_key_arns` the customer managed keys of
    their volumes. `create_spot_role` allows to make EC2 Spot's service-linked role, `explain_refusals` to have EC2's
    encoded refusals decoded.
    """

    table_name: str = "stateful-nodes"
    partition: str = "aws"
    region: str = "*"
    account_id: str = "*"
    instance_role_arns: tuple[str, ...] = ()
    kms_key_arns: tuple[str, ...] = ()
    create_spot_role: bool = False
    explain_refusals: bool = False

    def arns(self, kind: str) -> tuple[str, ...]:
        """Name all resources of a kind; none where the policy is not to be about any."""
        special = {
            "*": ("*",),
            "table": (self._arn("dynamodb", f"table/{self.table_name}"),),
            "history": (self._arn("dynamodb", f"table/{self.table_name}-history"),),
            "queue": (self._arn("sqs", f"{self.table_name}-events"),),
            "queues": (self._arn("sqs", f"{self.table_name}-events*"),),
            "rule": (self._arn("events", f"rule/{self.table_name}-*"),),
            "image-parameter": (f"arn:{self.partition}:ssm:{self.region}::parameter/aws/service/*",),
            "stack": (self._arn("cloudformation", f"stack/{self.table_name}/*"),),
            "instance-profile": (f"arn:{self.partition}:iam::{self.account_id}:instance-profile/*",)
            * bool(self.instance_role_arns),
            "instance-role": self.instance_role_arns,
            "volume-key": self.kms_key_arns,
            "spot-role": (f"arn:{self.partition}:iam::{self.account_id}:{SPOT_ROLE}",) * self.create_spot_role,
            "refusal": ("*",) * self.explain_refusals,
        }
        return special[kind] if kind in special else (self._ec2(kind),)

    def _ec2(self, kind: str) -> str:
        account_id = self.account_id
        if kind in OWNED_BY_ANYBODY:
            account_id = ""
        elif kind in SHARED_BY_OTHERS:
            account_id = "*"
        return f"arn:{self.partition}:ec2:{self.region}:{account_id}:{kind}/*"

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"


def compose_policies(permissions: Iterable[Permission], account: Account) -> list[dict[str, Any]]:
    """Compose as many documents as IAM's limit makes necessary: one, where it can be."""
    parts: list[dict[str, Any]] = []
    for statement in compose_policy(permissions, account)["Statement"]:
        longer = _document([*(parts[-1]["Statement"] if parts else ()), statement])
        if parts and size_of(longer) <= LIMIT:
            parts[-1] = longer
        else:
            parts.append(_document([statement]))
    return parts


def size_of(policy: dict[str, Any]) -> int:
    """Count its characters as IAM does."""
    return len(json.dumps(policy, separators=(",", ":")))


def compose_policy(permissions: Iterable[Permission], account: Account) -> dict[str, Any]:
    """Compose the policy document that allows no more than the permissions.

    In a scope, the actions on the same kinds of resources share a statement.
    """
    actions: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (scope, action), kinds in sorted(_kinds(permissions).items()):
        actions.setdefault((scope, tuple(sorted(kinds))), []).append(action)
    statements = [_statement(scope, kinds, found, account) for (scope, kinds), found in actions.items()]
    return _document([item for item in statements if item["Resource"]])


def _document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _kinds(permissions: Iterable[Permission]) -> dict[tuple[str, str], set[str]]:
    """List the kinds of resources of each scope's actions; in one of SHARED, those of them all."""
    kinds: dict[tuple[str, str], set[str]] = {}
    for item in permissions:
        kinds.setdefault((item.scope, item.action), set()).update(item.resources.split())
    for scope in SHARED:
        together = [key for key in kinds if key[0] == scope and key[1] not in APART]
        kinds.update(dict.fromkeys(together, set().union(*(kinds[key] for key in together))))
    return kinds


def _statement(scope: str, kinds: tuple[str, ...], actions: list[str], account: Account) -> dict[str, Any]:
    condition = {
        operator: {key: _filled(value, account) for key, value in keys.items()}
        for operator, keys in SCOPES[scope].items()
    }
    return {
        "Sid": _sid(scope, kinds, actions),
        "Effect": "Allow",
        "Action": _short(actions),
        "Resource": _short([arn for kind in kinds for arn in account.arns(kind)]),
        **({"Condition": condition} if condition else {}),
    }


def _short(values: list[str]) -> list[str] | str:
    """Write a single value without brackets: a policy is counted by its characters."""
    return values[0] if len(values) == 1 else values


def _sid(scope: str, kinds: tuple[str, ...], actions: list[str]) -> str:
    if scope in SHARED and len(kinds) >= MANY:
        return scope
    names = kinds if len(kinds) < MANY else [action.partition(":")[2] for action in actions]
    return scope + "".join(
        word.capitalize() if word.islower() else word for name in names for word in re.findall(r"\w+", name)
    )


def _filled(value: Any, account: Account) -> Any:
    if value == TABLE_NAME:
        return account.table_name
    if value == "ec2.amazonaws.com" and account.partition == "aws-cn":
        return f"{value}.cn"
    return value
