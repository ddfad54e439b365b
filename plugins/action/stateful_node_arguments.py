# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the variables of a role against its argument specification, without those that are blank."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action.validate_argument_spec import ActionModule as ValidateArgumentSpec

from ..filter.unless_blank import is_blank

ROLES = Path(__file__).parents[2] / "roles"


class ActionModule(ValidateArgumentSpec):  # type: ignore[misc] # Ansible is not typed
    """Runs ansible.builtin.validate_argument_spec for the options that are given."""

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Check the variables; fails with the message that Ansible has for them."""
        variables = dict(task_vars or {})
        role = str(self._task.args.get("role", ""))
        specification = self._read_specification(role)
        options = {
            name: option
            for name, option in specification["options"].items()
            if option.get("required") or name not in variables or not self._is_blank(variables[name])
        }
        self._task.args = {
            "argument_spec": options,
            "validate_args_context": {"type": "role", "name": role, "argument_spec_name": "main"},
        }
        return dict(super().run(tmp, variables))

    def _is_blank(self, value: Any) -> bool:
        return is_blank(self._templar.template(value))

    def _read_specification(self, role: str) -> dict[str, Any]:
        path = ROLES / role / "meta" / "argument_specs.yml"
        if not role or not path.is_file():
            known = ", ".join(sorted(found.name for found in ROLES.iterdir()))
            raise AnsibleActionFail(f"role '{role}' is not a role of the collection. They are {known}.")
        specification: dict[str, Any] = self._loader.load_from_file(str(path))["argument_specs"]["main"]
        return specification
