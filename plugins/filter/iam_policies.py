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
extends_documentation_fragment:
  - stateful_node.aws.iam_policy
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

from ..plugin_utils.policy_arguments import policies_of


def iam_policies(playbooks: list[str] | str, *, table_arn: str | None = None, **options: Any) -> list[dict[str, Any]]:
    try:
        return policies_of(playbooks, table_arn, options)
    except AnsibleFilterError as error:
        raise AnsibleFilterError(f"iam_policies: {error}") from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"iam_policies": iam_policies}
