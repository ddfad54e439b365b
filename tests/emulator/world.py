# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything one emulator process holds beside moto's own backends."""

from __future__ import annotations

from typing import Any

from .backends import forget_backends
from .call_log import CallLog
from .capacity import Capacity
from .clock import Clock
from .consistency import Consistency
from .faults import DEFAULT_SECONDS, Draw, Faults
from .locks import Locks
from .settings import Settings
from .state_log import StateLog
from .throttle import Throttle

ACCOUNT_ID = "123456789012"


class World:
    def __init__(self) -> None:
        self.locks = Locks()
        self.clock = Clock(self.locks)
        self.settings = Settings()
        self.call_log = CallLog()
        self.state_log = StateLog()
        self.faults = Faults()
        self.throttle = Throttle()
        self.capacity = Capacity()
        self.consistency = Consistency()

    def configure(self, **changes: Any) -> None:
        self.settings.update(**changes)
        self.consistency.window = self.settings.consistency_seconds
        if any(name.startswith("fault_") for name in changes):
            self.faults.draw = self._new_draw()

    def _new_draw(self) -> Draw:
        settings = self.settings
        seconds = DEFAULT_SECONDS / settings.speed
        return Draw(settings.fault_rate, settings.fault_seed, settings.fault_kinds, seconds)

    def reset(self, **settings: Any) -> None:
        """Back to an empty account; the settings start again from `settings`."""
        with self.locks.holding("cloudformation"):
            self.clock.clear()
            self.settings, self.faults.draw = Settings(), Draw()
            self.configure(**settings)
            for part in (self.call_log, self.state_log, self.faults, self.throttle, self.capacity, self.consistency):
                part.clear()
            forget_backends()


world = World()
