# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: actions_by_node
short_description: What was done to each node
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Sorts the actions that modules of the collection return by their nodes.
options:
  _input:
    description: Actions, as modules of the collection return them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what was done
  ansible.builtin.debug:
    msg: "{{ launched.actions | stateful_node.aws.actions_by_node }}"
"""

RETURN = r"""
_value:
  description: The names of the actions in their order, by the names of the nodes.
  type: dict
"""

from typing import Any


def actions_by_node(actions: list[dict[str, Any]]) -> dict[str, list[str]]:
    by_node: dict[str, list[str]] = {}
    for action in actions:
        by_node.setdefault(action["name"], []).append(action["action"])
    return by_node


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"actions_by_node": actions_by_node}
