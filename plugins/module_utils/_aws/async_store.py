# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node table and the queue of events for code that awaits.

The methods have the parameters of those of Store and Queue. Each call is made as `call_policy.py` says. None needs a
fence: a write to the table names the condition under which it may happen, and a message is no resource of a node.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from .call_policy import Policy, policy_of
from .executor import Executor
from .queue import Queue
from .store import Store

A = TypeVar("A")
T = TypeVar("T")
P = ParamSpec("P")


class _Unfenced(Generic[A]):
    """The awaitable form of an API whose calls need no fence."""

    def __init__(self, executor: Executor, api: A) -> None:
        self._executor = executor
        self._api = api

    async def make(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Make a call by its policy. Raises CallPolicyError for one that needs a fence."""
        policy = policy_of(name, fenced=False)
        call = partial(getattr(self._api, name), *args, **kwargs)
        if policy is Policy.CONDITIONAL:
            return await self._executor.run_tracked(call)
        return await self._executor.run(call)


def _unfenced(method: Callable[Concatenate[A, P], T]) -> Callable[Concatenate[_Unfenced[A], P], Coroutine[Any, Any, T]]:
    """Make the awaitable form of a method. Raises CallPolicyError for one that needs a fence."""
    name = method.__name__
    policy_of(name, fenced=False)

    async def call(api: _Unfenced[A], /, *args: P.args, **kwargs: P.kwargs) -> T:
        answer: T = await api.make(name, *args, **kwargs)
        return answer

    return call


class AsyncStore(_Unfenced[Store]):
    """The records of one table, and their history."""

    @property
    def table_name(self) -> str:
        """The name of the table."""
        return self._api.table_name

    get_region = _unfenced(Store.get_region)
    get = _unfenced(Store.get)
    get_with_unreadable = _unfenced(Store.get_with_unreadable)
    get_one = _unfenced(Store.get_one)
    all = _unfenced(Store.all)
    check_holds_records = _unfenced(Store.check_holds_records)
    claims = _unfenced(Store.claims)
    history = _unfenced(Store.history)

    create = _unfenced(Store.create)
    update = _unfenced(Store.update)
    write_config = _unfenced(Store.write_config)
    forget = _unfenced(Store.forget)
    remove = _unfenced(Store.remove)
    add_history = _unfenced(Store.add_history)


class AsyncQueue(_Unfenced[Queue]):
    """A queue of this account."""

    @property
    def account(self) -> str | None:
        """The account that the queue belongs to. Await `get_url` first: it is read from there."""
        return self._api.account

    get_url = _unfenced(Queue.get_url)
    receive = _unfenced(Queue.receive)
    delete = _unfenced(Queue.delete)
