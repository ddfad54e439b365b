# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import display

from ..plugin_utils.action import InProcessAction
from ..plugin_utils.rulebook_events import VARIABLE, read_rulebook_events


class ActionModule(InProcessAction):
    """Has the events of ansible-rulebook read here, where they are no templates yet."""

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run the task, with the events of a rulebook as `events` where `rulebook_events` says so."""
        if boolean(self._task.args.get("rulebook_events") or False, strict=False):
            self._task.args = {**self._task.args, "events": _documents(task_vars or {})}
        return super().run(tmp, task_vars)


def _documents(variables: Mapping[str, Any]) -> list[dict[str, Any]]:
    read = read_rulebook_events(variables)
    if read.ignored:
        display.warning(f"{len(read.ignored)} of the events in {VARIABLE} left out; the first one: {read.ignored[0]}.")
    return read.documents
