# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control endpoints under /_emulator/, as JSON."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from . import answers, interruptions
from .answers import Answer
from .capacity import Rule
from .faults import Fault
from .world import world

PREFIX = "/_emulator/"


def answer(method: str, path: str, query: str, body: bytes) -> Answer:
    handler = HANDLERS.get((method, path.removeprefix(PREFIX)))
    if handler is None:
        return answers.document({"error": f"no such control endpoint: {method} {path}"}, 404)
    try:
        return answers.document(handler(**_arguments(query, body)))
    except (TypeError, ValueError, KeyError, AttributeError) as problem:
        return answers.document({"error": f"{type(problem).__name__}: {problem}"}, 400)


def _arguments(query: str, body: bytes) -> dict[str, Any]:
    arguments = {name: json.loads(value) for name, value in urllib.parse.parse_qsl(query)}
    arguments.update(json.loads(body or b"{}"))
    return arguments


def _settings(**changes: Any) -> dict[str, Any]:
    world.configure(**changes)
    return asdict(world.settings)


def _reset(**settings: Any) -> None:
    world.reset(**{**started_with, **settings})


started_with: dict[str, Any] = {}
"""What the command line set; a reset goes back to it."""

HANDLERS: dict[tuple[str, str], Callable[..., Any]] = {
    ("GET", "ready"): lambda: {"ready": True},
    ("POST", "reset"): _reset,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _settings,
    ("GET", "calls"): world.call_log.select,
    ("DELETE", "calls"): world.call_log.clear,
    ("GET", "states"): world.state_log.select,
    ("GET", "faults"): lambda: [asdict(fault) for fault in world.faults.pending()],
    ("POST", "faults"): lambda **fault: world.faults.add(Fault(**fault)),
    ("DELETE", "faults"): world.faults.clear,
    ("POST", "capacity"): lambda **rule: world.capacity.set(Rule(**rule)),
    ("DELETE", "capacity"): world.capacity.clear,
    ("POST", "interrupt"): interruptions.interrupt,
    ("POST", "mark"): interruptions.mark,
    ("POST", "rebalance"): interruptions.rebalance,
    ("POST", "impair"): interruptions.impair,
}
