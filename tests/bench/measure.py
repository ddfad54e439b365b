# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command in a process of its own, and what it cost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.emulator.process import Emulator

from .samples import Sample

SECONDS = 3600
"""How long a command may take before it is held to hang."""

LAUNCHER = Path(__file__).with_name("launcher.py")

TAIL = 4000
"""Characters of its output that are shown of a command that failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What to run, where, and where its output goes."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    directory: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What a command and its children cost: seconds, and bytes of the largest process."""

    status: int
    wall: float
    cpu: float
    peak_memory: int


def measure(emulator: Emulator, take: Callable[[], Cost], *, system: str, step: str, nodes: int) -> Sample:
    """Take a step with an empty log of calls, and say what it came to."""
    emulator.clear_calls()
    load = os.getloadavg()[0]
    cost = take()
    calls = emulator.calls()
    return Sample(
        system=system,
        step=step,
        nodes=nodes,
        wall=cost.wall,
        cpu=cost.cpu,
        peak_memory=cost.peak_memory,
        calls=dict(Counter(call["action"] for call in calls)),
        throttled=sum(call["outcome"] == "RequestLimitExceeded" for call in calls),
        failed=cost.status,
        load=round(load, 1),
    )


def run(command: Command) -> Cost:
    """Run the command to its end, and show what it printed if it failed.

    Raises TimeoutExpired, and ends it, when it takes an hour.
    """
    file = command.directory / "cost.json"
    with _output(command).open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), str(file), *command.arguments],
            cwd=command.directory,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(timeout=SECONDS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    cost = Cost(**json.loads(file.read_text()))
    if cost.status:
        print(f"{' '.join(command.arguments)} ended with {cost.status}:\n{_output(command).read_text()[-TAIL:]}")
    return cost


def _output(command: Command) -> Path:
    return command.directory / "output.txt"
