# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: check_extra_vars
short_description: Refuse names of nodes that are empty or were cut at a space
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns the value of C(stateful_nodes), unless it is empty, or something that was given with C(-e) belongs to no
    variable.
  - An empty text or null is refused, since it may come from a shell variable that is not set. An empty list is none.
  - A text that is a list in JSON is returned as that list, on every version of ansible-core.
  - Ansible splits C(-e "stateful_nodes=dev-1, dev-5") at the space. C(stateful_nodes) is C(dev-1,) then, and the rest
    is in C(_raw_params), which nothing else looks at.
options:
  _input:
    description: The value of C(stateful_nodes).
    type: raw
    required: true
  rest:
    description: What belongs to no variable, C(_raw_params), or an empty text.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Pause nodes that are named on the command line
  ansible.builtin.include_role:
    name: stateful_node.aws.pause
  vars:
    pause_nodes: "{{ stateful_nodes | stateful_node.aws.check_extra_vars(_raw_params | default('')) }}"
"""

RETURN = r"""
_value:
  description: The value.
  type: raw
"""

import json
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._core.model.names import read_json_list
from .unless_blank import is_blank


def check_extra_vars(value: Any, rest: str) -> Any:
    if rest:
        _refuse_rest(value, rest)
    if is_blank(value):
        raise AnsibleFilterError(
            "stateful_nodes is empty: name the nodes, -e stateful_nodes=NAME,NAME, or all. Nothing was done."
        )
    listed = read_json_list(value) if isinstance(value, str) else None
    return value if listed is None else listed


def _refuse_rest(value: Any, rest: str) -> None:
    whole = f"{value} {rest}" if isinstance(value, str) else "..."
    quoted = json.dumps({"stateful_nodes": whole})
    raise AnsibleFilterError(
        f"-e was cut at a space: '{rest}' belongs to no variable. Quote the value that it is a part of, such as "
        f"-e '{quoted}'"
    )


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"check_extra_vars": check_extra_vars}
