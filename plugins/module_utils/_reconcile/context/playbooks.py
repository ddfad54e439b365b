# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the playbook that holds a node is still there: a hint for a person, and never a reason to act."""

from __future__ import annotations

import os
import re
import socket

from ..._core.model.record import Operation

_JOB = re.compile(r"job \d+\b")


def describe_ended_playbook(held: Operation) -> str:
    """Say that the playbook's process on this host has ended; empty where it has not, or that is not known.

    Containers may have the same host name and processes of their own, so that the sentence says what it rests on.
    """
    host = held.owner.rpartition("/")[0].rpartition("@")[2]
    if held.playbook_pid is None or host != socket.gethostname() or _exists(held.playbook_pid):
        return ""
    return f" This host, {host}, has no process {held.playbook_pid} any more: that playbook has ended."


def describe_relaunch(owner: str) -> str:
    """Say how a job of AWX takes a node over, for a caller that is one; empty for others.

    "Relaunch" gives the answers of before, which do not take over.
    """
    return " In AWX, launch the template again with Take over: true." if _JOB.match(owner) else ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # It belongs to another user.
        return True
    return True
