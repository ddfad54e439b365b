# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long EC2 takes for what, and which of its difficult sides are on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .faults import RANDOM_KINDS
from .iam.documents import parsed

# Seconds a state lasts. `interface_release` counts from `terminated`, `interface_hold` from a refusal for want of
# capacity, `status_checks` from `running`.
DURATIONS: dict[str, dict[str, float]] = {
    "test": {
        "pending": 0.2,
        "shutting_down": 0.2,
        "stopping": 0.2,
        "interface_release": 0.0,
        "interface_hold": 0.0,
        "interface_pending": 0.0,
        "attaching": 0.2,
        "detaching": 0.2,
        "associating": 0.0,
        "status_checks": 0.5,
    },
    # Figures published by others; EC2 promises none of them.
    "ec2": {
        "pending": 8.0,
        "shutting_down": 40.0,
        "stopping": 25.0,
        "interface_release": 20.0,
        "interface_hold": 0.0,
        "interface_pending": 1.0,
        "attaching": 2.0,
        "detaching": 4.0,
        "associating": 5.0,
        "status_checks": 90.0,
    },
}

# Seconds a call takes; "read" and "write" stand for every action not named.
CALL_SECONDS: dict[str, dict[str, float]] = {
    "test": {"read": 0.0, "write": 0.0},
    "ec2": {
        "read": 0.15,
        "write": 0.4,
        "RunInstances": 1.5,
        "TerminateInstances": 0.5,
        "CreateNetworkInterface": 0.6,
        "AllocateAddress": 0.7,
        "AssociateAddress": 0.6,
        "CreateStack": 0.5,
        "PutItem": 0.01,
        "UpdateItem": 0.01,
        "DeleteItem": 0.01,
        "TransactWriteItems": 0.02,
        "GetItem": 0.005,
        "BatchGetItem": 0.01,
        "Query": 0.01,
        "Scan": 0.01,
        "GetQueueUrl": 0.01,
        "ReceiveMessage": 0.02,
        "DeleteMessageBatch": 0.02,
    },
}


@dataclass
class Settings:
    """What `--option` on the command line and `/_emulator/settings` set."""

    profile: str = "test"
    speed: float = 1.0
    durations: dict[str, float] = field(default_factory=dict)
    call_seconds: dict[str, float] = field(default_factory=dict)
    consistency_seconds: float = 0.0
    throttling: bool = False
    throttling_scale: float = 1.0
    fault_rate: float = 0.0
    fault_seed: int = 0
    fault_kinds: list[str] = field(default_factory=lambda: list(RANDOM_KINDS))
    address_quota: int | None = None
    policies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.use_profile(self.profile)

    def use_profile(self, profile: str) -> None:
        self.profile = profile
        self.durations = {**DURATIONS[profile], **(self.durations or {})}
        self.call_seconds = {**CALL_SECONDS[profile], **(self.call_seconds or {})}

    def update(self, **changes: Any) -> None:
        if "profile" in changes:
            self.durations, self.call_seconds = {}, {}
            self.use_profile(changes.pop("profile"))
        for name, value in changes.items():
            current = getattr(self, name)
            if name == "policies":
                self.policies = parsed(value)
            elif isinstance(current, dict):
                self._update_seconds(name, current, value)
            else:
                setattr(self, name, value)

    @staticmethod
    def _update_seconds(name: str, current: dict[str, float], changes: dict[str, float]) -> None:
        unknown = set(changes) - set(current) if name == "durations" else set()
        if unknown:
            raise ValueError(f"no such duration: {', '.join(sorted(unknown))}")
        current.update({key: float(seconds) for key, seconds in changes.items()})

    def duration(self, state: str) -> float:
        return self.durations[state] / self.speed

    def seconds_of_call(self, action: str, mutating: bool) -> float:
        seconds = self.call_seconds
        return seconds.get(action, seconds["write" if mutating else "read"]) / self.speed
