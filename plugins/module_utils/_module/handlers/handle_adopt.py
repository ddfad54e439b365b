# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module stateful_node_adopt."""

from __future__ import annotations

from dataclasses import replace

from ..._core.adoption.adoption_request import Request
from ..._reconcile.tasks.adopt import adopt, plan_adoption
from ..call import Call
from ..results import Fleet, Result, fleet_result


async def handle(call: Call) -> Result:
    """Make an instance or an interface that is there a node."""
    params = call.params
    context = call.context
    name = params["name"]
    request = Request(
        name=name,
        instance_id=params["instance_id"],
        network_interface_id=params["network_interface_id"],
        accept_root_volume_loss=params["accept_root_volume_loss"],
        options=params,
    )
    decide = plan_adoption if call.check_mode else adopt
    done = await decide(context, request, take_over=params["take_over"])
    fleet = Fleet(names=(name,), nodes={name: done.node}, reach=context.reach)
    result = fleet_result(fleet, now=context.clock.now())
    diff = [*([done.diff] if done.diff else []), *result.values["diff"]]
    return replace(result, values={**result.values, "diff": diff})
