# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far one phase of an operation has come: what its nodes have reached, and how long the rest will take."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from ..actions.base_action import Phase
from .phase_eta import Pace, seconds_left, wording

Stage = Literal["queued", "under_way", "retrying", "reached", "failed"]
"""`under_way` is what EC2 has accepted and not finished. A node whose turn has not come is `queued`, one whose call was
refused and is tried again is `retrying`."""

WORDS: dict[Phase, tuple[str, str]] = {
    "interface": ("interfaces done", ""),
    "elastic_ip": ("Elastic IPs done", ""),
    "prelaunch": ("prepared", "launching"),
    "terminate": ("terminated", "terminating"),
    "launch": ("running", "launching"),
}
"""What nodes are that a phase is done for, and those that are under way; nothing is under way for long elsewhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """A phase that is about to be carried out for these nodes.

    `at` is in seconds of which only differences mean anything.
    """

    operation: str
    phase: Phase
    names: tuple[str, ...]
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened to a node: in words for whoever watches, and where it stands now.

    `text` is empty where there is nothing to tell, `stage` None where that stays as it was. `at` is on the scale of
    the work's own.
    """

    name: str
    at: float
    text: str = ""
    stage: Stage | None = None


@dataclass(kw_only=True, slots=True)
class Progress:
    """What the nodes of a phase have reached so far."""

    work: Work
    stages: dict[str, Stage] = field(default_factory=dict)
    accepted_at: dict[str, float] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)

    def note(self, event: Event) -> None:
        """Take note of an event."""
        if event.stage is None or event.stage == self.stages.get(event.name):
            return
        self.stages[event.name] = event.stage
        since = self.accepted_at.pop(event.name, None)
        if event.stage == "under_way":
            self.accepted_at[event.name] = event.at
        elif event.stage == "reached" and since is not None:
            self.taken.append(event.at - since)

    def count(self, stage: Stage) -> int:
        """Count the nodes at a stage."""
        counts = Counter(self.stages.get(name, "queued") for name in self.work.names)
        return counts[stage]

    def line(self, now: float) -> str:
        """Say it all in one line: `resume 62/100 running, 3 launching, 35 queued, 0 failed, about 40 s left`."""
        reached, under_way = WORDS[self.work.phase]
        parts = [
            f"{self.work.operation} {self.count('reached')}/{len(self.work.names)} {reached}",
            *([f"{self.count('under_way')} {under_way}"] if under_way else []),
            f"{self.count('queued')} queued",
            *([f"{self.count('retrying')} trying again"] if self.count("retrying") else []),
            f"{self.count('failed')} failed",
            *self._remaining(now),
        ]
        return ", ".join(parts)

    def _remaining(self, now: float) -> list[str]:
        left = seconds_left(self.pace(now))
        return [] if left is None else [f"about {wording(left)} left"]

    def pace(self, now: float) -> Pace:
        """Say what an estimate is made from."""
        waited = [now - at for at in self.accepted_at.values()]
        return Pace(
            phase=self.work.phase,
            queued=self.count("queued"),
            retrying=self.count("retrying"),
            accepted=len(self.work.names) - self.count("queued"),
            reached=self.count("reached"),
            elapsed=now - self.work.at,
            newest=min(waited) if waited else None,
            typical=median(self.taken) if self.taken else None,
        )
