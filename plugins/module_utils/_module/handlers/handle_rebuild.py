# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module stateful_node_rebuild."""

from __future__ import annotations

from dataclasses import replace

from ..._core.configuration.options import public_config
from ..._core.model.serialization import to_dict
from ..._core.resources.orphan_rules import parse_ids
from ..._reconcile.tasks.rebuild import plan_rebuild, rebuild
from ..call import Call
from ..reading import look_at
from ..results import Result, fleet_result


async def handle(call: Call) -> Result:
    """Write the record of a node that has lost it."""
    context = call.context
    params = call.params
    confirmed = parse_ids(params["confirm"], option="confirm")
    decide = plan_rebuild if call.check_mode else rebuild
    rebuilt = await decide(context, params["name"], params["launch"], confirmed=confirmed)
    fleet = await look_at(context, [rebuilt.record])
    assumed = [f"{params['name']}: {item.option} is taken to be {item.value}: {item.why}." for item in rebuilt.assumed]
    result = fleet_result(fleet, now=context.clock.now(), changed=True, actions=rebuilt.actions)
    after = {"name": params["name"], **public_config(rebuilt.record.config)}
    more = {
        "diff": {"before": {}, "after": after},
        "assumed": [to_dict(item) for item in rebuilt.assumed],
        "warnings": [*result.values["warnings"], *assumed],
    }
    return replace(result, values={**result.values, **more})
