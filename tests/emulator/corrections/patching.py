# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a correction takes the place of a method of moto."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

Correction = Callable[..., Any]


def corrects(owner: type, *names: str) -> Callable[[Correction], Correction]:
    """The decorated function replaces `owner.name` and receives the original as its first argument."""

    def install(correction: Correction) -> Correction:
        for name in names:
            setattr(owner, name, _bound(correction, getattr(owner, name, None)))
        return correction

    return install


def _bound(correction: Correction, original: Any) -> Callable[..., Any]:
    @functools.wraps(correction)
    def corrected(*args: Any, **kwargs: Any) -> Any:
        return correction(original, *args, **kwargs)

    return corrected


def property_of(owner: type, *names: str) -> Callable[[Correction], Correction]:
    """The decorated getter becomes a read-only property; moto's assignments to it are dropped."""

    def install(getter: Correction) -> Correction:
        for name in names:
            setattr(owner, name, property(getter, lambda self, value: None))
        return getter

    return install
