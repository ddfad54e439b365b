# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks in the controller's process must not do: mix their credentials, or outlive the run."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks

from .execution_modes import WAYS, run_play, write_play

SECONDS = 120
PROFILES = """
[profile one]
aws_access_key_id = KEY-ONE
aws_secret_access_key = secret-one
[profile two]
aws_access_key_id = KEY-TWO
aws_secret_access_key = secret-two
"""
INVENTORY = """
one
two
[all:vars]
ansible_connection=local
ansible_python_interpreter={{ ansible_playbook_python }}
"""


class Witness(BaseHTTPRequestHandler):
    """Notes who asks in which region; there is no table in any."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        key, _date, region, *_scope = self.headers["Authorization"].partition("Credential=")[2].split("/")
        self.server.seen.append((region, key))
        answer = b'{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "none"}'
        self.send_response(400)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def witness() -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Witness) as server:
        server.seen = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("way", first_stands_for_all(WAYS))
def test_each_task_and_each_host_has_its_own_credentials(
    playbooks: Playbooks, witness: Any, tmp_path: Path, way: str
) -> None:
    """A loop's items run in one process, and hosts in processes of one origin."""
    (tmp_path / "config").write_text(PROFILES)
    (tmp_path / "hosts").write_text(INVENTORY)
    tasks = f"""
- stateful_node.aws.stateful_node_eni: &ask
    name: a
    region: "of-{{{{ item }}}}"
    profile: "{{{{ item }}}}"
    endpoint_url: http://127.0.0.1:{witness.server_port}
  loop: [one, two, one]
- stateful_node.aws.stateful_node_eni: *ask
  vars: {{item: "{{{{ inventory_hostname }}}}"}}
"""
    playbooks.environment |= {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        playbooks.environment.pop(name)
    run_play(playbooks, write_play(tmp_path, tasks, hosts="all"), "-i", "hosts", stateful_node_in_process=way)
    calls = len(witness.seen) // 8  # of each time that it is asked
    assert calls
    assert sorted(witness.seen) == [("of-one", "KEY-ONE")] * 5 * calls + [("of-two", "KEY-TWO")] * 3 * calls


def wait_until(process: Any, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not reached():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def processes_with(mark: str) -> list[str]:
    """Name the processes whose environment has this in it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            environment = path.read_bytes()
        except OSError:  # it has ended, or is somebody else's
            continue
        if mark.encode() in environment:
            found.append(path.parent.name)
    return found


def test_an_interrupt_ends_a_task_that_waits(playbooks: Playbooks, collection: Collection, emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 3600})
    mark = f"MARK={playbooks.directory}"
    process = playbooks.start("stateful_node.aws.resume", stateful_nodes="a", environment={"MARK": mark[5:]})
    wait_until(process, lambda: len(emulator.calls(action="DescribeInstances")) > 2)
    wait_until(process, lambda: len(processes_with(mark)) > 1)
    os.kill(process.pid, signal.SIGINT)
    output, _nothing = process.communicate(timeout=SECONDS)
    assert "User interrupted execution" in output
    assert "Traceback" not in output
    assert processes_with(mark) == []


@pytest.mark.thorough
def test_the_timeout_of_a_task_ends_its_wait(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.configure(durations={"pending": 3600})
    begun = collection.run("operation", name="a", state="begun", operation="resume").values["operation_id"]
    tasks = f"""
- stateful_node.aws.stateful_node_eni: &step {{name: a, operation_id: {begun}}}
- stateful_node.aws.stateful_node_instance: *step
  timeout: 5
- stateful_node.aws.stateful_node_info: {{name: a}}
"""
    _made, cut_off, seen = (result for _task, _host, result in run_play(playbooks, write_play(tmp_path, tasks)))
    assert "Timed out after 5 second(s)." in cut_off["msg"]
    assert [node["status"] for node in seen["nodes"]] == ["resuming"]
