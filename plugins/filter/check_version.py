# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: check_version
short_description: Refuse playbooks of another version than the collection
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns the version of the collection that is installed, unless it is another one than the given.
  - A job of AWX takes its playbook from the project, and the collection from the execution environment.
options:
  _input:
    description: The version of the playbooks.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Check that both are of one version
  ansible.builtin.debug:
    msg: "{{ '1.0.0' | stateful_node.aws.check_version }}"
"""

RETURN = r"""
_value:
  description: The version.
  type: str
"""

import json
import re
from pathlib import Path

from ansible.errors import AnsibleFilterError

COLLECTION = Path(__file__).parents[2]


def check_version(given: str) -> str:
    installed = _installed_version()
    if str(given) != installed:
        raise AnsibleFilterError(
            f"The project has version {given} of the playbooks, and the execution environment version {installed} of "
            "stateful_node.aws. Nothing was done. Set the project's branch to the tag of the collection's version, or "
            "build the execution environment from the project's."
        )
    return installed


def _installed_version() -> str:
    manifest = COLLECTION / "MANIFEST.json"
    if manifest.is_file():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    # A checkout, which has no manifest.
    found = re.search(r"^version: (\S+)$", (COLLECTION / "galaxy.yml").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "unknown"


class FilterModule:
    def filters(self) -> dict[str, object]:
        return {"check_version": check_version}
