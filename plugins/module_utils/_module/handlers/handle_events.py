# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module stateful_node_events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from ..._reconcile.tasks.event_triage import Found
from ..._reconcile.tasks.events import Sources, find
from ..call import Call
from ..results import Result

MESSAGES = ("dropped", "later", "unreadable")
"""The values of the result that list messages which lead to no operation."""

MOST_LISTED = 50
"""Messages of each kind that a result lists at most: as many as others send must not make a log of any length."""


async def handle(call: Call) -> Result:
    """Decide what events call for, or delete the messages that brought them."""
    params = call.params
    context = call.context
    if params["state"] == "deleted":
        return await _delete_messages(call, params["receipt_handles"])
    # To receive a message hides it for a while and counts: check mode leaves the queue alone.
    receive = params["receive"] and params["events"] is None and not call.check_mode
    sources = Sources(
        events=params["events"] or (),
        receive=receive,
        reconcile=params["reconcile"],
        wait_seconds=0 if call.check_mode else params["wait_seconds"],
        exclude=params["exclude"],
    )
    return _result(await find(context, sources))


async def _delete_messages(call: Call, handles: Sequence[str]) -> Result:
    context = call.context
    if handles and not call.check_mode:
        await context.queue.delete(handles)
    return Result(values={"changed": bool(handles), "actions": [{"action": "delete_message"} for _handle in handles]})


def _result(found: Found) -> Result:
    """Compose the result."""
    decisions = sorted(found.decisions.values(), key=lambda decision: decision.name)
    values = {
        "changed": bool(found.deleted),
        "resume": [decision.name for decision in decisions if decision.operation == "resume"],
        "replace": [decision.name for decision in decisions if decision.operation == "replace"],
        "decisions": [
            {
                "name": decision.name,
                "operation": decision.operation,
                "reason": decision.reason,
                "message": decision.message,
                "instance_id": decision.instance_id,
                "generation": decision.generation,
                "receipt_handles": found.handles.get(decision.name, []),
            }
            for decision in decisions
        ],
        **{kind: [asdict(note) for note in getattr(found, kind)[:MOST_LISTED]] for kind in MESSAGES},
        "message_counts": {kind: len(getattr(found, kind)) for kind in MESSAGES},
        "actions": [{"action": "delete_message", "id": message_id} for message_id in found.deleted[:MOST_LISTED]],
        "warnings": list(found.warnings),
    }
    return Result(values=values)
