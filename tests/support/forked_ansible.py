# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-playbook in a child forked from a process that has imported Ansible: the imports cost more than most plays.

The child runs the same `main` as the program, with arguments, directory, environment, output and session of its own.
What Ansible reads when it is imported is that of the process it is forked from: `ANSIBLE_*` of the environment,
ansible.cfg, and `~` in such settings. `Playbooks` starts the real program where that matters.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAM = str(Path(sys.executable).with_name("ansible-playbook"))
REQUEST_BYTES = 65536

IMPORTED = (
    "ansible.cli.playbook",
    "ansible.executor.task_executor",
    "ansible.plugins.action.normal",
    "ansible.plugins.callback.default",
    "ansible.plugins.connection.local",
    "ansible.plugins.shell.sh",
    "ansible.plugins.strategy.linear",
    "boto3.session",
    "botocore.session",
)
"""What nearly every playbook of the collection imports, and is not the collection's."""


class ForkedAnsible:
    """The process that has imported Ansible; `environment` are the settings that Ansible reads when it is imported."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="forked-ansible-")
        self.home = Path(self._directory.name)
        self._address = str(self.home / "socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen()
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(listener.fileno())],
                cwd=CHECKOUT,
                env={**environment, "HOME": self._directory.name},
                stdin=subprocess.PIPE,  # its end is the end of this process
                stdout=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )

    def stop(self) -> None:
        """End the process; children that still run are not waited for."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._directory.cleanup()

    def run(
        self, arguments: Sequence[str], *, directory: Path, environment: Mapping[str, str], seconds: float
    ) -> tuple[int, str]:
        """Run ansible-playbook to its end; returns its exit status, as `subprocess` does, and what it printed.

        Raises TimeoutError, after ending it, where it takes longer than `seconds`.
        """
        request = {"arguments": list(arguments), "directory": str(directory), "environment": dict(environment)}
        with socket.socket(socket.AF_UNIX) as connection, tempfile.TemporaryFile("w+") as output:
            connection.connect(self._address)
            socket.send_fds(connection, [b"\n"], [output.fileno()])
            connection.sendall(json.dumps(request).encode())
            connection.shutdown(socket.SHUT_WR)
            status = _await_status(connection, seconds)
            output.seek(0)
            return status, output.read()


def _await_status(connection: socket.socket, seconds: float) -> int:
    with connection.makefile() as answers:
        pid = int(answers.readline())
        if not select.select([connection], [], [], seconds)[0]:
            os.killpg(pid, signal.SIGKILL)
            raise TimeoutError(f"ansible-playbook has run for {seconds} seconds")
        return int(answers.readline())


@functools.cache
def forked_ansible(settings: tuple[tuple[str, str], ...]) -> ForkedAnsible:
    """Return this process's server for an environment, which is started when it is first asked for."""
    started = ForkedAnsible(dict(settings))
    atexit.register(started.stop)
    return started


def _serve(listener: socket.socket) -> None:
    """Fork a child for each connection until the standard input ends."""
    while True:
        _reap()
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            return
        connection, _address = listener.accept()
        if os.fork() == 0:
            listener.close()
            _attend(connection)
        connection.close()


def _reap() -> None:
    """Take note of the children that have ended: they have answered by themselves."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _attend(connection: socket.socket) -> NoReturn:
    """Start ansible-playbook as it is asked for, and answer with its process id and its exit status."""
    _newline, (output, *_others), _flags, _address = socket.recv_fds(connection, 1, 1)
    request = json.loads(b"".join(iter(lambda: connection.recv(REQUEST_BYTES), b"")))
    pid = os.fork()
    if pid == 0:
        connection.close()
        _become_ansible_playbook(request, output)
    connection.sendall(f"{pid}\n".encode())
    _pid, status = os.waitpid(pid, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become_ansible_playbook(request: Mapping[str, Any], output: int) -> NoReturn:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, place in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(number, place)
    os.close(nothing)
    os.close(output)
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    random.seed()
    _have_own_temporary_directory()
    sys.argv = [PROGRAM, *request["arguments"]]
    sys.exit(importlib.import_module("ansible.cli.playbook").main())


def _have_own_temporary_directory() -> None:
    """Ansible makes one when it is imported, and removes it when it ends."""
    constants = importlib.import_module("ansible.constants")
    manager = importlib.import_module("ansible.config.manager")
    atexit.unregister(manager.cleanup_tmp_file)
    parent = Path(constants.DEFAULT_LOCAL_TMP).parent
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=parent)
    atexit.register(manager.cleanup_tmp_file, constants.DEFAULT_LOCAL_TMP, warn=True)


def _main() -> None:
    sys.path[0] = str(Path(PROGRAM).parent)  # as for the program, which does not see the checkout
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()  # so that a collection in a child does not copy the pages of what was imported
    _serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    _main()
