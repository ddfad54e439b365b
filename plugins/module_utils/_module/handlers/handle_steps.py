# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that do one step of an operation: stateful_node_eni, _eip and _instance."""

from __future__ import annotations

from functools import partial

from ..._reconcile.operation.check_mode import CHECK
from ..._reconcile.operation.phase import Step
from ..._reconcile.operation.steps import carry_out_steps, predict_steps
from ..call import Call
from ..reading import look, names_of
from ..results import Result, fleet_result


async def handle_eni(call: Call) -> Result:
    """Have the interface of nodes, or delete it."""
    goal = "interface" if call.params["state"] == "present" else "interface_absent"
    return await _step(call, Step(phase="interface", goal=goal))  # type: ignore[arg-type]


async def handle_eip(call: Call) -> Result:
    """Have the Elastic IP of nodes on their interface, or take it off."""
    goal = "elastic_ip" if call.params["state"] == "present" else "elastic_ip_absent"
    return await _step(call, Step(phase="elastic_ip", goal=goal, release=call.params["release"]))  # type: ignore[arg-type]


NETWORK = (
    Step(phase="interface", goal="interface", leads_on=True),
    Step(phase="elastic_ip", goal="elastic_ip", leads_on=True),
)
"""What an instance is launched on."""


async def handle_instance(call: Call) -> Result:
    """Have an instance of nodes run, run in advance, or terminated."""
    if call.params["state"] == "terminated":
        return await _step(call, Step(phase="terminate", goal="pause"))
    if call.params["state"] == "prelaunched":
        return await _step(call, Step(phase="prelaunch", goal="replace", wait_for=call.params["wait_for"]))
    launch = Step(phase="launch", goal="resume", wait_for=call.params["wait_for"])
    # Inside an operation a node that is ready is launched at once, whatever the others still lack.
    return await _step(call, *(NETWORK if call.params["operation_id"] else ()), launch)


async def _step(call: Call, *steps: Step) -> Result:
    operation_id = call.params["operation_id"] or None
    context = call.context
    if operation_id:
        # The node may be out of service: an answer that does not come for a while is waited for.
        fleet = await context.executor.retry_reads(partial(look, context, names_of(call)), context.deadline)
    else:
        fleet = await look(context, names_of(call), begins=True)
    if call.check_mode or (operation_id or "").startswith(CHECK):
        predict_steps(fleet.known, steps, operation_id)
    else:
        await carry_out_steps(fleet.known, steps, operation_id)
    return fleet_result(fleet, now=call.context.clock.now())
