# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: iam_policies
short_description: The IAM policy with which playbooks can be run, as several documents where IAM takes no longer one
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns what P(stateful_node.aws.iam_policy#filter) does as a list of policy documents. A role needs them all.
  - There is more than one where one would have more than the 6144 characters, white space not counted, of a managed
    policy - that of many playbooks, roles or keys. A role can have ten managed policies.
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
- name: Write the policies of the role that runs all playbooks but setup
  ansible.builtin.copy:
    content: "{{ item | to_nice_json }}"
    dest: "automation-{{ index }}.json"
    mode: "0644"
  loop: >-
    {{ ['adopt', 'delete', 'orphans', 'pause', 'repair', 'replace', 'report', 'resume', 'watch']
    | stateful_node.aws.iam_policies(table_arn='arn:aws:dynamodb:eu-central-1:123456789012:table/stateful-nodes') }}
  loop_control:
    index_var: index
"""

RETURN = r"""
_value:
  description: The policy documents.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils.policies import policies_of


def iam_policies(playbooks: list[str] | str, *, table_arn: str | None = None, **options: Any) -> list[dict[str, Any]]:
    try:
        return policies_of(playbooks, table_arn, options)
    except AnsibleFilterError as error:
        raise AnsibleFilterError(f"iam_policies: {error}") from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"iam_policies": iam_policies}
