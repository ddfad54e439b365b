# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call of a module, as the code that handles it receives it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from .._reconcile.context.context import Context
from .results import Result


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of a module."""

    #: The checked arguments with their defaults.
    params: Mapping[str, Any]
    check_mode: bool
    context: Context


Handler = Callable[[Call], Coroutine[Any, Any, Result]]
"""What a module does."""
