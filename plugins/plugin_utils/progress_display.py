# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress on the screen: a line for each thing that happens to a few nodes, one line now and then for many."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from ..module_utils._core.lifecycle.phase_progress import Event, Progress, Work

FEW = 10
"""Up to how many nodes each has lines of its own."""

BETWEEN_LINES = 5.0
"""Seconds between two lines about many nodes, at the least."""

SILENCE = 20.0
"""After how many seconds without a word about a few nodes one line says how they are."""


class Printer:
    """Hears how a module's work goes on and says so, each line to `display`; that may fail without consequence."""

    def __init__(self, display: Callable[[str], object]) -> None:
        self._display = display
        self._progress: Progress | None = None
        self._said_at = 0.0
        self._is_eventful = False

    def begin(self, work: Work) -> None:
        """Hear of work that is about to begin."""
        self._progress, self._said_at, self._is_eventful = Progress(work=work), work.at, False

    def note(self, event: Event) -> None:
        """Hear of something that happened to a node."""
        if self._progress is None:
            return
        self._progress.note(event)
        self._is_eventful = self._is_eventful or bool(event.text)
        if event.text and self._is_few:
            self._say(f"{event.name}: {event.text}", event.at)
        else:
            self.tick(event.at)

    def tick(self, now: float) -> None:
        """Hear that it is later."""
        wait = SILENCE if self._is_few else BETWEEN_LINES
        if self._progress and self._is_eventful and now - self._said_at >= wait:
            self._say(self._progress.line(now), now)

    def end(self, now: float) -> None:
        """Hear that the work has ended; what many nodes have come to is told then."""
        if self._progress and self._is_eventful and not self._is_few:
            self._say(self._progress.line(now), now)
        self._progress = None

    @property
    def _is_few(self) -> bool:
        return self._progress is not None and len(self._progress.work.names) <= FEW

    def _say(self, line: str, now: float) -> None:
        self._said_at = now
        # Nobody loses a node because a terminal has gone.
        with contextlib.suppress(Exception):
            self._display(line)
