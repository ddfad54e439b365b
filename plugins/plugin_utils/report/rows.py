# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nodes as the page's rows: every text and number that the template writes."""

from __future__ import annotations

import ipaddress
from typing import Any

from . import chart
from .chart import Axis
from .formatting import clock_time, duration, duration_between, machine_time

STATUSES = {
    "degraded": "▲", "resuming": "◐", "pausing": "◑", "replacing": "◒", "deleting": "◌", "running": "●", "paused": "‖",
    "new": "○", "failed": "✕",
}  # fmt: skip
"""The signs of the statuses, those that want attention first: not by colour alone."""

ROWS = 15
"""Periods, and operations, of a node that the page lists: five hundred nodes have to load at once."""

NO_HISTORY: dict[str, Any] = {"entries": [], "instances": [], "gaps": [], "addresses": [], "truncated": False}


def row(node: dict[str, Any], history: dict[str, Any], axis: Axis) -> dict[str, Any]:
    """Compose a node's row."""
    status, drift = _status(node), node.get("drift") or []
    least, most = chart.outage(history, axis)
    return {
        "name": node["name"],
        "status": status,
        "sign": STATUSES.get(status, "◆"),
        "rank": list(STATUSES).index(status) if status in STATUSES else len(STATUSES),
        "drift": drift,
        "reasons": " ".join(item["reason"] for item in drift),
        "error": node.get("error"),
        "operation": node.get("operation"),
        "pending": [_pending(item) for item in node.get("pending") or []],
        "private_ip": node.get("private_ip_address") or "",
        "private_ip_order": _order(node.get("private_ip_address")),
        "public_ip": node.get("public_ip") or "",
        "public_ip_order": _order(node.get("public_ip")),
        "lent": bool(node.get("public_ip") and not node.get("allocation_id")),
        "instance_id": node.get("instance_id") or "",
        "instance_type": node.get("instance_type") or "",
        "market": chart.market(node.get("instance_lifecycle")) if node.get("instance_id") else "",
        "zone": node.get("availability_zone") or "",
        "outage": _outage(least, most),
        "outage_order": most,
        "last": _last(history),
        "facts": _facts(node),
        "tags": sorted(((node.get("config") or {}).get("tags") or {}).items()),
        "bars": chart.bars(history, axis),
        "rails": chart.rails(history, axis),
        "failures": chart.failures(history, axis),
        "sentence": chart.sentence(history, axis),
        "periods": _periods(history, axis)[:ROWS],
        "operations": [_operation(entry) for entry in history["entries"][:ROWS]],
        "more": _more(history),
    }


def _outage(least: int, most: int) -> str:
    if not most:
        return ""
    return duration(least) if least == most else f"at least {duration(least)}" if least else "not known how long"


def _status(node: dict[str, Any]) -> str:
    return str(node.get("status") or ("failed" if node.get("error") else "unknown"))


def _order(address: str | None) -> int:
    try:
        return int(ipaddress.ip_address(address or ""))
    except ValueError:
        return 0


WAITS_FOR = {
    "resume": "Waits for a resume",
    "replace": "Waits for a replace",
    "address_change": "Waits for a change of address",
}
"""How the page says what brings a pending change about."""


def _pending(item: dict[str, Any]) -> dict[str, str]:
    waits_for = str(item.get("waits_for"))
    return {
        "waits": WAITS_FOR.get(waits_for, f"Waits for {waits_for}"),
        "change": f"{item['option']}: {item['current']} becomes {item['wanted']}",
        "give": item.get("give") or "",
    }


def _last(history: dict[str, Any]) -> dict[str, Any] | None:
    if not history["entries"]:
        return None
    entry = history["entries"][0]
    at = entry["ended_at"]
    failed = bool(entry["error"])
    return {
        "operation": entry["operation"],
        "at": clock_time(at)[:16],
        "machine": machine_time(at),
        "order": at,
        "failed": failed,
    }


def _facts(node: dict[str, Any]) -> list[tuple[str, str]]:
    config = node.get("config") or {}
    facts = {
        "Desired": node.get("desired"),
        "Instance": node.get("instance_id"),
        "Type": node.get("instance_type"),
        "Market": chart.market(node.get("instance_lifecycle")) if node.get("instance_id") else None,
        "Launches": node.get("generation"),
        "Network interface": node.get("network_interface_id"),
        "Private addresses": ", ".join(node.get("private_ip_addresses") or []),
        "IPv6 addresses": ", ".join(node.get("ipv6_addresses") or []),
        "Public address": node.get("public_ip"),
        "Elastic IP": node.get("allocation_id"),
        "Subnet": node.get("subnet_id"),
        "Zone": node.get("availability_zone"),
        "Security groups": ", ".join(config.get("security_groups") or []),
    }
    return [(name, str(value)) for name, value in facts.items() if value not in (None, "")]


def _periods(history: dict[str, Any], axis: Axis) -> list[dict[str, Any]]:
    """List instances and gaps, the latest first: what the bars show, in words."""
    periods = [_instance(span, axis) for span in history["instances"]]
    periods += [_gap(gap) for gap in history["gaps"]]
    return sorted(periods, key=lambda period: (period["order"], period["kind"].startswith("gap")), reverse=True)


def _instance(span: dict[str, Any], axis: Axis) -> dict[str, Any]:
    begun = {"unknown": "ran before that", "launched": ""}.get(span["start"], span["start"])
    times = _times(span["started_at"], span["ended_after"], span["ended_at"])
    how = ", ".join(filter(None, (begun, chart.ending_text(span))))
    return {
        **times,
        "kind": chart.market_kind(span),
        "length": chart.length_of(span, axis.ends_at),
        "what": chart.instance_text(span),
        "how": how,
    }


def _gap(gap: dict[str, Any]) -> dict[str, Any]:
    length = duration_between(gap["seconds"], gap["seconds_at_most"])
    begun = "" if gap["started_after"] is None else f"since some time after {clock_time(gap['started_after'])}"
    return {
        **_times(gap["started_at"], None, gap["ended_at"]),
        "kind": f"gap {chart.gap_kind(gap)}",
        "length": length,
        "what": f"out of service: {gap['cause']}",
        "how": begun,
    }


def _times(start: int, after: int | None, end: int | None) -> dict[str, Any]:
    return {
        "order": start,
        "from": clock_time(start),
        "from_machine": machine_time(start),
        "after": "" if after is None or after == end else clock_time(after),
        "to": "now" if end is None else clock_time(end),
        "to_machine": "" if end is None else machine_time(end),
    }


def _operation(entry: dict[str, Any]) -> dict[str, Any]:
    error, attempts = entry["error"], [item for item in entry["launch_attempts"] if item["code"]]
    refused = [f"{item['instance_type'] or 'launch template'} {item['market']}: {item['code']}" for item in attempts]
    return {
        "from": clock_time(entry["started_at"]),
        "from_machine": machine_time(entry["started_at"]),
        "length": duration(entry["ended_at"] - entry["started_at"]),
        "operation": entry["operation"],
        "owner": entry["owner"],
        "error": f"{error['code']}: {error['message']}" if error else "",
        "refused": "; ".join(refused),
    }


def _more(history: dict[str, Any]) -> bool:
    periods = len(history["instances"]) + len(history["gaps"])
    return bool(history["truncated"] or periods > ROWS or len(history["entries"]) > ROWS)
