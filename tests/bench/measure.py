# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command in a process of its own, and what it cost."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.emulator.process import Emulator

from .samples import Sample

SECONDS = 3600
"""How long a command may take before it is held to hang."""

_RUNNING: set[subprocess.Popen[bytes]] = set()
_ENDED = threading.Event()

LAUNCHER = Path(__file__).with_name("launcher.py")

TAIL = 4000
"""Characters of its output that are shown of a command that failed."""


class EndedError(Exception):
    """The command was ended before its time, or not begun for that."""


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

    def followed_by(self, other: Cost) -> Cost:
        """Say what both came to, one after the other."""
        return Cost(
            status=self.status or other.status,
            wall=self.wall + other.wall,
            cpu=self.cpu + other.cpu,
            peak_memory=max(self.peak_memory, other.peak_memory),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandOutcome:
    """What became of the nodes: seconds, one figure a node, and how many came to what. `broken` says what is wrong."""

    seconds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    broken: str = ""


def measure(
    emulator: Emulator,
    take: Callable[[], Cost],
    look: Callable[[float], CommandOutcome],
    *,
    system: str,
    step: str,
    nodes: int,
) -> Sample:
    """Take a step with an empty log of calls, and say what it came to; `look` is told when it began."""
    emulator.clear_calls()
    load, began = os.getloadavg()[0], time.time()
    cost = take()
    calls = emulator.calls()
    outcome = look(began)
    if outcome.broken:
        print(f"{system}: {step} of {nodes}: {outcome.broken}", flush=True)
    return Sample(
        system=system,
        step=step,
        nodes=nodes,
        wall=cost.wall,
        cpu=cost.cpu,
        peak_memory=cost.peak_memory,
        calls=dict(Counter(call["action"] for call in calls)),
        throttled=sum(call["outcome"] == "RequestLimitExceeded" for call in calls),
        failed=cost.status or int(bool(outcome.broken)),
        load=round(load, 1),
        seconds={name: [round(each, 2) for each in found] for name, found in outcome.seconds.items()},
        counts=dict(outcome.counts),
    )


def run(command: Command) -> Cost:
    """Run the command to its end, and show what it printed if it failed.

    Raises TimeoutExpired, and ends it, when it takes an hour, and EndedError once all are ended.
    """
    if _ENDED.is_set():
        raise EndedError
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
        _RUNNING.add(process)
        try:
            process.wait(timeout=SECONDS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        finally:
            _RUNNING.discard(process)
    if process.returncode:
        raise EndedError
    cost = Cost(**json.loads(file.read_text()))
    if cost.status:
        print(f"{' '.join(command.arguments)} ended with {cost.status}:\n{_output(command).read_text()[-TAIL:]}")
    return cost


def end_all() -> None:
    """End the commands of all threads, and let none begin: a Ctrl-C does not reach them, each a session of its own."""
    _ENDED.set()
    for process in list(_RUNNING):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _output(command: Command) -> Path:
    return command.directory / "output.txt"
