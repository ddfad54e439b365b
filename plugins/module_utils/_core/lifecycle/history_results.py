# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of a node as a module returns it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..model.commands import Reach
from ..model.serialization import to_dict
from .history import Entry, entry_result
from .periods import Span
from .timeline import Present, derive_timeline


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What was read of a node's history, the latest entry first.

    The first `shown` entries are those asked for; one more tells how the node was before them. `is_truncated` says
    that there are more of those asked for. `begins_at` is the time, in seconds since the epoch, from which on it is
    whole; None for the beginning.
    """

    entries: tuple[Entry, ...] = ()
    shown: int = 0
    is_truncated: bool = False
    begins_at: int | None = None
    #: How many entries were left out, since they are not what an operation writes.
    unreadable: int = 0


def cut_history(entries: tuple[Entry, ...], *, limit: int, since: int | None) -> History:
    """Tell the entries that were asked for from the one that was read beside them."""
    asked = [entry for entry in entries if since is None or entry.started_at >= since]
    is_truncated = len(asked) > limit
    begins_at = asked[limit - 1].started_at if is_truncated else since
    return History(entries=entries, shown=min(len(asked), limit), is_truncated=is_truncated, begins_at=begins_at)


def history_result(name: str, history: History, present: Present, reach: Reach) -> dict[str, Any]:
    """Compose the history of a node, everything the latest first."""
    timeline = derive_timeline(history.entries, present)
    return {
        "name": name,
        "entries": [entry_result(entry, reach) for entry in history.entries[: history.shown]],
        "truncated": history.is_truncated,
        "instances": _shown(timeline.instances, history.begins_at),
        "gaps": [_with_seconds(gap, present.now) for gap in _shown(timeline.gaps, history.begins_at)],
        "addresses": _shown(timeline.addresses, history.begins_at),
    }


def _shown(spans: Iterable[Span], begins_at: int | None) -> list[dict[str, Any]]:
    """Show those that had not ended when the history begins, the latest first, every key present."""
    kept = [span for span in spans if begins_at is None or span.ended_at is None or span.ended_at >= begins_at]
    return [{**dict.fromkeys(span.__dataclass_fields__), **to_dict(span)} for span in reversed(kept)]


def _with_seconds(gap: dict[str, Any], now: int) -> dict[str, Any]:
    """Add how long the gap is, or has been so far: for certain, and at most."""
    ended = now if gap["ended_at"] is None else gap["ended_at"]
    earliest = gap["started_at"] if gap["started_after"] is None else gap["started_after"]
    return {**gap, "seconds": ended - gap["started_at"], "seconds_at_most": ended - earliest}
