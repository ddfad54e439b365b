# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: task_failure
short_description: What a task failed with, to be said at the end
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns the name of a task that failed, its message and what it wrote to stderr, after the names of its nodes.
  - Of a task with C(no_log) only the name is told.
  - With O(shown) no message is repeated that the task itself has shown.
options:
  _input:
    description:
      - The result, as a C(rescue) has it in C(ansible_failed_result). There is none where ansible-core could not
        include a file of tasks; the failure has been shown then.
    type: dict
    required: true
  task:
    description: The task, as a C(rescue) has it in C(ansible_failed_task).
    type: dict
    required: true
  nodes:
    description: The names of the nodes that the task was about. They are left out when the message names them itself.
    type: list
    elements: str
    default: []
  shown:
    description: Name the nodes and the task, and say that its message stands above.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Go on without the ones that fail
  block:
    - name: Drain
      ansible.builtin.command: nodetool drain
  rescue:
    - name: Remember what went wrong
      ansible.builtin.set_fact:
        failure: "{{ ansible_failed_result | stateful_node.aws.task_failure(ansible_failed_task) }}"
"""

RETURN = r"""
_value:
  description: The failure, the name of the task first.
  type: str
"""

from collections.abc import Mapping, Sequence
from typing import Any

SAYING = ("msg", "reason", "stderr")
"""The keys of a result that tell what is wrong, for a person."""


def task_failure(
    result: Mapping[str, Any],
    task: Mapping[str, Any],
    nodes: Sequence[str] = (),
    shown: bool = False,  # noqa: FBT001, FBT002 - a filter's option
) -> str:
    failure = _shown(result, task) if shown else _failure(result, task)
    if not nodes or any(f"{name}:" in failure for name in nodes):
        return failure
    return f"{', '.join(nodes)}: {failure}"


def _shown(result: Mapping[str, Any], task: Mapping[str, Any]) -> str:
    if not task or _is_hidden(result, task):
        return _failure(result, task)
    return f"The task '{task['name']}' failed, as shown above."


def _is_hidden(result: Mapping[str, Any], task: Mapping[str, Any]) -> bool:
    return bool(task.get("no_log") or result.get("_ansible_no_log") or "censored" in result)


def _failure(result: Mapping[str, Any], task: Mapping[str, Any]) -> str:
    if not task:
        return "A file of tasks could not be included, as shown above."
    if _is_hidden(result, task):
        return f"{task['name']}: failed; what it said is hidden by no_log."
    items = [item for item in result.get("results") or () if item.get("failed")]
    said = [str(item[key]) for item in items or [result] for key in SAYING if item.get(key)]
    return f"{task['name']}: " + ("\n".join(said) or "failed, as shown above.")


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"task_failure": task_failure}
