# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from tests.emulator.process import CHECKOUT, Emulator
from tests.support.waiting import until

COMMAND = [sys.executable, "-m", "tests.emulator"]


def is_alive(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(f"{endpoint}/_emulator/ready", timeout=5).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly(number: signal.Signals) -> None:
    with subprocess.Popen(COMMAND, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = process.stdout.readline().split()
        assert ready[0] == "READY" and is_alive(ready[1])
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert not is_alive(ready[1])


def test_it_ends_with_its_parent() -> None:
    parent = (
        "import os, subprocess, sys\n"
        f"command = {COMMAND!r} + ['--parent-pid', str(os.getpid())]\n"
        "child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)\n"
        "print(child.pid, child.stdout.readline().split()[1], flush=True)\n"
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", parent], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    child, endpoint = done.stdout.split()
    try:
        until(lambda: not is_alive(endpoint))
    except AssertionError:
        os.kill(int(child), signal.SIGKILL)
        raise


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_it_refuses_to_listen_elsewhere(host: str) -> None:
    done = subprocess.run(
        [*COMMAND, "--host", host], cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "stays on loopback" in done.stderr


def test_it_shows_the_environment_to_paste(emulator: Emulator) -> None:
    command = [*COMMAND, "--foreground-help", "--parent-pid", str(os.getpid())]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        endpoint = process.stdout.readline().split()[1]
        lines = [process.stdout.readline().strip() for _ in emulator.environment]
        process.terminate()
    assert lines[0] == f"export AWS_ENDPOINT_URL={endpoint}"
    assert "export AWS_ACCESS_KEY_ID=testing" in lines


def test_settings_come_from_the_command_line_and_survive_a_reset() -> None:
    arguments = ("--speed", "4", "--duration", "pending=3", "--throttling", "--address-quota", "5")
    with Emulator("ec2", arguments) as emulator:
        emulator.configure(speed=1, throttling=False)
        emulator.reset()
        found = emulator.configure()
        assert (found["profile"], found["speed"], found["throttling"]) == ("ec2", 4.0, True)
        assert (found["durations"]["pending"], found["address_quota"]) == (3.0, 5)


def test_an_endpoint_that_does_not_exist_says_so(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="no such control endpoint"):
        emulator._control("POST", "nonsense")
