# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one exception that ends the work on a node and leaves the others alone, and how a failure is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .commands import Command, Reach
from .record import Failure, Retry

LONGEST_MESSAGE = 20_000
"""Characters of an error's message at most: it quotes values, which may be of any length."""


class NodeError(Exception):
    """A node cannot go on. `failure` says why, in a form that a result and a history entry can hold."""

    def __init__(  # noqa: PLR0913 - each is a field of the failure
        self,
        code: str,
        message: str,
        *,
        phase: str | None = None,
        action: str | None = None,
        state: str | None = None,
        next_command: Command | None = None,
        retry: Retry = "now",
    ) -> None:
        if len(message) > LONGEST_MESSAGE:
            message = f"{message[:LONGEST_MESSAGE]}... (cut)"
        super().__init__(message)
        self.failure = Failure(
            code=code,
            message=message,
            phase=phase,
            action=action,
            state=state,
            next_command=next_command,
            retry=retry,
        )


def failure_result(failure: Failure, reach: Reach) -> dict[str, Any]:
    """Show a failure, every key present and its command as text."""
    names = ("code", "message", "phase", "action", "state", "retry")
    shown = {name: getattr(failure, name) for name in names}
    command = failure.next_command
    return {**shown, "next_command": command.text(reach) if command else None}


_BEFORE_COMMAND = {"now": "Next:", "after_correction": "Once that is corrected:", "never": ""}


def failure_sentence(shown: Mapping[str, Any]) -> str:
    """Write a failure, as `failure_result` shows it, in one line for a person."""
    where = f"(phase {shown['phase']}, {shown['code']})" if shown["phase"] else ""
    state = f"Now: {shown['state']}." if shown["state"] else ""
    following = f"{_BEFORE_COMMAND[shown['retry']]} {shown['next_command']}" if shown["next_command"] else ""
    return " ".join(part for part in (shown["message"], where, state, following) if part)
