# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations that are only planned: the id that check mode gives out tells the modules what to plan for."""

from __future__ import annotations

from dataclasses import fields, replace

from ..._core.lifecycle.takeover import new_operation
from ..._core.model.record import Choices, Record
from ..context.node import Node

CHECK = "check-"
"""How an operation id starts that was given out in check mode: nothing was begun."""


def check_id(operation: str, choices: Choices) -> str:
    """Compose the id of an operation that is not begun: `check-replace`, or `check-replace+allow_address_change`."""
    return CHECK + "+".join([operation, *choices.chosen])


def parse_check_id(operation_id: str) -> tuple[str, Choices]:
    """Take such an id apart; what it does not name was not chosen."""
    operation, *chosen = operation_id.removeprefix(CHECK).split("+")
    return operation, Choices(**{name: True for name in chosen if name in {field.name for field in fields(Choices)}})


def as_begun(node: Node, operation: str, choices: Choices) -> Record:
    """Show the node's record as the operation would find it, to plan on."""
    context = node.context
    begun = new_operation(
        node.record, operation=operation, operation_id=CHECK, owner=context.owner, now=context.clock.now(),
        seconds=context.limits.lease_seconds, choices=choices,
    )  # fmt: skip
    return replace(node.record, operation=begun)
