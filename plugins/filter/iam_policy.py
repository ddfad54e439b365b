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
    refused; P(stateful_node.aws.iam_policies#filter) then returns several documents.
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

from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._core.policies import LIMIT
from ..plugin_utils.policies import listed, policies_of


def iam_policy(playbooks: list[str] | str, *, table_arn: str | None = None, **options: Any) -> dict[str, Any]:
    try:
        policy, *more = policies_of(playbooks, table_arn, options)
    except AnsibleFilterError as error:
        raise AnsibleFilterError(f"iam_policy: {error}") from None
    if more:
        raise AnsibleFilterError(
            f"iam_policy: the policy for {', '.join(listed(playbooks))} has more than the {LIMIT} characters that IAM "
            f"takes. Take the filter stateful_node.aws.iam_policies, which makes {len(more) + 1} documents of it."
        )
    return policy


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"iam_policy": iam_policy}
