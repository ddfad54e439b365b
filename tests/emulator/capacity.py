# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where there is capacity for which instance type on which market."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .errors import ServerError

INSUFFICIENT = "InsufficientInstanceCapacity"
# These come as a server's error, which botocore's own retries would repeat; the others are refusals.
SERVER_ERRORS = frozenset({INSUFFICIENT, "InsufficientCapacity", "InternalError", "UnfulfillableCapacity"})
OUTCOMES = ("available", "refused", "dies")


@dataclass(frozen=True)
class Rule:
    """None stands for all zones, types or markets; `room` is for how many launches there is capacity still."""

    zone: str | None = None
    instance_type: str | None = None
    market: str | None = None
    outcome: str = "available"
    code: str | None = None
    room: int = 0

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome is one of {', '.join(OUTCOMES)}")
        if self.market == "on_demand":
            object.__setattr__(self, "market", "on-demand")
        if self.market not in (None, "spot", "on-demand"):
            raise ValueError("market is spot or on-demand")

    def concerns(self, zone: str, instance_type: str, market: str) -> bool:
        wanted = ((self.zone, zone), (self.instance_type, instance_type), (self.market, market))
        return all(mine in (None, theirs) for mine, theirs in wanted)


class Capacity:
    """The rule set last is the first that counts."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def set(self, rule: Rule) -> None:
        self._rules.insert(0, rule)

    def clear(self) -> None:
        self._rules.clear()

    def take(self, zone: str, instance_type: str, market: str) -> None:
        """Take the room of an instance that is launched."""
        rule = self._rule(zone, instance_type, market)
        if rule.room:
            self._rules[self._rules.index(rule)] = replace(rule, room=rule.room - 1)

    def _rule(self, zone: str, instance_type: str, market: str) -> Rule:
        return next((rule for rule in self._rules if rule.concerns(zone, instance_type, market)), Rule())

    def check(self, zone: str, instance_type: str, market: str) -> None:
        rule = self._rule(zone, instance_type, market)
        if rule.outcome == "refused" and not rule.room:
            code = rule.code or INSUFFICIENT
            raise ServerError(code, _message(instance_type, zone), 500 if code in SERVER_ERRORS else 400)

    def end_of(self, zone: str, instance_type: str, market: str) -> tuple[str, str] | None:
        """Code and message of the StateReason of a launch that is accepted and dies."""
        rule = self._rule(zone, instance_type, market)
        if rule.outcome != "dies" or rule.room:
            return None
        return rule.code or f"Server.{INSUFFICIENT}", _message(instance_type, zone)


def _message(instance_type: str, zone: str) -> str:
    return (
        f"We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested "
        f"({zone}). Our system will be working on provisioning additional capacity."
    )
