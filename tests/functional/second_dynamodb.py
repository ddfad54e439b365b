# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second implementation of DynamoDB, written independently of moto: what both say is DynamoDB's and not moto's.

It is ministack (`requirements/ministack.txt`), a child process on loopback. Where it is known to deviate from DynamoDB:
its tables are ACTIVE at once, no request is throttled, and no BatchGetItem is so large that keys are left unprocessed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
PROGRAM = Path(sys.prefix, "ministack", "bin", "ministack")
STARTS = 3
"""How often it is started at the most: between finding a free port and listening on it, somebody else may take it."""

SECONDS_TO_START = 60


@contextmanager
def second_dynamodb(directory: Path) -> Iterator[str]:
    """Run it for as long as the block lasts; gives its endpoint. Its own files go into the directory."""
    process, endpoint = _start(directory)
    try:
        yield endpoint
    finally:
        # It leads a group of its own, so that whatever it started ends with it.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _start(directory: Path) -> tuple[subprocess.Popen[bytes], str]:
    for _start in range(STARTS):
        port = _free_port()
        process = subprocess.Popen(
            [str(PROGRAM)], env=_environment(directory, port), stdin=subprocess.DEVNULL, start_new_session=True
        )
        endpoint = f"http://{HOST}:{port}"
        if _is_ready(process, endpoint):
            return process, endpoint
    raise RuntimeError(f"{PROGRAM} did not start, exit status {process.returncode}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _environment(directory: Path, port: int) -> dict[str, str]:
    """Nothing of ours but the path: it reads dozens of variables, and some of them name files and daemons to use."""
    own = {"BIND_HOST": HOST, "GATEWAY_PORT": str(port), "SERVICES": "dynamodb", "LOG_LEVEL": "ERROR"}
    return {"PATH": os.environ["PATH"], "HOME": str(directory), "TMPDIR": str(directory), **own}


def _is_ready(process: subprocess.Popen[bytes], endpoint: str) -> bool:
    """Wait until it answers; False when it has ended, as it does when its port is taken."""
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                os.killpg(process.pid, signal.SIGKILL)
                raise
            time.sleep(0.05)
    return False
