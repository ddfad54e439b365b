# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: missing_task_files
short_description: Which of the user's files of tasks do not exist
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Looks on the controller for the files of tasks that a role includes later, so that it can refuse a wrong name before
    it begins.
  - A path is found as the roles include it, V(~) for the home directory, a relative one in the directory of the tasks.
options:
  _input:
    description: The paths, by the names of the role's options. An empty one names no file.
    type: dict
    required: true
  playbook_dir:
    description: The playbook's directory, in which a relative directory of the tasks is.
    type: str
    required: true
  directory:
    description: The directory of the tasks, in which a relative path is looked for.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Stop before anything begins
  ansible.builtin.assert:
    that: "{'drain': drain} | stateful_node.aws.missing_task_files(playbook_dir, playbook_dir) | length == 0"
"""

RETURN = r"""
_value:
  description: A sentence for each file that does not exist, naming the option and where it was looked for.
  type: list
  elements: str
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def missing_task_files(paths: Mapping[str, str | None], playbook_dir: str, directory: str) -> list[str]:
    found = {option: _find(playbook_dir, directory, path) for option, path in paths.items() if path}
    return [_sentence(option, paths[option], path) for option, path in found.items() if not path.is_file()]


def _find(playbook_dir: str, directory: str, path: str) -> Path:
    return Path(playbook_dir, directory, Path(path).expanduser())


def _sentence(option: str, given: str | None, path: Path) -> str:
    where = "" if str(path) == given else f" ({path})"
    return f"{option}: there is no file '{given}'{where}. Nothing has begun."


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"missing_task_files": missing_task_files}
