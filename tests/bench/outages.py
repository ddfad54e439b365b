# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When nodes were in service, by the emulator's log of states: their interface on an instance that runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

RUNNING, ATTACHED, WARNED = "running", "attached", "interruption-warning"

Change = tuple[float, str, bool]
"""A time, an interface, and whether an instance serves on it from then on."""


def changes(states: Iterable[Mapping[str, Any]]) -> Iterator[Change]:
    """Give the times at which interfaces come into service and go out of it."""
    runs: set[str] = set()
    on: dict[str, str] = {}
    serving: set[str] = set()
    for entry in states:
        if entry["state"] == WARNED:
            continue
        if entry["instance_id"] is None:
            (runs.add if entry["state"] == RUNNING else runs.discard)(entry["id"])
        elif entry["state"] == ATTACHED:
            on[entry["id"]] = entry["instance_id"]
        else:
            on.pop(entry["id"], None)
        now = {interface for interface, instance in on.items() if instance in runs}
        yield from ((entry["time"], interface, interface in now) for interface in sorted(serving ^ now))
        serving = now


def outages(states: Iterable[Mapping[str, Any]], since: float) -> dict[str, float]:
    """Seconds out of service by interface, of those that went out from a time on and are in service again."""
    out: dict[str, float] = {}
    seconds: dict[str, float] = {}
    for time, interface, serves in changes(states):
        if not serves and time >= since:
            out[interface] = time
        elif interface in out:
            seconds[interface] = seconds.get(interface, 0) + time - out.pop(interface)
    return {interface: each for interface, each in seconds.items() if interface not in out}


def recoveries(states: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Seconds from the warning of an interface's instance until the interface is in service again, for good."""
    warned = {entry["id"]: entry["time"] for entry in states if entry["state"] == WARNED}
    carried = {entry["instance_id"]: entry["id"] for entry in states if entry["state"] == ATTACHED}
    served = {interface: (time, serves) for time, interface, serves in changes(states)}
    found = ((carried[instance], time) for instance, time in warned.items())
    return {
        interface: served[interface][0] - time
        for interface, time in found
        if served[interface][1] and served[interface][0] > time
    }
