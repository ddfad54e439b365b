# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of every call, to read back."""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any

from .calls import Call


class CallLog:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._entries: list[dict[str, Any]] = []
            self._numbers = itertools.count(1)

    def begin(self, call: Call) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "number": 0,
            "time": time.time(),
            "service": call.service,
            "action": call.label,
            "mutating": call.mutating,
            "parameters": call.summary(),
            "resource_ids": call.resource_ids,
            "node": call.node_name(),
            "outcome": None,
            "fault": None,
        }
        with self._lock:
            entry["number"] = next(self._numbers)
            self._entries.append(entry)
        return entry

    def select(
        self,
        mutating: bool | None = None,
        service: str | None = None,
        action: str | None = None,
        since: int = 0,
    ) -> list[dict[str, Any]]:
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if entry["number"] > since
            and mutating in (None, entry["mutating"])
            and service in (None, entry["service"])
            and action in (None, entry["action"])
        ]
