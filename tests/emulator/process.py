# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a child process, for tests and demonstrations."""

from __future__ import annotations

import functools
import json
import os
import select
import subprocess
import sys
import urllib.parse
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from .environment import REGION, environment

CHECKOUT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 60


class Emulator:
    """`with Emulator() as emulator: emulator.client("ec2")...`"""

    def __init__(self, profile: str = "test", arguments: Sequence[str] = ()) -> None:
        self.profile, self.arguments = profile, tuple(arguments)
        self._process: subprocess.Popen[str] | None = None
        self.endpoint = ""

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Emulator:
        command = [sys.executable, "-m", "tests.emulator", "--profile", self.profile]
        command += ["--parent-pid", str(os.getpid()), *self.arguments]
        self._process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=_server_environment(),
            start_new_session=True,  # a Ctrl-C is for the program under test; --parent-pid sees to the rest
        )
        self.endpoint = self._wait_until_ready(self._process)
        return self

    def _wait_until_ready(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], SECONDS_TO_START)
        line = process.stdout.readline() if readable else ""
        if not line.startswith("READY "):
            self.stop()
            raise RuntimeError(f"the emulator did not start: {line!r}, exit status {process.returncode}")
        return line.split()[1]

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)
        if process.stdout:
            process.stdout.close()

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.endpoint)

    def client(self, service: str) -> Any:
        return _client(service, self.endpoint)

    def reset(self) -> None:
        """Everything back to empty, the settings too."""
        self._control("POST", "reset")

    def configure(self, **settings: Any) -> dict[str, Any]:
        return self._control("POST", "settings", **settings)

    def add_fault(
        self,
        action: str | None,
        kind: str,
        call: int = 1,
        code: str | None = None,
        status: int | None = None,
        seconds: float | None = None,
        service: str | None = "ec2",
        message: str | None = None,
    ) -> None:
        """`action=None` counts every mutating call, `service=None` those of every service."""
        self._control(
            "POST",
            "faults",
            action=action,
            kind=kind,
            call=call,
            code=code,
            status=status,
            seconds=seconds,
            service=service,
            message=message,
        )

    def clear_faults(self) -> None:
        self._control("DELETE", "faults")

    def set_capacity(
        self,
        zone: str | None = None,
        instance_type: str | None = None,
        market: str | None = None,
        outcome: str = "available",
        code: str | None = None,
        room: int = 0,
    ) -> None:
        """`room` launches more go through before the outcome is met."""
        where = {"zone": zone, "instance_type": instance_type, "market": market}
        self._control("POST", "capacity", **where, outcome=outcome, code=code, room=room)

    def interrupt(self, instance_id: str, warning_seconds: float = 0, marked_after: float = 0) -> None:
        """EC2 shows that it has marked the instance `marked_after` seconds after the warning."""
        given = {"warning_seconds": warning_seconds, "marked_after": marked_after}
        self._control("POST", "interrupt", instance_id=instance_id, **given)

    def mark(self, instance_id: str) -> None:
        """EC2 shows that it will interrupt the instance, as it does with a warning."""
        self._control("POST", "mark", instance_id=instance_id)

    def rebalance(self, instance_id: str) -> None:
        self._control("POST", "rebalance", instance_id=instance_id)

    def impair(self, instance_id: str, seconds: float = 0) -> None:
        """Both status checks fail, and say that they have for so many seconds."""
        self._control("POST", "impair", instance_id=instance_id, seconds=seconds)

    def calls(
        self, mutating: bool | None = None, service: str | None = None, action: str | None = None, since: int = 0
    ) -> list[dict[str, Any]]:
        query = {"mutating": mutating, "service": service, "action": action, "since": since}
        return self._control("GET", "calls?" + urllib.parse.urlencode({k: json.dumps(v) for k, v in query.items()}))

    def states(self, since: float = 0) -> list[dict[str, Any]]:
        """Every state that instances and attachments came into: `{time, id, state, instance_id}`."""
        return self._control("GET", "states?" + urllib.parse.urlencode({"since": since}))

    def clear_calls(self) -> None:
        self._control("DELETE", "calls")

    def _control(self, method: str, path: str, **document: Any) -> Any:
        reply = _connections().request(
            method, f"{self.endpoint}/_emulator/{path}", body=json.dumps(document).encode() if document else None
        )
        if reply.status >= HTTPStatus.BAD_REQUEST:
            raise ValueError(reply.json()["error"])
        return reply.json()


def _server_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    # moto calls boto3 in places: these keep it from looking for real credentials.
    return {**kept, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}


@functools.cache
def _connections() -> Any:
    """Connections that are kept: each new one is a thread of the emulator."""
    import urllib3

    return urllib3.PoolManager(timeout=30, retries=False)


@functools.cache
def _client(service: str, endpoint: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.session.Session().client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=64, connect_timeout=5, read_timeout=60),
    )
