# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of what became of instances and of interfaces' attachments, and when: EC2 itself keeps no such thing."""

from __future__ import annotations

import threading
import time
from typing import Any


class StateLog:
    """Entries `{time, id, state, instance_id}`: of an instance, or of an interface on the instance it is attached to.

    An instance also comes into `interruption-warning`, and an interface into `detached`, from none any more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._entries: list[dict[str, Any]] = []

    def note(self, resource_id: str, state: str, instance_id: str | None = None) -> None:
        entry = {"time": time.time(), "id": resource_id, "state": state, "instance_id": instance_id}
        with self._lock:
            self._entries.append(entry)

    def select(self, since: float = 0) -> list[dict[str, Any]]:
        """Those from a time on, in seconds since the epoch."""
        with self._lock:
            return [entry for entry in self._entries if entry["time"] >= since]
