# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the filters of IAM policies are given: the names of playbooks, and the account that the policies are for."""

from __future__ import annotations

import re
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._core.access.permissions import PLAYBOOKS, permissions_of
from ..module_utils._core.access.policy_documents import LIMIT, Account, compose_policies, size_of

TABLE_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):dynamodb:(?P<region>[a-z0-9-]+):(?P<account_id>\d{12}):table/(?P<table_name>[\w.-]+)"
)
PATTERNS = {
    "table_name": (r"[\w.-]{3,255}", "a table's name"),
    "region": (r"\*|[a-z]{2}(-[a-z]+)+-\d", "a region such as eu-central-1"),
    "account_id": (r"\*|\d{12}", "an account's 12 digits"),
    "partition": (r"aws(-[a-z]+)*", "a partition such as aws"),
    "instance_role_arns": (r"arn:aws[a-z-]*:iam::(\d{12}|\*):role/\S+", "the ARN of a role"),
    "kms_key_arns": (r"arn:aws[a-z-]*:kms:[a-z0-9*-]+:(\d{12}|\*):key/\S+", "the ARN of a key"),
}


def policies_of(given: list[str] | str, table_arn: str | None, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Compose the documents for playbooks together. Raises AnsibleFilterError for what is wrong."""
    playbooks = listed(given)
    for name in playbooks or [""]:
        if name not in PLAYBOOKS:
            raise AnsibleFilterError(f"'{name}' has no policy. Name some of {', '.join(PLAYBOOKS)}.")
    policies = compose_policies(permissions_of(*playbooks), _account(table_arn, options))
    for policy in policies:
        if size_of(policy) > LIMIT:
            (statement,) = policy["Statement"]
            raise AnsibleFilterError(
                f"the statement {statement['Sid']} alone has more than the {LIMIT} characters that IAM takes: "
                "name fewer roles or keys, or use * in their ARNs."
            )
    return policies


def listed(value: Any) -> list[str]:
    """Take a list, or a text with commas or spaces, as words."""
    given = [value] if isinstance(value, str) else list(value)
    return [item for part in given for item in re.split(r"[,\s]+", str(part)) if item]


def _account(table_arn: str | None, options: dict[str, Any]) -> Account:
    unknown = set(options) - {*PATTERNS, "create_spot_role", "explain_refusals"}
    if unknown:
        raise AnsibleFilterError(f"there is no option {', '.join(sorted(unknown))}.")
    given: dict[str, Any] = {**_parsed(table_arn), **options}
    for name, (pattern, what) in PATTERNS.items():
        values = listed(given.get(name, ()))
        for value in values:
            if not re.fullmatch(pattern, value):
                raise AnsibleFilterError(f"{name} '{value}' is not {what}.")
        if name.endswith("_arns"):
            given[name] = tuple(values)
    for name in ("create_spot_role", "explain_refusals"):
        given[name] = bool(boolean(given.get(name, False)))
    return Account(**given)


def _parsed(table_arn: str | None) -> dict[str, str]:
    if not table_arn:
        return {}
    found = TABLE_ARN.fullmatch(str(table_arn))
    if not found:
        raise AnsibleFilterError(f"table_arn '{table_arn}' is not the ARN of a DynamoDB table.")
    return found.groupdict()
