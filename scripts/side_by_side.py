#!/usr/bin/env python3
# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run programs side by side: `scripts/side_by_side.py scripts/lint scripts/docs`.

What each says is printed in this order, once those before it have ended. The first that fails is printed at once and
ends the others, as Ctrl-C ends all.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

SECONDS_TO_END = 10


class Program:
    """A program with a process group of its own, to be ended together with what it started."""

    def __init__(self, path: str) -> None:
        self.name, self.output = Path(path).name, ""
        self.process = subprocess.Popen(
            [path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def see_through(self) -> Program:
        """Wait for its end; as long as something that it started holds its output, it has not ended."""
        self.output, _nothing = self.process.communicate()
        return self

    def show(self) -> None:
        print(f"=== {self.name}\n{self.output}", end="", flush=True)

    def end(self) -> None:
        """Interrupt it, as Ctrl-C does, so that it tidies up; what does not end is killed."""
        for number in (signal.SIGINT, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=SECONDS_TO_END)


def main(paths: Sequence[str]) -> int:
    """Run the programs; returns the exit status of the first that failed, or 0."""
    print(f"side by side: {', '.join(Path(path).name for path in paths)}", flush=True)
    early: list[int] = []
    _on_interruption(lambda number, _frame: early.append(number))  # not between a start and knowing of it
    programs = [Program(path) for path in paths]
    with ThreadPoolExecutor(max_workers=len(programs)) as pool:
        try:
            _on_interruption(_stop)
            return 128 + signal.SIGINT if early else _first_failure(pool, programs)
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
        finally:
            for program in programs:
                program.end()


def _first_failure(pool: ThreadPoolExecutor, programs: Sequence[Program]) -> int:
    shown, ended = list(programs), set()
    for future in as_completed([pool.submit(program.see_through) for program in programs]):
        program = future.result()
        ended.add(program)
        while shown and shown[0] in ended:
            shown.pop(0).show()
        if program.process.returncode:
            if program in shown:
                program.show()
            print(f"{program.name} has failed", flush=True)
            return abs(program.process.returncode)
    return 0


def _on_interruption(handler: Callable[[int, Any], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _stop(*_signal: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
