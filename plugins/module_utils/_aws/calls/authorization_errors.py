# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals for want of a permission: what AWS says of them, and what it says when it is asked to decode."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .aws_error import AwsError, translated
from .clients import ClientFactory, Settings

DECODINGS = 5
"""How many refusals one call of a module has decoded at the most: those of a fleet are like each other."""

SETTINGS: Settings = {
    "connect_timeout": 2,
    "read_timeout": 3,
    "retries": {"mode": "standard", "total_max_attempts": 1},
}
"""An explanation is worth a moment, not more."""

NO_SPOT_ROLE = "AuthFailure.ServiceLinkedRoleCreationNotPermitted"
"""EC2's code when the account lacks EC2 Spot's service-linked role and the caller may not make it."""

TOLD = re.compile(
    r"User: (?P<principal>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: (?P<resource>\S+))?(?: (?P<why>(?:because|with) [^.]+))?"
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Whom AWS refused what, and why, as far as it is known.

    `seen` are the values of condition keys that AWS decided by, `denied_by` the identifiers of statements that deny.
    """

    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    why: str | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    denied_by: tuple[str, ...] = ()


def read_refusal(error: AwsError) -> Refusal:
    """Read what the error itself says; EC2 says little in some regions and for some actions."""
    if error.code == NO_SPOT_ROLE:
        return Refusal(action="iam:CreateServiceLinkedRole", why="because the account has no role of EC2 Spot yet")
    told = TOLD.search(error.message)
    if not told:
        return Refusal()
    return Refusal(principal=told["principal"], action=told["action"], resource=told["resource"], why=told["why"])


class Explainer:
    """Has refusals decoded, as long as that is allowed. Blocks, and raises nothing."""

    def __init__(self, client_factory: ClientFactory) -> None:
        self._client_factory, self._left = client_factory, DECODINGS
        self._decoded: dict[str, dict[str, Any]] = {}

    def explain(self, error: AwsError) -> Refusal:
        """Read a refusal, and add what its encoded part says where the caller may know that."""
        refusal, document = read_refusal(error), self._document(error.encoded)
        if not document:
            return refusal
        context, statements = document.get("context", {}), document.get("matchedStatements", {}).get("items", ())
        action = context.get("action") or refusal.action
        return replace(
            refusal,
            principal=refusal.principal or context.get("principal", {}).get("arn"),
            action=action if not action or ":" in action else f"ec2:{action}",
            resource=refusal.resource or context.get("resource"),
            why=refusal.why or ("with an explicit deny" if document.get("explicitDeny") else None),
            seen=dict(_seen(context)),
            denied_by=tuple(item["statementId"] for item in statements if item.get("statementId")),
        )

    def _document(self, encoded: str | None) -> dict[str, Any]:
        if encoded is None:
            return {}
        if encoded not in self._decoded and self._left:
            self._left -= 1
            self._decoded[encoded] = self._decode(encoded)
        return self._decoded.get(encoded, {})

    def _decode(self, encoded: str) -> dict[str, Any]:
        try:
            with translated("DecodeAuthorizationMessage"):
                client = self._client_factory("sts", SETTINGS)
                answer = client.decode_authorization_message(EncodedMessage=encoded)
            return dict(json.loads(answer["DecodedMessage"]))
        except (AwsError, ValueError, KeyError):
            # It may not be decoded: the error is told without, and so are those after it.
            self._left = 0
            return {}


def _seen(context: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (item["key"], ", ".join(str(value["value"]) for value in item["values"]["items"]))
        for item in context.get("conditions", {}).get("items", ())
    ]
