# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The awaitable form of an API whose calls need no fence, each made as `call_policy.py` says."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from .call_policy import Policy, policy_of
from .executor import Executor

A = TypeVar("A")
T = TypeVar("T")
P = ParamSpec("P")


class Unfenced(Generic[A]):
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


def unfenced(method: Callable[Concatenate[A, P], T]) -> Callable[Concatenate[Unfenced[A], P], Coroutine[Any, Any, T]]:
    """Make the awaitable form of a method. Raises CallPolicyError for one that needs a fence."""
    name = method.__name__
    policy_of(name, fenced=False)

    async def call(api: Unfenced[A], /, *args: P.args, **kwargs: P.kwargs) -> T:
        answer: T = await api.make(name, *args, **kwargs)
        return answer

    return call
