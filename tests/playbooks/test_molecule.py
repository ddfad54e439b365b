# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One of molecule's scenarios; `make molecule` runs them all."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SECONDS = 900
"""How long a scenario may take before it is held to hang."""


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.mark.thorough
def test_a_scenario_passes_and_leaves_no_server_behind(tmp_path: Path, port: int) -> None:
    """That of the fleet, which needs the most: a schedule's playbook and the inventory plugin."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MOLECULE_"))}
    done = subprocess.run(
        [CHECKOUT / "scripts/molecule", "test", "--scenario-name", "fleet"],
        env={**own, "HOME": str(tmp_path), "EMULATOR_PORT": str(port), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "idempotence: Executed: Successful" in done.stdout
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) != 0
