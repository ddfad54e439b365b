# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of nodes: what one looks like, and how the `name` option is read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import NodeError

ALL = "all"
PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def parse_names(values: Iterable[str]) -> tuple[str, ...]:
    """Read the `name` option: elements are split on commas and newlines and stripped, empty ones dropped.

    Returns the names in the order given, or `("all",)` for every node of the table.
    Raises NodeError when a name is not valid, is given twice, or stands beside `all`.
    """
    names = tuple(name for value in values for part in re.split(r"[,\n]", str(value)) if (name := part.strip()))
    if ALL in names and len(names) > 1:
        raise NodeError("InvalidName", f"'all' means every node and stands alone, not in {', '.join(names)}.")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise NodeError("DuplicateName", f"name: given more than once: {', '.join(repeated)}.")
    if names != (ALL,):
        for name in names:
            check_name(name)
    return names


def is_name(name: str) -> bool:
    """Whether a node can have the name."""
    return name != ALL and PATTERN.fullmatch(name) is not None


def check_name(name: str) -> None:
    """Raise NodeError unless the name is one that a node can have."""
    if not is_name(name):
        raise NodeError(
            "InvalidName",
            f"name: '{name}' is no name for a node: 1 to 63 letters, digits, '.', '_' and '-', "
            "the first one a letter or digit, and not 'all'.",
        )
