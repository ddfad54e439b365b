# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: node_errors
short_description: One line for each node that failed
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns a line for each node that carries an error, with what is true of the node now and the command that goes on
    from there, if there is one.
options:
  _input:
    description: Nodes, as every module of the collection returns them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Fail with every node's error
  ansible.builtin.fail:
    msg: "{{ resume_result.nodes | stateful_node.aws.node_errors }}"
"""

RETURN = r"""
_value:
  description: The lines; none when no node failed.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._core.model.node_error import failure_sentence


def node_errors(nodes: list[dict[str, Any]]) -> list[str]:
    return [_line(node["name"], node["error"]) for node in nodes if node.get("error")]


def _line(name: str, failure: Mapping[str, Any]) -> str:
    sentence = failure_sentence(failure)
    return sentence if sentence.startswith(f"{name}:") else f"{name}: {sentence}"


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"node_errors": node_errors}
