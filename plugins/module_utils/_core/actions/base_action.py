# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be done to a node: each action is data, belongs to a phase, and knows its effect."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import reduce
from typing import Any, ClassVar, Literal

from ..model.serialization import to_dict
from .state import State, Unknown

Phase = Literal["record", "interface", "elastic_ip", "prelaunch", "terminate", "launch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Action(ABC):
    """Something that a plan wants done."""

    phase: Phase
    action: ClassVar[str]

    @abstractmethod
    def after(self, state: State) -> State:
        """Predict the node once the action was carried out: pure, and the only place that knows its effect."""

    def public(self, name: str) -> dict[str, Any]:
        """Show the action as a module's result does; ids that are not known yet are None."""
        values = {field.name: to_dict(_known(getattr(self, field.name))) for field in fields(self)}
        return {"name": name, "action": self.action, **values}


def _known(value: Any) -> Any:
    return None if isinstance(value, Unknown) else value


def predict(state: State, actions: Iterable[Action]) -> State:
    """Predict the node once all the actions were carried out, in their order."""
    return reduce(lambda reached, action: action.after(reached), actions, state)
