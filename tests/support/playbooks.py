# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running ansible-playbook against an emulator, and reading what it printed."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.emulator.environment import clean_environment
from tests.emulator.process import Emulator
from tests.support.forked_ansible import forked_ansible

SECONDS = 600
"""How long a playbook may take before it is held to hang."""


ANSIBLE_SETTINGS = {
    "ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib"),
    "ANSIBLE_INJECT_INVOCATION": "true",  # as before ansible-core 2.21, which shows no arguments unless told to
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
}


@dataclass(frozen=True)
class Run:
    """A playbook that has ended."""

    status: int
    output: str

    @property
    def changed(self) -> int:
        """How many tasks changed something, by the recap."""
        return self._recap("changed")

    @property
    def failed(self) -> int:
        """How many tasks failed, by the recap."""
        return self._recap("failed")

    def _recap(self, column: str) -> int:
        return sum(int(count) for count in re.findall(rf"\b{column}=(\d+)", self.output))


def _arguments(playbook: str, options: Sequence[str], extra: Mapping[str, str]) -> list[str]:
    given = [part for name, value in extra.items() for part in ("-e", f"{name}={value}")]
    return [playbook, *given, *options]


class Playbooks:
    """Starts playbooks of the collection, or of a directory, in an environment that knows nothing but the emulator."""

    def __init__(self, emulator: Emulator, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            **clean_environment(),
            **ANSIBLE_SETTINGS,
            "HOME": str(directory),
            **emulator.environment,
        }

    def start(
        self,
        playbook: str,
        *options: str,
        environment: Mapping[str, str | None] = {},
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.STDOUT,
        **extra: str,
    ) -> Any:
        """Start ansible-playbook; `extra` are extra vars, all strings, as an AWX survey sends them."""
        arguments = _arguments(playbook, options, extra)
        return self._start("ansible-playbook", *arguments, environment=environment, stdout=stdout, stderr=stderr)

    def _start(
        self,
        program: str,
        *arguments: str,
        environment: Mapping[str, str | None],
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.STDOUT,
    ) -> Any:
        return subprocess.Popen(
            [str(Path(sys.executable).with_name(program)), *arguments],
            cwd=self.directory,
            env=self._with(environment),
            stdout=stdout,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def run(self, playbook: str, *options: str, environment: Mapping[str, str | None] = {}, **extra: str) -> Run:
        """Run ansible-playbook to its end; where that makes no difference, in a forked child, to save its imports."""
        if not self._can_be_forked(environment):
            return self._end(self.start(playbook, *options, environment=environment, **extra))
        server = forked_ansible(tuple({**clean_environment(), **ANSIBLE_SETTINGS}.items()))
        status, output = server.run(
            _arguments(playbook, options, extra),
            directory=self.directory,
            environment=self._with(environment),
            seconds=SECONDS,
        )
        return Run(status, output)

    def _can_be_forked(self, environment: Mapping[str, str | None]) -> bool:
        """Whether Ansible and Python read nothing at their start that is particular to this run."""
        if (self.directory / "ansible.cfg").exists():
            return False
        own = {name: value for name, value in self.environment.items() if name.startswith("ANSIBLE_")}
        return own == ANSIBLE_SETTINGS and all(name.startswith("AWS_") for name in environment)

    def _with(self, environment: Mapping[str, str | None]) -> dict[str, str]:
        merged = {**self.environment, **environment}
        return {name: value for name, value in merged.items() if value is not None}

    def run_program(self, program: str, *arguments: str, environment: Mapping[str, str | None] = {}) -> Run:
        """Run another of Ansible's programs to its end."""
        return self._end(self._start(program, *arguments, environment=environment))

    @staticmethod
    def _end(process: Any) -> Run:
        output, _nothing = process.communicate(timeout=SECONDS)
        return Run(process.returncode, output)

    def operate(
        self, operation: str, nodes: str, *options: str, environment: Mapping[str, str | None] = {}, **extra: str
    ) -> Run:
        """Run one of the collection's own playbooks."""
        return self.run(
            f"stateful_node.aws.{operation}", *options, environment=environment, stateful_nodes=nodes, **extra
        )
