# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a task runs in the controller's own process, or as an ordinary module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

AUTO = ("", "auto", "auto_legacy", "auto_silent", "auto_legacy_silent")
"""Settings of ansible_python_interpreter that name no interpreter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What is known of a task before it runs."""

    wanted: bool = True
    """The variable stateful_node_in_process."""

    missing: str = ""
    """The import that failed in the controller, in Python's words; empty when none did."""

    async_seconds: int = 0
    environment: Mapping[str, str]
    """What `environment:` of the task, its blocks and its play comes to."""

    connection: str
    become: bool = False
    interpreter: str
    """ansible_python_interpreter, templated; one of AUTO when it is not set."""

    controller_interpreter: str
    """The interpreter that the controller runs on: sys.executable."""


def why_as_module(circumstances: Circumstances) -> str | None:
    """Say why the task has to run as an ordinary module; None when it runs in the controller's process.

    The process of the controller cannot be another user, another host or another interpreter, has the environment
    that it was started with, and does not go on when the task has been left behind.
    """
    known = circumstances
    reasons = {
        "stateful_node_in_process is false": not known.wanted,
        f"the controller cannot load it: {known.missing}": known.missing,
        "the task is asynchronous": known.async_seconds,
        "the task has an environment of its own": known.environment,
        f"its connection is {known.connection}": known.connection != "local",
        "it becomes another user": known.become,
        f"its interpreter is {known.interpreter}": not _is_the_controllers(known),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _is_the_controllers(known: Circumstances) -> bool:
    return known.interpreter in AUTO or _identity(known.interpreter) == _identity(known.controller_interpreter)


def _identity(interpreter: str) -> tuple[Path, Path]:
    # In one directory python and python3 are one interpreter. In two they are not, even when both lead to the same
    # file: a virtual environment's python is the system's with other packages.
    path = Path(interpreter)
    return path.parent.resolve(), path.resolve()
