# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation that the filters of IAM policies share."""

from __future__ import annotations


class ModuleDocFragment:
    """What such a filter is given: `stateful_node.aws.iam_policy`."""

    DOCUMENTATION = r"""
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
