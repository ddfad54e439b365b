# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one exception that ends the work on a node and leaves the others alone."""

from __future__ import annotations

from .record import Failure


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
        next_command: str | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = Failure(
            code=code, message=message, phase=phase, action=action, state=state, next_command=next_command
        )
