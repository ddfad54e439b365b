# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: protection_policy
short_description: A policy that keeps others from the nodes' network interfaces and tags
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns a policy document for all but the roles that run the automation. It denies them to delete, detach and attach
    the network interfaces of a table's nodes.
  - It denies them to give the table's tags to any resource, in a call of its own or with one that makes the resource,
    and to change or remove those of a resource that has them. Without that, tags do not prove what belongs to a node.
  - It can be used as a service control policy of AWS Organizations, a permissions boundary or a policy of users and
    roles.
  - It allows nothing. What else may be done is up to other policies.
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
OF_INTERFACES = [
    "ec2:DeleteNetworkInterface",
    "ec2:DetachNetworkInterface",
    "ec2:AttachNetworkInterface",
]
"""What takes a node's interface away, or, while the node is paused, attaches it to another instance.

RunInstances is not among them: EC2 knows no tags of an existing interface when it authorizes a launch on it.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

GIVING_TAGS = [
    "ec2:CreateTags",
    "ec2:RunInstances",
    "ec2:CreateFleet",
    "ec2:RequestSpotInstances",
    "ec2:CreateNetworkInterface",
    "ec2:AllocateAddress",
    "ec2:CreateVolume",
    "autoscaling:CreateAutoScalingGroup",
    "autoscaling:CreateOrUpdateTags",
]
"""What gives tags. A call that makes something with tags is authorized as CreateTags, too; a group gives its own to
instances by a service-linked role, which no service control policy binds.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""

ROLE = re.compile(r"arn:(aws[a-z-]*|\*):iam::(\d{12}|\*):role/\S+")


def protection_policy(role_arns: list[str] | str, table_name: str = "stateful-nodes") -> dict[str, Any]:
    roles = [arn for given in _listed(role_arns) for arn in re.split(r"[,\s]+", str(given)) if arn]
    for arn in roles or [""]:
        if not ROLE.fullmatch(arn):
            raise AnsibleFilterError(
                f"protection_policy: '{arn}' is not the ARN of a role. Give one like "
                "arn:aws:iam::123456789012:role/NAME: a role that is not named may not delete the interfaces."
            )
    owned = {f"aws:ResourceTag/{PREFIX}table": table_name}
    given = {f"aws:RequestTag/{PREFIX}table": table_name}
    own_keys = {"ForAnyValue:StringLike": {"aws:TagKeys": [f"{PREFIX}*"]}}
    others = {"ArnNotLike": {"aws:PrincipalArn": roles}}
    on_owned = {"StringEquals": owned, **others}
    return {
        "Version": "2012-10-17",
        "Statement": [
            _deny("KeepStatefulNodeInterfaces", OF_INTERFACES, on_owned, resource=INTERFACES),
            # DeleteTags without keys removes them all, and then has no aws:TagKeys to be told by.
            _deny("KeepStatefulNodeTags", ["ec2:DeleteTags"], on_owned),
            _deny("KeepStatefulNodeTagValues", ["ec2:CreateTags"], {**on_owned, **own_keys}),
            _deny("GiveNoStatefulNodeTags", GIVING_TAGS, {"StringEquals": given, **others}),
        ],
    }


def _listed(value: list[str] | str) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _deny(sid: str, actions: list[str], condition: dict[str, Any], resource: str = "*") -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": actions, "Resource": resource, "Condition": condition}


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"protection_policy": protection_policy}
