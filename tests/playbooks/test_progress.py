# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-playbook says of long work while it goes on."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import SECONDS, Playbooks

from .conftest import NODES
from .execution_modes import write_play

FOR_EVER = 3600


class Heard:
    """A playbook that runs, and what it says on stderr, line by line as that comes."""

    def __init__(self, process: subprocess.Popen[str], stdout: Path) -> None:
        self.process, self.stdout, self.lines = process, stdout, list[str]()
        self._watchdog = threading.Timer(SECONDS, process.kill)
        self._watchdog.start()

    def read_until(self, words: str, times: int = 1) -> None:
        """Read on to the line with those words. It was said before the playbook has ended: that goes on after it."""
        for line in self.process.stderr or ():
            self.lines.append(line.rstrip("\n"))
            times -= words in line
            if not times:
                assert self.process.poll() is None
                return
        raise AssertionError("\n".join([f"'{words}' was not said", *self.lines, self.stdout.read_text()]))

    def read_to_the_end(self) -> str:
        """Read on to the end, which has to be a good one, and give what was printed on stdout."""
        self.lines += [line.rstrip("\n") for line in self.process.stderr or ()]
        assert self.process.wait() == 0, self.stdout.read_text()
        return self.stdout.read_text()

    def close(self) -> None:
        self._watchdog.cancel()
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def resumed(playbooks: Playbooks, tmp_path: Path) -> Iterator[Heard]:
    """A resume of all nodes; as by default, Python holds back what is written to stdout, which is a file."""
    environment = {"PYTHONUNBUFFERED": None, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    with (tmp_path / "stdout").open("w") as stdout:
        process = playbooks.start(
            "stateful_node.aws.resume",
            environment=environment,
            stdout=stdout,
            stderr=subprocess.PIPE,
            stateful_nodes="all",
        )
    heard = Heard(process, tmp_path / "stdout")
    yield heard
    heard.close()


def end_pending(collection: Collection, emulator: Emulator) -> None:
    """Take back the instances that do not get out of pending; the next ones will."""
    emulator.configure(durations={"pending": 0})
    for node in collection.run("info").values["nodes"]:
        emulator.interrupt(node["instance_id"])


def test_a_line_for_each_node_and_phase_while_it_runs(
    collection: Collection, emulator: Emulator, request: pytest.FixtureRequest
) -> None:
    """stdout is left to the callback plugin."""
    emulator.configure(durations={"pending": FOR_EVER})
    resumed: Heard = request.getfixturevalue("resumed")
    resumed.read_until("launched, pending", times=3)
    end_pending(collection, emulator)
    json.loads(resumed.read_to_the_end())
    for name in NODES.split(","):
        said = [line.removeprefix(f"{name}: ") for line in resumed.lines if line.startswith(f"{name}: ")]
        expected = [
            r"interface eni-\w+ with 10\.0\.1\.\d+ ready, \d+ s",
            *([r"Elastic IP [\d.]+ associated, \d+ s"] if name == "c" else []),
            r"launching t3\.micro on spot",
            r"instance i-\w+ launched, pending",
            r"instance i-\w+ died before it ran: Server\.SpotInstanceTermination",
            r"launching t3\.small on spot",
            r"instance i-\w+ launched, (pending|running)",
            r"running on i-\w+, \d+ s",
        ]
        assert len(said) == len(expected), said
        assert [line for line, pattern in zip(said, expected, strict=True) if not re.fullmatch(pattern, line)] == []


@pytest.mark.thorough
def test_one_line_now_and_then_for_many_nodes(
    collection: Collection, emulator: Emulator, network: Network, request: pytest.FixtureRequest
) -> None:
    """Also while nothing happens."""
    for number in range(27):
        collection.configure(f"node-{number}", network)
    emulator.configure(durations={"pending": FOR_EVER})
    resumed: Heard = request.getfixturevalue("resumed")
    resumed.read_until("resume 0/30 running, 30 launching, 0 queued, 0 failed", times=2)
    end_pending(collection, emulator)
    resumed.read_to_the_end()
    assert resumed.lines[-1] == "resume 30/30 running, 0 launching, 0 queued, 0 failed"
    assert [line for line in resumed.lines if not line.startswith("resume ")] == []
    assert len(resumed.lines) < 30


QUIET = """
- &quiet
  stateful_node.aws.stateful_node_eni: {name: a}
  check_mode: true
- <<: *quiet
  check_mode: false
  vars: {stateful_node_progress: "false"} # as a survey of AWX gives it
- &another
  stateful_node.aws.stateful_node_eni: {name: b}
  no_log: true
- stateful_node.aws.stateful_node_eni: {name: c}
  environment: {SOME: thing}
- <<: *another
  vars: {stateful_node_progress: perhaps}
- stateful_node.aws.stateful_node_instance: {name: a}
  vars: {stateful_node_progress: ""}
"""


def test_when_nothing_is_said(playbooks: Playbooks, collection: Collection, tmp_path: Path) -> None:
    """In check mode, when it is not wanted, of tasks that hide what they do, and by modules."""
    output = playbooks.run(write_play(tmp_path, QUIET)).output
    spoken = [line for line in output.splitlines() if re.match("[abc]: ", line)]
    assert spoken[0] == "a: launching t3.micro on spot"
    assert "stateful_node_progress 'perhaps' is neither true nor false" in output
    assert {node["network_interface_id"] is None for node in collection.run("info").values["nodes"]} == {False}


@pytest.mark.thorough
def test_a_host_among_many_says_nothing(playbooks: Playbooks, collection: Collection, tmp_path: Path) -> None:
    """Ansible has a line for each of them already."""
    hosts = "".join(f"host-{number} ansible_connection=local\n" for number in range(11))
    (tmp_path / "hosts").write_text(hosts)
    tasks = """
- stateful_node.aws.stateful_node_eni: {name: a}
  when: inventory_hostname == 'host-3'
- stateful_node.aws.stateful_node_eni: {name: b}
  run_once: true
"""
    output = playbooks.run(write_play(tmp_path, tasks, hosts="all"), "-i", "hosts", environment={}).output
    assert re.findall("^([abc]): ", output, re.MULTILINE) == ["b"], output
