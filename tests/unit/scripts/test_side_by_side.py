# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks side by side: said in order, failed by any of them, ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts/side_by_side.py"
AFTER_THE_OTHER = "until [[ -e ended ]]; do sleep 0.01; done; echo late"
FOR_EVER = "echo $$ >pid; echo begun; sleep 1000"
"""Ended by a test; its process group is what `pid` names."""

SECONDS = 10


@pytest.fixture
def start(tmp_path: Path) -> Any:
    def start(**programs: str) -> subprocess.Popen[str]:
        for name, text in programs.items():
            path = tmp_path / name
            path.write_text(f"#!/usr/bin/env bash\n{text}\n")
            path.chmod(0o755)
        paths = [str(tmp_path / name) for name in programs]
        return subprocess.Popen(
            [sys.executable, str(SCRIPT), *paths], cwd=tmp_path, stdout=subprocess.PIPE, text=True
        )  # fmt: skip

    return start


def assert_ended(directory: Path) -> None:
    """A process that was killed is there until its parent, or init, has heard of it."""
    group, until = int((directory / "pid").read_text()), time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    pytest.fail("it goes on")


def test_what_is_said_is_in_order_and_not_mixed(start: Any) -> None:
    output, _nothing = (process := start(a=AFTER_THE_OTHER, b="echo early; touch ended")).communicate(timeout=60)
    assert process.returncode == 0
    assert output == "side by side: a, b\n=== a\nlate\n=== b\nearly\n"


def test_the_first_that_fails_is_shown_and_ends_the_others(start: Any, tmp_path: Path) -> None:
    wrong = "until [[ -s pid ]]; do sleep 0.01; done; echo wrong; exit 3"
    output, _nothing = (process := start(endless=FOR_EVER, failing=wrong)).communicate(timeout=60)
    assert process.returncode == 3
    assert output.endswith("=== failing\nwrong\nfailing has failed\n")
    assert_ended(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_all(start: Any, tmp_path: Path, number: int) -> None:
    process = start(endless=FOR_EVER, quick="until [[ -s pid ]]; do sleep 0.01; done")
    process.stdout.readline()
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        assert process.poll() is None
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert_ended(tmp_path)
