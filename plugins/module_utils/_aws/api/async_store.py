# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node table and the queue of events for code that awaits.

The methods have the parameters of those of Store and Queue. Each call is made as `call_policy.py` says. None needs a
fence: a write to the table names the condition under which it may happen, and a message is not a resource of a node.
"""

from __future__ import annotations

from ..calls.unfenced import Unfenced, unfenced
from .queue import Queue
from .store import Store


class AsyncStore(Unfenced[Store]):
    """The records of one table, and their history."""

    @property
    def table_name(self) -> str:
        """The name of the table."""
        return self._api.table_name

    get_region = unfenced(Store.get_region)
    get = unfenced(Store.get)
    get_with_unreadable = unfenced(Store.get_with_unreadable)
    get_one = unfenced(Store.get_one)
    all = unfenced(Store.all)
    check_holds_records = unfenced(Store.check_holds_records)
    claims = unfenced(Store.claims)
    history = unfenced(Store.history)

    create = unfenced(Store.create)
    update = unfenced(Store.update)
    write_config = unfenced(Store.write_config)
    forget = unfenced(Store.forget)
    remove = unfenced(Store.remove)
    add_history = unfenced(Store.add_history)


class AsyncQueue(Unfenced[Queue]):
    """A queue of this account."""

    @property
    def account(self) -> str | None:
        """The account that the queue belongs to. Await `get_url` first: it is read from there."""
        return self._api.account

    get_url = unfenced(Queue.get_url)
    receive = unfenced(Queue.receive)
    delete = unfenced(Queue.delete)
