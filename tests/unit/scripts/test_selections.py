# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No test is left out of both `make test` and `make test-all`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
RUN_BY_SCRIPTS_EDA = CHECKOUT / "tests/eda"
"""Needs Java and an environment of its own, so that pytest is given it by name."""


def _collected(*selection: str) -> set[str]:
    command = ["scripts/test", *selection, "--collect-only", "-q", "--no-header"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return {line for line in done.stdout.splitlines() if "::" in line}


@pytest.fixture
def testpaths(pytestconfig: pytest.Config) -> list[Path]:
    return [CHECKOUT / path for path in pytestconfig.getini("testpaths")]


def test_every_file_of_tests_is_collected(testpaths: list[Path]) -> None:
    places = [*testpaths, RUN_BY_SCRIPTS_EDA]
    files = (CHECKOUT / "tests").rglob("test_*.py")
    assert [file for file in files if not any(place in file.parents for place in places)] == []


@pytest.mark.thorough
@pytest.mark.thorough
def test_quick_and_thorough_tests_are_all_tests() -> None:
    quick = _collected("--quick")
    thorough = _collected("--thorough")
    assert quick | thorough == _collected("--durations=0")
    assert quick & thorough == set()
    assert quick
    assert thorough


def test_make_test_all_runs_what_make_test_leaves_out() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "test-all"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    commands = done.stdout.splitlines()
    assert "scripts/test --quick" in commands
    assert "scripts/test --thorough" in commands
    assert any("scripts/eda" in command for command in commands)
