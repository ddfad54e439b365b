# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of every module: the module's code in the controller's process where that can be.

Starting an interpreter, importing boto3 and reading EC2's model cost a task most of a CPU second. Here they are paid
once a run: the strategy loads an action plugin in the controller, and forks the workers of the tasks from it.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase, display
from ansible.plugins.action.normal import ActionModule as NormalAction

from ..module_utils._module.owner import OWNER_VARIABLE
from .config_argument import with_config
from .execution_mode import Circumstances, why_as_module
from .job_owner import owner_in
from .progress_display import FEW, Printer
from .secret_arguments import refusal_of

try:
    from ansible.vars.clean import remove_internal_keys
except ImportError:  # ansible-core >= 2.21: results do it themselves
    pass

try:
    from .in_process import PROFILE, call_module
    from .models import MISSING
except ImportError as error:
    # A run is not to end for it: the module says what is missing, on its own interpreter, which may have it.
    MISSING = str(error)

IN_PROCESS = "stateful_node_in_process"
"""The variable that has the tasks run as ordinary modules when it is false."""

PROGRESS = "stateful_node_progress"
"""The variable that keeps the tasks from telling how they go on when it is false."""


class InProcessAction(NormalAction):  # type: ignore[misc] # Ansible is not typed
    """Runs the module of the action's own name."""

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run the task; its result is the module's, wherever that runs."""
        variables = task_vars or {}
        refusal = self._prepare_arguments()
        if refusal:
            return {**ActionBase.run(self, tmp, task_vars), "failed": True, "msg": refusal}
        reason = why_as_module(self._circumstances(variables))
        owner = owner_in(variables, self._templar.template)
        if reason:
            display.vvv(f"{self._task.action} runs as a module: {reason}")
            if owner:
                self._task.environment = [*(self._task.environment or []), {OWNER_VARIABLE: owner}]
            return dict(super().run(tmp, task_vars))
        display.vvv(f"{self._task.action} runs in the controller")
        if owner:
            # This is a worker that ends with the task.
            os.environ[OWNER_VARIABLE] = owner
        return {**ActionBase.run(self, tmp, task_vars), **self._call(variables)}

    def _prepare_arguments(self) -> str:
        """Put the options of `config` in their places. Return why the task may not have its arguments, or nothing."""
        try:
            self._task.args = with_config(self._short_name(), self._task.args)
        except ValueError as error:
            return str(error)
        return refusal_of(self._short_name(), self._task.args)

    def _call(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        arguments = dict(self._task.args)
        self._update_module_args(self._task.action, arguments, variables)
        listener = Printer(_display) if self._is_watched(variables) else None
        printed = call_module(self._short_name(), arguments, self._loader.get_basedir(), listener)
        takes_profile = "profile" in inspect.signature(self._parse_returned_data).parameters
        profile = {"profile": PROFILE} if takes_profile else {}  # ansible-core >= 2.19
        return _without_internal_keys(self._parse_returned_data({**printed._asdict(), "rc": 0}, **profile))

    def _short_name(self) -> str:
        return str(self._task.action).rpartition(".")[2]

    def _circumstances(self, variables: Mapping[str, Any]) -> Circumstances:
        environment: dict[str, str] = {}
        self._compute_environment_string(environment)
        return Circumstances(
            wanted=self._switch(IN_PROCESS, variables),
            missing=MISSING,
            async_seconds=self._task.async_val,
            environment=environment,
            connection=self._connection.transport,
            become=bool(self._connection.become),
            interpreter=self._interpreter(variables),
            controller_interpreter=sys.executable,
        )

    def _is_watched(self, variables: Mapping[str, Any]) -> bool:
        # Where many hosts have a task each, the line that Ansible prints for each of them is the progress.
        hosts = variables.get("ansible_play_batch") or ()
        is_alone = len(hosts) <= FEW or self._task.run_once
        quiet = self._task.check_mode or self._task.no_log
        return self._switch(PROGRESS, variables) and is_alone and not quiet

    def _switch(self, name: str, variables: Mapping[str, Any]) -> bool:
        value = self._templar.template(variables.get(name))
        if value is None or value == "":
            return True
        try:
            return bool(boolean(value))
        except TypeError:
            raise AnsibleActionFail(f"{name} '{value}' is neither true nor false.") from None

    def _interpreter(self, variables: Mapping[str, Any]) -> str:
        if self._task.delegate_to:
            variables = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        value = constants.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
        return str(self._templar.template(value) or "").strip()


def _display(line: str) -> None:
    # From a worker it goes to the controller's main process at once. To stderr, which is not held back when it is a
    # pipe, and leaves stdout to the callback plugin: JSON stays JSON.
    display.display(line, stderr=True)


def _without_internal_keys(parsed: Any) -> dict[str, Any]:
    if isinstance(parsed, dict):
        remove_internal_keys(parsed)
        return parsed
    parsed.remove_internal_keys()
    return dict(parsed.as_result_dict(for_round_trip=True))
