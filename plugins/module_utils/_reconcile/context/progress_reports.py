# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Telling whoever watches how the work goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from ..._core.actions.base_action import Phase
from ..._core.lifecycle.phase_progress import Work
from .context import Context, Listener
from .node import Node

TICK_SECONDS = 1.0
"""How often a listener is told that time goes by, so that it can speak while nothing else happens."""


@asynccontextmanager
async def told(nodes: Sequence[Node], phase: Phase, goal: str) -> AsyncIterator[None]:
    """Tell the listener, if there is one, of the work within: that it begins, that time goes by, that it ends."""
    listener = nodes[0].context.listener if nodes else None
    if listener is None:
        yield
        return
    context = nodes[0].context
    names = tuple(node.name for node in nodes)
    listener.begin(Work(operation=_operation(nodes, goal), phase=phase, names=names, at=context.clock.monotonic()))
    ticking = asyncio.create_task(_tick(context, listener))
    try:
        yield
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        listener.end(context.clock.monotonic())


def _operation(nodes: Sequence[Node], goal: str) -> str:
    """Name the operation that the nodes are in; a module on its own serves its goal."""
    held = (node.record.operation for node in nodes)
    return next((operation.operation for operation in held if operation), goal)


async def _tick(context: Context, listener: Listener) -> None:
    while True:
        await context.clock.sleep(TICK_SECONDS)
        listener.tick(context.clock.monotonic())


def phase_reached(node: Node, phase: Phase, goal: str) -> str:
    """Say what a phase has come to for the node; empty where it was about nothing that the node has."""
    identity = node.identity
    interface = identity.network_interface_id
    carried = f"interface {interface} with {identity.private_ip_address}" if interface else ""
    if phase == "interface":
        return f"{carried} {'kept' if goal == 'delete' else 'ready'}" if carried else "no interface any more"
    if phase == "elastic_ip":
        return f"Elastic IP {identity.public_ip} associated" if identity.association_id else ""
    if phase == "prelaunch":
        return (
            f"instance {identity.standby.instance_id} runs next to {identity.instance_id}" if identity.standby else ""
        )
    if phase == "terminate" and identity.instance_id:
        return ""
    if phase == "terminate":
        return f"no instance, {carried} free" if carried else "no instance"
    return f"running on {identity.instance_id}"
