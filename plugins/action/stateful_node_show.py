# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prints nodes or orphans as a table.

Lines of text where the callback plugin prints for people, else the task's result.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase, display

from ..plugin_utils.node_table import COLUMNS, compose_table
from ..plugin_utils.orphan_table import compose_orphan_table

FOR_PEOPLE = frozenset({"debug", "default", "minimal", "oneline", "unixy", "yaml"})
"""The callback plugins that print text, and no format that a line of a table would break."""


def _find_width() -> int | None:
    """Find how long a line may be: None where no one has to fold it, in a file or a pipe."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


WIDTH = _find_width()
"""Found while this is imported, which ansible-playbook does before it starts workers: they may have no terminal."""


class ActionModule(ActionBase):  # type: ignore[misc] # Ansible is not typed
    """Has no module that would run on a host."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Print the table, or return its lines as `msg`, which the callback plugin prints."""
        result = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(
            argument_spec={
                "nodes": {"type": "list", "elements": "dict"},
                "orphans": {"type": "list", "elements": "dict"},
                "columns": {"type": "list", "elements": "str", "choices": list(COLUMNS)},
                "timings": {"type": "bool", "default": False},
                "title": {"type": "str"},
                "none_text": {"type": "str"},
            },
            required_one_of=[("nodes", "orphans")],
            mutually_exclusive=[("nodes", "orphans")],
        )
        lines = _compose(arguments, WIDTH)
        if constants.DEFAULT_STDOUT_CALLBACK.rpartition(".")[2] in FOR_PEOPLE:
            display.display("\n".join(lines))
            return {**result, "changed": False}
        return {**result, "changed": False, "msg": lines, "_ansible_verbose_always": True}


def _compose(arguments: Mapping[str, Any], width: int | None) -> list[str]:
    title = arguments["title"]
    if arguments["none_text"] and not (arguments["nodes"] or arguments["orphans"]):
        return [arguments["none_text"]]
    table = _compose_table(arguments, width)
    return [title, *table] if title else table


def _compose_table(arguments: Mapping[str, Any], width: int | None) -> list[str]:
    if arguments["orphans"] is not None:
        return compose_orphan_table(arguments["orphans"], width)
    return compose_table(arguments["nodes"], arguments["columns"], timings=arguments["timings"], width=width)
