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
extends_documentation_fragment:
  - stateful_node.aws.iam_policy
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

from ..module_utils._core.access.policy_documents import LIMIT
from ..plugin_utils.policy_arguments import listed, policies_of


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
