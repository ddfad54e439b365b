# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: protection_policy
short_description: A policy that keeps others from the nodes' network interfaces
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns a policy document that denies deleting and detaching the network interfaces of a table's nodes, and changing
    the tags by which they are known, to everybody but the roles that run the automation.
  - It can be used as a service control policy of AWS Organizations, a permissions boundary or a policy of users and
    roles.
  - It allows nothing. What may be done beside that is for other policies to say.
options:
  _input:
    description:
      - The ARNs of the roles that may, of the form C(arn:aws:iam::123456789012:role/NAME); C(*) stands for any
        characters.
      - Not those of sessions, C(arn:aws:sts::...:assumed-role/...).
    type: list
    elements: str
    required: true
  table_name:
    description: The table of the nodes.
    type: str
    default: stateful-nodes
"""

EXAMPLES = r"""
- name: Write the policy
  ansible.builtin.copy:
    content: >-
      {{ ['arn:aws:iam::123456789012:role/ansible']
      | stateful_node.aws.protection_policy(table_name='staging-nodes') | to_nice_json }}
    dest: protect-stateful-nodes.json
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The policy document.
  type: dict
"""

import re
from typing import Any

from ansible.errors import AnsibleFilterError

INTERFACES = "arn:*:ec2:*:*:network-interface/*"
PREFIX = "stateful_node:"
ROLE = re.compile(r"arn:(aws[a-z-]*|\*):iam::(\d{12}|\*):role/\S+")


def protection_policy(role_arns: list[str] | str, table_name: str = "stateful-nodes") -> dict[str, Any]:
    roles = [arn for given in _listed(role_arns) for arn in re.split(r"[,\s]+", str(given)) if arn]
    for arn in roles or [""]:
        if not ROLE.fullmatch(arn):
            raise AnsibleFilterError(
                f"protection_policy: '{arn}' is no ARN of a role. Give one like arn:aws:iam::123456789012:role/NAME: "
                "whoever is not named would be denied to delete the interfaces."
            )
    # DeleteTags without keys removes them all, and then has no aws:TagKeys to be told by.
    return {
        "Version": "2012-10-17",
        "Statement": [
            _deny(
                "KeepStatefulNodeInterfaces",
                ["ec2:DeleteNetworkInterface", "ec2:DetachNetworkInterface", "ec2:DeleteTags"],
                roles,
                table_name,
            ),
            _deny(
                "KeepStatefulNodeTags",
                ["ec2:CreateTags"],
                roles,
                table_name,
                {"ForAnyValue:StringLike": {"aws:TagKeys": [f"{PREFIX}*"]}},
            ),
        ],
    }


def _listed(value: list[str] | str) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _deny(
    sid: str, actions: list[str], roles: list[str], table_name: str, more: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": actions,
        "Resource": INTERFACES,
        "Condition": {
            "StringEquals": {f"aws:ResourceTag/{PREFIX}table": table_name},
            "ArnNotLike": {"aws:PrincipalArn": roles},
            **(more or {}),
        },
    }


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"protection_policy": protection_policy}
