# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twenty ansible-playbook processes at once on one node: same operations and different ones."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection, create_tables
from tests.support.playbooks import Playbooks, Run

from .invariants import kept, violations
from .scenarios import FaultEnvironment

NODE = "c"
OPERATIONS = ("replace", "replace", "pause", "replace") * 5
SECONDS = 400
"""How long twenty at once may take on two busy cores."""

DRAIN = """
- name: Wait until the test has seen the others end
  ansible.builtin.wait_for: {{path: {path}, timeout: {seconds}, sleep: 1}}
"""


@pytest.fixture
def playbooks(emulator: Emulator, tmp_path: Path) -> Playbooks:
    return Playbooks(emulator, tmp_path)


@pytest.fixture
def collection(emulator: Emulator, network: Network) -> Collection:
    """A node with an Elastic IP of its own."""
    create_tables(emulator.client("dynamodb"))
    made = Collection(emulator.endpoint)
    made.configure(NODE, network, elastic_ip="new", public_ip_assignment="enabled")
    return made


def _run_at_once(playbooks: Playbooks, go_on: Path) -> list[Run]:
    """Start all of them, and let the one that has the node drain it until the others have ended."""
    tasks = playbooks.directory / "drain.yml"
    tasks.write_text(DRAIN.format(path=go_on, seconds=SECONDS))
    processes = [
        playbooks.start(f"stateful_node.aws.{operation}", stateful_nodes=NODE, **{f"{operation}_before": str(tasks)})
        for operation in OPERATIONS
    ]
    with ThreadPoolExecutor(max_workers=len(processes)) as readers:
        outputs = [readers.submit(process.communicate, timeout=SECONDS) for process in processes]
        try:
            for _ended in islice(as_completed(outputs, timeout=SECONDS), len(outputs) - 1):
                pass
        finally:
            go_on.touch()
            wait(outputs)
            _end(processes)
    return [Run(process.returncode, output.result()[0]) for process, output in zip(processes, outputs, strict=True)]


def _end(processes: Iterable[Any]) -> None:
    """End those that were still running when their time was over."""
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _operations_begun(emulator: Emulator) -> dict[str, str]:
    """Read who has held the node, by operation id, from its history."""
    entries = emulator.client("dynamodb").scan(TableName="stateful-nodes-history")["Items"]
    return {item["at"]["S"].split("#")[1]: item["operation"]["S"] for item in entries if item["name"]["S"] == NODE}


@pytest.mark.thorough
def test_of_twenty_playbooks_at_once_one_goes_on_and_the_others_are_told_which(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    collection.operate("resume", [NODE])
    world = FaultEnvironment(emulator, network, collection)
    before = kept(world, NODE)
    runs = _run_at_once(playbooks, playbooks.directory / "go-on")
    done, lost = [run for run in runs if run.status == 0], [run for run in runs if run.status != 0]
    assert len(done) == 1, [run.output for run in done]
    held = _operations_begun(emulator)
    for run in lost:
        told = re.search(r"(\w+) (\w{32}) of \S+ holds the node until", run.output)
        assert told, run.output
        assert held[told[2]] == told[1]
        assert "-e stateful_node_take_over=true" in run.output
        assert "Traceback" not in run.output
    assert collection.operate("resume", [NODE]).failures == ()
    assert list(violations(world, before, "resume")) == []
