# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Something that happens at one call of an operation: a fault, the end of its process, a deed in the console."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clock import Clock

from tests.emulator.calls import Call
from tests.support.collection import Collection, new_client

Counted = Literal["calls", "writes", "EC2 writes"]
COUNTED: tuple[Counted, ...] = ("calls", "writes", "EC2 writes")


class KilledError(Exception):
    """The process has ended: it makes no further call, and hears of none."""


@dataclass
class Trap:
    """Springs at the `at`-th call of those counted; `before` the call is sent or after its answer has come."""

    counted: Counted
    at: int
    spring: Callable[[str, str], None]
    before: bool = True

    def __post_init__(self) -> None:
        self._seen, self._lock = 0, threading.Lock()

    def is_due(self, service: str, action: str) -> bool:
        """Count a call, and say whether it is the one."""
        if self.counted == "EC2 writes" and service != "ec2":
            return False
        if self.counted != "calls" and not Call(service, action).mutating:
            return False
        with self._lock:
            self._seen += 1
            return self._seen == self.at


class TrappedCollection(Collection):
    """A collection one of whose calls may be a trap."""

    def __init__(self, endpoint: str, *, clock: Clock) -> None:
        super().__init__(endpoint, clock=clock)
        self.trap: Trap | None = None
        self._killed = False
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, settings: Any) -> Any:
        """Give the module a client whose calls are counted."""
        key = (service, str(settings["retries"]))
        if key not in self._clients:
            self._clients[key] = client = new_client(self.endpoint, service, settings)
            client.meta.events.register("before-send", self._before)
            client.meta.events.register("response-received", self._after)
        return self._clients[key]

    def kill(self, _service: str = "", _action: str = "") -> None:
        """End the process that runs the modules."""
        self._killed = True
        raise KilledError

    def revive(self) -> None:
        """Start a new process, without a trap."""
        self._killed, self.trap = False, None

    def _before(self, event_name: str, **_details: Any) -> None:
        self._check(event_name, before=True)

    def _after(self, event_name: str, **_details: Any) -> None:
        self._check(event_name, before=False)

    def _check(self, event_name: str, *, before: bool) -> None:
        if self._killed:
            raise KilledError
        _event, service, action = event_name.split(".")
        if self.trap and self.trap.before == before and self.trap.is_due(service, action):
            self.trap.spring(service, action)
