# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the histories of many nodes: a query a node, as many at the same time as there are workers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from ..._core.lifecycle.history import history_key, to_entries
from ..._core.lifecycle.history_results import History, cut_history
from ..context.context import Context


async def read_histories(
    context: Context, names: Sequence[str], *, limit: int, since: int | None
) -> dict[str, History]:
    """Read what was done to each node: the latest `limit` operations, of those that began at `since` or later."""
    key = "" if since is None else history_key(since)

    async def read(name: str) -> History:
        # One more than asked for: it tells that there are more, and how the node was when the others began.
        stored = await context.store.history(name, limit + 1, key)
        entries, unreadable = to_entries(stored)
        return replace(cut_history(entries, limit=limit, since=since), unreadable=unreadable)

    return dict(zip(names, await asyncio.gather(*map(read, names)), strict=True))
