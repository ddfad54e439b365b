# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: what goes wrong with the n-th call of an action, or with any call, by a draw."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from .calls import Call

KINDS = ("refuse", "lost", "lost_before", "slow", "500", "500_after", "503")
RANDOM_KINDS = tuple(kind for kind in KINDS if kind != "refuse")
"""What may hit any call: a refusal has a reason."""

AFTER_THE_EFFECT = frozenset({"lost", "500_after"})
DEFAULT_SECONDS = 5.0


@dataclass
class Fault:
    """`action=None` counts mutating calls of any action, `service=None` those of any service; `call=0` is each."""

    action: str | None
    kind: str
    call: int = 1
    code: str | None = None
    status: int | None = None
    seconds: float | None = None
    service: str | None = "ec2"
    message: str | None = None
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        if self.kind == "refuse" and not self.code:
            raise ValueError("a refusal needs a code")

    def concerns(self, call: Call) -> bool:
        if self.service not in (None, call.service):
            return False
        return call.mutating if self.action is None else call.label == self.action

    def error(self, call: Call) -> tuple[str, str, int]:
        """Code, message and HTTP status."""
        code, status = self.code, self.status
        if self.kind == "503" and call.service != "ec2":
            code, status = code or "ThrottlingException", status or 400
        default_code, default_status = {"503": ("RequestLimitExceeded", 503), "refuse": ("", 400)}.get(
            self.kind, ("InternalError" if call.service == "ec2" else "InternalServerError", 500)
        )
        message = "Request limit exceeded." if self.kind == "503" else f"Emulated fault: {self.kind}"
        return code or default_code, self.message or message, status or default_status


class Draw:
    """Whether the next call is hit, and by what kind; the same for the same seed and number of the call."""

    def __init__(
        self, rate: float = 0.0, seed: int = 0, kinds: Sequence[str] = RANDOM_KINDS, seconds: float = 0.0
    ) -> None:
        if not 0 <= rate <= 1:
            raise ValueError("fault_rate is a share, from 0 to 1")
        if not kinds or set(kinds) - set(RANDOM_KINDS):
            raise ValueError(f"fault_kinds are some of {', '.join(RANDOM_KINDS)}")
        self._rate, self._random, self._kinds, self._seconds = rate, random.Random(seed), list(kinds), seconds

    def fault(self) -> Fault | None:
        if not self._rate or self._random.random() >= self._rate:
            return None
        return Fault(action=None, kind=self._random.choice(self._kinds), seconds=self._seconds)


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self.draw = Draw()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def pending(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def take(self, call: Call) -> Fault | None:
        """Every fault counts a call; the first whose turn it is happens and is over; else there is a draw."""
        with self._lock:
            concerned = [fault for fault in self._faults if fault.concerns(call)]
            for fault in concerned:
                fault.seen += 1
            due = [fault for fault in concerned if fault.call in (0, fault.seen)]
            if due and due[0].call:
                self._faults.remove(due[0])
            return due[0] if due else self.draw.fault()
