# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of a node: what an entry says of the operation that wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ..model.commands import Reach
from ..model.identity import Identity, LaunchAttempt
from ..model.node_error import NodeError, failure_result
from ..model.observed import Instance
from ..model.record import Failure, FoundInstance, Operation, Record
from ..model.serialization import from_dict, to_dict

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One operation on a node. Times are seconds since the epoch, durations seconds.

    `ended_at` is None while the operation is at work; of one that was cut off it is the latest that it can have been.
    `out_of_service_since` is when an operation that was not finished began to terminate the node's instance, where that
    is not before it began. What an older version did not write is None, or empty.
    """

    operation_id: str
    operation: str
    owner: str
    started_at: int
    ended_at: int | None
    choices: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    phases_ended_at: dict[str, int] = field(default_factory=dict)
    found: FoundInstance | None = None
    network_interface_id: str | None = None
    private_ip_address: str | None = None
    public_ip: str | None = None
    generation: int = 0
    instance_id: str | None = None
    instance_type: str | None = None
    market: str | None = None
    instance_generation: int | None = None
    instance_launched_at: int | None = None
    launch_attempts: tuple[LaunchAttempt, ...] = ()
    out_of_service_since: int | None = None
    seconds_out_of_service: int | None = None
    error: Failure | None = None


def found_instance(identity: Identity, instance: Instance | None) -> FoundInstance:
    """Say what an operation that begins finds of the node's instance."""
    recorded = identity.instance
    if recorded is None:
        return FoundInstance()
    return FoundInstance(
        instance_id=recorded.instance_id,
        instance_type=recorded.instance_type,
        market=recorded.market,
        instance_generation=recorded.generation,
        instance_launched_at=recorded.launched_at,
        state=instance.state if instance else None,
        state_reason=instance.state_reason if instance else None,
    )


def history_entry(
    identity: Identity, operation: Operation, failure: Failure | None, *, ended_at: int | None
) -> dict[str, Any]:
    """Compose the entry of an operation, as it is stored; `at` sorts entries by when their operations began."""
    return {
        "at": f"{history_key(operation.started_at)}#{operation.id}",
        "operation": operation.operation,
        "owner": operation.owner,
        "started_at": operation.started_at,
        "ended_at": ended_at,
        "timings": operation.timings,
        "phases_ended_at": operation.phases_ended_at,
        "choices": operation.choices.chosen,
        **({"found": to_dict(operation.found)} if operation.found else {}),
        **to_dict(_of_identity(identity)),
        **({"error": to_dict(failure)} if failure else {}),
    }


def _of_identity(identity: Identity) -> dict[str, Any]:
    """Show the identity as the operation left it. Nothing of the configuration: that holds user data."""
    instance = identity.instance
    shown = {
        "network_interface_id": identity.network_interface_id,
        "private_ip_address": identity.private_ip_address,
        "public_ip": identity.public_ip,
        "generation": identity.generation,
        "instance_id": identity.instance_id,
        "instance_type": instance.instance_type if instance else None,
        "market": instance.market if instance else None,
        "instance_generation": identity.instance_generation,
        "instance_launched_at": instance.launched_at if instance else None,
        "launch_attempts": identity.launch_attempts,
        "out_of_service_since": identity.out_of_service_since,
        "seconds_out_of_service": identity.seconds_out_of_service,
    }
    return {name: value for name, value in shown.items() if value is not None}


def history_key(time: int) -> str:
    """Write a time as the entries' keys begin: in UTC, so that they sort as texts."""
    return datetime.fromtimestamp(time, tz=timezone.utc).isoformat()


def to_entry(stored: dict[str, Any]) -> Entry:
    """Read an entry; one that an older version wrote lacks some of what there is now."""
    started, _separator, operation_id = stored["at"].partition("#")
    parsed = {"started_at": int(datetime.fromisoformat(started).timestamp()), "operation_id": operation_id}
    return from_dict(Entry, {**parsed, **stored})


def to_entries(stored: Iterable[dict[str, Any]]) -> tuple[tuple[Entry, ...], int]:
    """Read the entries of a node, and count those that cannot be read: somebody else has written or edited them."""
    entries: list[Entry] = []
    unreadable = 0
    for item in stored:
        try:
            entries.append(to_entry(item))
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            unreadable += 1
    return tuple(entries), unreadable


def ongoing_entry(record: Record) -> Entry | None:
    """Show the operation that holds the node as the entry that it would write now; None when none does."""
    operation = record.operation
    return to_entry(history_entry(record.identity, operation, None, ended_at=None)) if operation else None


def entry_result(entry: Entry, reach: Reach) -> dict[str, Any]:
    """Show an entry, every key present."""
    empty = dict.fromkeys(Entry.__dataclass_fields__)
    found = entry.found and {**dict.fromkeys(FoundInstance.__dataclass_fields__), **to_dict(entry.found)}
    error = entry.error and failure_result(entry.error, reach)
    attempts = [{"instance_type": None, "code": None, **to_dict(attempt)} for attempt in entry.launch_attempts]
    return {**empty, **to_dict(entry), "found": found, "error": error, "launch_attempts": attempts}


def parse_since(text: str | None, now: int) -> int | None:
    """Read the `since` option: a time in ISO 8601, UTC unless it says otherwise, or how long ago, as `90m` or `30d`.

    Returns seconds since the epoch; None for an empty or missing text. Raises NodeError for anything else.
    """
    given = (text or "").strip()
    if not given:
        return None
    if ago := re.fullmatch(r"(\d{1,6})([smhdw])", given):
        return max(now - int(ago[1]) * UNITS[ago[2]], 0)
    try:
        time = datetime.fromisoformat(given.replace("Z", "+00:00"))
        return max(int((time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp()), 0)
    except (ValueError, OverflowError):
        raise NodeError(
            "InvalidArgument",
            f"since '{given}' is not a time. Give one in ISO 8601 (2026-01-31 or 2026-01-31T18:00:00Z), or how long "
            "ago: a number and s, m, h, d or w (30d).",
        ) from None
