# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module stateful_node_config."""

from __future__ import annotations

from ..._core.status.encoded_user_data import encoded_user_data_warnings
from ..._core.status.unused_addresses import unused_address_warnings
from ..._reconcile.operation.planned_launch import planned_launch
from ..._reconcile.operation.preflight import warn_of_launches
from ..._reconcile.tasks.configure import configure, plan_configure
from ..call import Call
from ..place import reading_place
from ..reading import look_at
from ..results import Fleet, Result, fleet_result

CONFIG_OUTLOOK = "It is stored all the same; a resume or replace is refused until it is corrected."


async def handle(call: Call) -> Result:
    """Create, change or forget the record of a node."""
    params = call.params
    context = call.context
    decide = plan_configure if call.check_mode else configure
    done = await decide(context, params["name"], params)
    async with reading_place(context) as place:
        fleet = await look_at(context, [done.after]) if done.after else Fleet(names=(), reach=context.reach)
        if params["launch"] and done.changed:
            launches = [planned_launch(node, node.record) for node in fleet.known]
            await warn_of_launches(launches, "config", CONFIG_OUTLOOK)
        for node in fleet.known if params["launch"] else ():
            node.warnings += encoded_user_data_warnings(node.name, node.record.config.launch)
        for node in fleet.known:
            node.warnings += unused_address_warnings(node.record, node.observed)
        more = {"changed": done.changed, "actions": list(done.actions), "diff": done.diff, **await place}
    return fleet_result(fleet, now=context.clock.now(), **more)
