# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module stateful_node_history_info."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..._core.lifecycle.history import parse_since
from ..._core.lifecycle.history_results import History, history_result
from ..._core.lifecycle.timeline import Present
from ..._core.status.node_results import failed_result
from ..._reconcile.tasks.histories import read_histories
from ..call import Call
from ..reading import look, names_or_all
from ..results import Fleet, Result


async def handle(call: Call) -> Result:
    """Show what was done to nodes."""
    context = call.context
    now = context.clock.now()
    since = parse_since(call.params["since"], now)
    fleet = await look(context, names_or_all(call))
    histories = await read_histories(context, fleet.names, limit=call.params["limit"], since=since)
    result = _result(fleet, histories, now=now, since=since)
    place = {"region": await context.store.get_region(), "table_name": context.table}
    return replace(result, values={**result.values, **place})


def _result(fleet: Fleet, histories: Mapping[str, History], *, now: int, since: int | None) -> Result:
    """Compose the result; a node without a record is unknown unless it has a history."""
    failures = {name: failure for name, failure in fleet.unknown.items() if not histories[name].entries}

    def shown(name: str) -> dict[str, Any]:
        if name in failures:
            return failed_result(name, failures[name], fleet.reach)
        node = fleet.nodes.get(name)
        seen = Present(now=now, record=node.record, observed=node.observed) if node else Present(now=now)
        return history_result(name, histories[name], seen, fleet.reach)

    values = {
        "changed": False,
        "nodes": [shown(name) for name in fleet.names],
        "since": since,
        "read_at": now,
        "warnings": [*fleet.warnings, *_left_out(histories)],
    }
    return Result(values=values, failures=tuple(failures.values()), reach=fleet.reach)


def _left_out(histories: Mapping[str, History]) -> Iterable[str]:
    for name, history in histories.items():
        if history.unreadable:
            yield (
                f"{name}: {history.unreadable} entries of the history table cannot be read and are left out: an "
                "operation of this collection does not write what is in them."
            )
