# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking again at nodes that something was done to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from .node import Node
from .observe import observe

BETWEEN_ROUNDS = 0.5
"""Seconds between two rounds of reads: a fleet comes to it node by node."""


async def look_again(nodes: Sequence[Node]) -> None:
    """Bring what is known of the nodes up to date, in one round of reads."""
    if not nodes:
        return
    seen = await observe(nodes[0].context, [node.record for node in nodes])
    for node in nodes:
        node.observed = seen[node.name]


class Looks:
    """Looks together at nodes that come to want it one by one: each round is for those that came since the last."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._round: asyncio.Task[None] | None = None

    async def look_again(self, node: Node) -> None:
        """Bring what is known of the node up to date. Raises AwsError as a read does."""
        if not self._nodes:
            self._round = asyncio.create_task(self._look_after(self._round))
        self._nodes.append(node)
        if self._round:
            await self._round

    async def _look_after(self, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait([before])
            await self._nodes[0].context.clock.sleep(BETWEEN_ROUNDS)
        nodes, self._nodes = self._nodes, []
        await look_again(nodes)
