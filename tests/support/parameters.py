# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parameters of which one is a test of `make test`, and all of them are tests of `make test-all`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest


def first_stands_for_all(values: Sequence[Any]) -> list[Any]:
    """Mark all but the first value as thorough; a tuple is one value for each argument of the test."""
    first, *others = values
    return [first, *(_thorough(value) for value in others)]


def _thorough(value: Any) -> Any:
    values = value if isinstance(value, tuple) else (value,)
    return pytest.param(*values, marks=pytest.mark.thorough)
