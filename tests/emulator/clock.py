# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens later: state changes that fall due while nobody calls."""

from __future__ import annotations

import heapq
import itertools
import sys
import threading
import time
import traceback
from collections.abc import Callable

from .locks import Locks


class Clock:
    """Runs callbacks at their time, each under EC2's lock."""

    def __init__(self, locks: Locks) -> None:
        self._locks = locks
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        if seconds <= 0:
            callback()
            return
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), callback))
            self._changed.notify()

    def run_due(self) -> None:
        """The caller holds EC2's lock."""
        while callback := self._take_due():
            try:
                callback()
            except Exception:  # a broken transition must not end the clock
                traceback.print_exc(file=sys.stderr)

    def _take_due(self) -> Callable[[], None] | None:
        with self._changed:
            if self._due and self._due[0][0] <= time.monotonic():
                return heapq.heappop(self._due)[2]
        return None

    def clear(self) -> None:
        with self._changed:
            self._due.clear()

    def start(self) -> None:
        threading.Thread(target=self._tick, name="clock", daemon=True).start()

    def _tick(self) -> None:
        while True:
            with self._changed:
                if not self._due:
                    self._changed.wait()
                    continue
                remaining = self._due[0][0] - time.monotonic()
                if remaining > 0:
                    self._changed.wait(remaining)
                    continue
            with self._locks.holding("ec2"):
                self.run_due()
