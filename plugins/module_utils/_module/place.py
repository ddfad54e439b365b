# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a call works: the account, the region and the table, as results name them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from .._aws.lookups.account import read_account_id
from .._reconcile.context.context import Context

Place = dict[str, Any]


@asynccontextmanager
async def reading_place(context: Context) -> AsyncIterator[asyncio.Task[Place]]:
    """Read the place while other work is done; to be awaited once that is.

    `account_id` is None when it cannot be read. Work that fails does not wait for it.
    """
    task = asyncio.create_task(_read_place(context))
    try:
        yield task
    finally:
        task.cancel()


async def _read_place(context: Context) -> Place:
    account_id = await context.executor.run(partial(read_account_id, context.client_factory))
    return {"account_id": account_id, "region": context.ec2.region, "table_name": context.table}
