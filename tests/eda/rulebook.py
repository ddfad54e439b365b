# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-rulebook as a child process, in an environment that knows nothing but the emulator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.emulator.environment import clean_environment
from tests.emulator.process import Emulator

ENVIRONMENT = Path(sys.prefix, "eda")
SECONDS = 240
"""How long anything may take before it is held to hang; starting the rule engine alone takes ten seconds or more."""

INVENTORY = """
all:
  hosts:
    localhost:
      ansible_connection: local
      ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""


@dataclass(frozen=True)
class Rulebook:
    """A rulebook that runs."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        """All that it and its playbooks have printed so far."""
        return self.log.read_text()

    def wait_until(self, reached: Callable[[], bool]) -> None:
        """Wait for a condition; fails with the output when the rulebook ends, or nothing comes of it in time."""
        deadline = time.monotonic() + SECONDS
        while not reached():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)


@contextmanager
def running(
    name: str, variables: str, emulator: Emulator, directory: Path, *, controller: Sequence[str] = ()
) -> Iterator[Rulebook]:
    """Run a rulebook for as long as the block lasts; with the options for a controller, without an inventory."""
    log = directory / "rulebook.log"
    for file, text in (("inventory.yml", INVENTORY), ("vars.yml", variables)):
        (directory / file).write_text(text)
    command = [str(ENVIRONMENT / "bin" / "ansible-rulebook"), "--rulebook", name, "--shutdown-delay", "1"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--vars", "vars.yml", *(controller or ("--inventory", "inventory.yml"))],
            cwd=directory,
            env=_environment(emulator, directory),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Rulebook(process, log)
    finally:
        _end(process)


def _environment(emulator: Emulator, directory: Path) -> dict[str, str]:
    own = clean_environment()
    return {
        **own,
        "PATH": f"{ENVIRONMENT / 'bin'}:{own['PATH']}",
        "HOME": str(directory),
        "ANSIBLE_NOCOLOR": "1",
        **emulator.environment,
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    # It leads a group of its own: its playbooks end with it.
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                continue
