# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each input of docs/designs/trust.md is checked by tests that exist, or is code."""

from __future__ import annotations

import re

import pytest

from .blocks import CHECKOUT

PAGE = CHECKOUT / "docs/designs/trust.md"
HEADER = ("input", "who writes it", "what it may do", "where it is checked", "test")
CODE = "anything: it is code"
"""What the only input may do that has no test."""


def rows() -> list[list[str]]:
    """Give the cells of the table's rows."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    header, _rule, *found = cells
    assert tuple(header) == HEADER
    return found


ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_input_names_tests_that_exist(row: list[str]) -> None:
    assert len(row) == len(HEADER)
    if row[2] == CODE:
        return
    tests = re.findall(r"`([^`]+)`", row[-1])
    assert tests
    for test in tests:
        assert list((CHECKOUT / "tests" / test).glob("test_*.py")) or (CHECKOUT / "tests" / test).is_file(), test
