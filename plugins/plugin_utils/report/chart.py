# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node's life as bars on an axis that all nodes of the page share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .formatting import clock_time, duration, duration_between

NOW = 99.4
"""Where on the axis the present is, in per cent: what has only just begun has to be seen, too."""

LABELLED = 7.0
"""Per cent of the axis from which on a bar has room for its label."""


@dataclass(frozen=True)
class Axis:
    """The times between which the page shows what happened, in seconds since the epoch."""

    begins_at: int
    ends_at: int

    def place(self, time: int | None) -> float:
        """Say where a time is, in per cent of the axis; None is now."""
        inside = self.ends_at if time is None else min(max(time, self.begins_at), self.ends_at)
        return round(NOW * (inside - self.begins_at) / (self.ends_at - self.begins_at), 3)


def find_axis(histories: Iterable[dict[str, Any]], since: int | None, now: int) -> Axis:
    """Choose the axis: from `since`, or from when the first thing is known to have happened where that is later."""
    spans = (span for history in histories for name in ("instances", "gaps", "addresses") for span in history[name])
    earliest = min((span["started_at"] for span in spans), default=now)
    begins_at = max(earliest, since or 0)
    # With a minute at the least, a fleet of a moment ago has an axis, too.
    return Axis(min(begins_at, now - 60), now)


def bars(history: dict[str, Any], axis: Axis) -> list[dict[str, Any]]:
    """Lay out instances and gaps; `kind` is the class that draws them."""
    return [each for each in _all_bars(history, axis) if each["left"] or each["width"]]


def _all_bars(history: dict[str, Any], axis: Axis) -> Iterator[dict[str, Any]]:
    for span in reversed(history["instances"]):
        start, after, end = span["started_at"], span["ended_after"], span["ended_at"]
        kind, label = market_kind(span), instance_label(span)
        yield _bar(axis, (start, end if after is None else after), kind, label, instance_text(span))
        if after is not None:
            yield _bar(axis, (after, end), f"unsure {kind}", f"{label}?", ending_text(span))
    for gap in reversed(history["gaps"]):
        yield _bar(axis, (gap["started_at"], gap["ended_at"]), f"gap {gap_kind(gap)}", gap["cause"], gap_text(gap))


def _bar(axis: Axis, span: tuple[int, int | None], kind: str, label: str, text: str) -> dict[str, Any]:
    start, end = span
    left, right = axis.place(start), axis.place(end)
    width = round(right - left, 3)
    when = f"{clock_time(start)} to {'now' if end is None else clock_time(end)}"
    return {
        "kind": kind,
        "left": left,
        "width": width,
        "label": label if width >= LABELLED else "",
        "text": f"{text}, {when}",
    }


def rails(history: dict[str, Any], axis: Axis) -> list[dict[str, Any]]:
    """Lay out the addresses: one line where they never changed."""
    found: list[dict[str, Any]] = []
    for span in reversed(history["addresses"]):
        left, right = axis.place(span["started_at"]), axis.place(span["ended_at"])
        found.append({"left": left, "width": round(right - left, 3), "label": address_text(span)})
    return [rail for rail in found if rail["width"] > 0] or found[-1:]


def failures(history: dict[str, Any], axis: Axis) -> list[dict[str, Any]]:
    """Lay out the operations that failed."""
    failed = [entry for entry in history["entries"] if entry["error"] and entry["ended_at"] >= axis.begins_at]
    return [
        {
            "left": axis.place(entry["ended_at"]),
            "text": f"{entry['operation']} failed: {entry['error']['code']}, {clock_time(entry['ended_at'])}",
        }
        for entry in reversed(failed)
    ]


def market(name: str | None) -> str:
    """Write a market as EC2's pages do."""
    return (name or "on_demand").replace("_", "-")


def market_kind(span: dict[str, Any]) -> str:
    """Say how an instance is drawn."""
    return "spot" if span["instance_lifecycle"] == "spot" else "on-demand"


def gap_kind(gap: dict[str, Any]) -> str:
    """Say how a gap is drawn: what somebody wanted, what a replacement takes, and what nobody wanted."""
    wanted = {"paused": "paused", "deleted": "paused", "replaced": "replaced"}
    return wanted.get(gap["cause"], "lost")


def instance_label(span: dict[str, Any]) -> str:
    """Label a bar."""
    return f"{market_kind(span)} {span['instance_type'] or ''}".strip()


def instance_text(span: dict[str, Any]) -> str:
    """Name an instance."""
    generation = "" if span["generation"] is None else f", generation {span['generation']}"
    return f"{instance_label(span)} {span['instance_id']}{generation}"


def ending_text(span: dict[str, Any]) -> str:
    """Say how an instance ended."""
    words: dict[str | None, str] = {
        None: "carries the node",
        "interrupted": "taken back by EC2",
        "lost": "ended without an operation",
        "released": "kept by a delete",
        "unknown": "ended, not known how",
    }
    said = words.get(span["end"], str(span["end"]))
    return f"{said} ({span['state_reason']})" if span["state_reason"] else said


def gap_text(gap: dict[str, Any]) -> str:
    """Name a gap and how long it is, or has been."""
    length = duration_between(gap["seconds"], gap["seconds_at_most"])
    return f"out of service, {gap['cause']}, {length}{'' if gap['ended_at'] else ' so far'}"


def address_text(span: dict[str, Any]) -> str:
    """Name the addresses of a node."""
    return " · ".join(filter(None, (span["private_ip_address"], span["public_ip"])))


def outage(history: dict[str, Any], axis: Axis) -> tuple[int, int]:
    """Add up how many seconds the node was out of service for another reason than a pause: at least, and at most."""
    least, most = 0, 0
    for gap in history["gaps"]:
        if gap_kind(gap) != "paused":
            ended = axis.ends_at if gap["ended_at"] is None else gap["ended_at"]
            first = gap["started_at"] if gap["started_after"] is None else gap["started_after"]
            least += max(ended - max(gap["started_at"], axis.begins_at), 0)
            most += max(ended - max(first, axis.begins_at), 0)
    return least, most


def sentence(history: dict[str, Any], axis: Axis) -> str:
    """Say in a sentence what the bars show."""
    instances, gaps = len(history["instances"]), len(history["gaps"])
    if not instances:
        return "no instance in this time"
    least, most = outage(history, axis)
    beside = f", {duration_between(least, most)} out of service in addition to pauses" if most else ""
    pauses = sum(gap_kind(gap) == "paused" for gap in history["gaps"])
    return f"{_count(instances, 'instance')}, {_count(gaps, 'gap')} ({_count(pauses, 'pause')}){beside}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def length_of(span: dict[str, Any], now: int) -> str:
    """Say how long an instance carried the node, as far as that is known."""
    ended = now if span["ended_at"] is None else span["ended_at"]
    most = ended - span["started_at"]
    least = most if span["ended_after"] is None else span["ended_after"] - span["started_at"]
    return duration(most) if least == most else duration_between(least, most)
