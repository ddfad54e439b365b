# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module stateful_node_orphans."""

from __future__ import annotations

from ..._core.resources.orphan_rules import orphan_result, parse_ids
from ..._core.resources.tagged import Tagged
from ..._reconcile.tasks.orphans import Deletion, delete_orphans, find_orphans, plan_deletion
from ..call import Call
from ..results import Result


async def handle(call: Call) -> Result:
    """List the orphans, and delete those that the call names."""
    ids = parse_ids(call.params["delete"])
    orphans = await find_orphans(call.context)
    decide = plan_deletion if call.check_mode else delete_orphans
    deletion = await decide(call.context, ids)
    return _result(orphans, deletion)


def _result(found: Tagged, deletion: Deletion) -> Result:
    """Compose the result; `orphans` are those that were there before any was deleted."""
    orphans = [orphan_result(thing) for thing in found.things]
    left = [orphan["id"] for orphan in orphans if orphan["id"] not in deletion.deleted]
    values = {
        "changed": bool(deletion.actions),
        "orphans": orphans,
        "monthly_cost": round(sum(orphan["monthly_cost"] for orphan in orphans), 2),
        "deleted": deletion.deleted,
        "gone": deletion.gone,
        "actions": deletion.actions,
        "diff": {"before": {"orphans": [orphan["id"] for orphan in orphans]}, "after": {"orphans": left}},
    }
    return Result(values=values, failures=tuple(deletion.failures))
