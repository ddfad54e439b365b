# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who runs an operation: a job of AWX or what the user says, and the process that does it."""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Mapping

OWNER_VARIABLE = "STATEFUL_NODE_OWNER"
"""The environment variable in which an action plugin hands its job or owner to the module."""

LONGEST = 160
"""Characters of a given owner that are kept; the process comes after it."""

_NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_NOT_OF_A_USER_AGENT = re.compile(r"[^A-Za-z0-9._-]+")


def owner_of(environment: Mapping[str, str], playbook_pid: int | None) -> str:
    """Name the owner of a lease: `job 481 of alice (Stateful nodes: replace), runner@host/12`, or the process alone."""
    process = f"{_user()}@{socket.gethostname()}/{playbook_pid or os.getpid()}"
    given = _given(environment)
    return f"{given}, {process}" if given else process


def user_agent_of(environment: Mapping[str, str]) -> str:
    """Name the owner for the user agent, which CloudTrail shows of each call; empty where none was given."""
    given = _NOT_OF_A_USER_AGENT.sub("-", _given(environment)).strip("-")
    return f"stateful-node-owner/{given}" if given else ""


def _given(environment: Mapping[str, str]) -> str:
    return _NOT_PRINTABLE.sub(" ", environment.get(OWNER_VARIABLE, "")).strip()[:LONGEST]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a user id that has no name.
        return str(os.getuid())
