# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: iam_policy
short_description: The IAM policy with which playbooks can be run, and no more
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns a policy document that allows the calls of the named playbooks, scoped by the table and its tag where AWS
    supports that.
  - It has at most the 6144 characters, white space not counted, of a managed policy. Playbooks that come to more are
    refused.
options:
  _input:
    description:
      - The names of playbooks of the collection, as a list or separated by commas.
      - C(config) and C(info) stand for the modules M(stateful_node.aws.stateful_node_config) and
        M(stateful_node.aws.stateful_node_info).
    type: list
    elements: str
    required: true
  table_name:
    description: The table of the nodes.
    type: str
    default: stateful-nodes
  table_arn:
    description: Its ARN, which tells table, region, account and partition at once.
    type: str
  region:
    description: The region in which the nodes are.
    type: str
    default: "*"
  account_id:
    description: The account in which they are, 12 digits.
    type: str
    default: "*"
  partition:
    description: The partition of the region, such as C(aws), C(aws-cn) or C(aws-us-gov).
    type: str
    default: aws
  instance_role_arns:
    description:
      - The ARNs of the roles in the instance profiles that nodes are launched with, as a list or separated by commas.
      - Left out, no role may be passed, and a launch with a profile is refused by EC2.
    type: list
    elements: str
    default: []
  kms_key_arns:
    description: The ARNs of the customer managed keys that the nodes' volumes are encrypted with.
    type: list
    elements: str
    default: []
  create_spot_role:
    description: Whether EC2 Spot's service-linked role may be made, which an account needs once.
    type: bool
    default: false
  explain_refusals:
    description: Whether EC2's encoded refusals may be decoded, for errors that tell more.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Write the policy of those who pause and resume
  ansible.builtin.copy:
    content: >-
      {{ ['pause', 'resume']
      | stateful_node.aws.iam_policy(table_arn='arn:aws:dynamodb:eu-central-1:123456789012:table/stateful-nodes',
      instance_role_arns=['arn:aws:iam::123456789012:role/cassandra']) | to_nice_json }}
    dest: pause-and-resume.json
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The policy document.
  type: dict
"""

import json
import re
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._core.permissions import PLAYBOOKS, permissions_of
from ..module_utils._core.policies import LIMIT, Account, compose_policy

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


def iam_policy(playbooks: list[str] | str, *, table_arn: str | None = None, **options: Any) -> dict[str, Any]:
    names = _listed(playbooks)
    for name in names or [""]:
        if name not in PLAYBOOKS:
            raise AnsibleFilterError(f"iam_policy: '{name}' has no policy. Name some of {', '.join(PLAYBOOKS)}.")
    policy = compose_policy(permissions_of(*names), _account(table_arn, options))
    size = len(json.dumps(policy, separators=(",", ":")))
    if size > LIMIT:
        raise AnsibleFilterError(
            f"iam_policy: the policy for {', '.join(names)} has {size} characters, and IAM takes {LIMIT} at the most. "
            "Make one for fewer playbooks at a time; a role can have ten."
        )
    return policy


def _account(table_arn: str | None, options: dict[str, Any]) -> Account:
    unknown = set(options) - {*PATTERNS, "create_spot_role", "explain_refusals"}
    if unknown:
        raise AnsibleFilterError(f"iam_policy: there is no option {', '.join(sorted(unknown))}.")
    given: dict[str, Any] = {**_parsed(table_arn), **options}
    for name, (pattern, what) in PATTERNS.items():
        values = _listed(given.get(name, ()))
        for value in values:
            if not re.fullmatch(pattern, value):
                raise AnsibleFilterError(f"iam_policy: {name} '{value}' is not {what}.")
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
        raise AnsibleFilterError(f"iam_policy: table_arn '{table_arn}' is not the ARN of a DynamoDB table.")
    return found.groupdict()


def _listed(value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else list(value)
    return [item for part in given for item in re.split(r"[,\s]+", str(part)) if item]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"iam_policy": iam_policy}
