# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: spelled_out_names
short_description: The nodes that a list names, without those that it selects
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns the names in a list, without V(all), patterns such as V(cassandra-*) and tags such as V(tag:KEY=VALUE).
  - The role C(replace) leaves out a paused node that was only selected, and fails for one that was named.
options:
  _input:
    description: Names and selectors, as O(stateful_node.aws.stateful_node_info#module:name) takes them.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Show what is named
  ansible.builtin.debug:
    msg: "{{ 'cassandra-1,dev-*' | stateful_node.aws.spelled_out_names }}" # [cassandra-1]
"""

RETURN = r"""
_value:
  description: The names.
  type: list
  elements: str
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._core.model.node_error import NodeError
from ..module_utils._core.model.selectors import list_spelled_out, parse_selection


def spelled_out_names(given: Any) -> list[str]:
    values = given if isinstance(given, (list, tuple)) else [given]
    try:
        return list_spelled_out(parse_selection(values))
    except NodeError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"spelled_out_names": spelled_out_names}
