# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks that are killed in the middle, and playbooks that run at the same time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks
from tests.support.readers import only
from tests.support.waiting import until

from .test_lifecycle import addresses, instances, statuses

NODE = "c"


def kill_when(process: object, reached: Callable[[], bool]) -> None:
    """Kill ansible-playbook and everything that it started, by SIGKILL, once the condition holds."""
    deadline = time.monotonic() + 60
    while not reached():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize(
    ("operation", "action", "count"),
    first_stands_for_all(
        [
            ("resume", "RunInstances", 1),
            ("resume", "CreateNetworkInterface", 1),
            ("resume", "AllocateAddress", 1),
            ("pause", "TerminateInstances", 1),
            ("replace", "TerminateInstances", 1),
            ("replace", "RunInstances", 1),
        ]
    ),
)
def test_a_killed_playbook_is_finished_by_the_next(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, operation: str, action: str, count: int
) -> None:
    if operation != "resume":
        assert collection.operate("resume", [NODE]).failures == ()
    kept = addresses(collection)[NODE]
    emulator.clear_calls()
    process = playbooks.start(f"stateful_node.aws.{operation}", stateful_nodes=NODE)
    kill_when(process, lambda: len(emulator.calls(action=action)) >= count)
    busy = playbooks.operate(operation, NODE)
    assert busy.status != 0
    assert "-e stateful_node_take_over=true" in busy.output
    done = playbooks.operate(operation, NODE, stateful_node_take_over="true")
    assert done.status == 0, done.output
    assert statuses(collection)[NODE] == ("paused" if operation == "pause" else "running")
    if operation != "resume":
        assert addresses(collection)[NODE] == kept
    _nothing_doubled(emulator, collection)


def _nothing_doubled(emulator: Emulator, collection: Collection) -> None:
    ec2, filters = emulator.client("ec2"), [{"Name": "tag:stateful_node:name", "Values": [NODE]}]
    reservations = ec2.describe_instances(Filters=filters)["Reservations"]
    live = [
        instance["InstanceId"]
        for reservation in reservations
        for instance in reservation["Instances"]
        if instance["State"]["Name"] in ("pending", "running")
    ]
    assert live == [found for found in (instances(collection)[NODE],) if found]
    assert len(ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]) == 1
    assert len(ec2.describe_addresses(Filters=filters)["Addresses"]) == 1


@pytest.mark.parametrize(
    "number", first_stands_for_all([signal.SIGTERM, signal.SIGINT]), ids=lambda number: number.name
)
@pytest.mark.parametrize("in_process", first_stands_for_all(["true", "false"]))
def test_an_interrupted_playbook_gives_its_nodes_back(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, number: signal.Signals, in_process: str
) -> None:
    assert collection.operate("resume", [NODE]).failures == ()
    kept = addresses(collection)[NODE]
    emulator.configure(durations={"shutting_down": 8})
    emulator.clear_calls()
    process = playbooks.start("stateful_node.aws.replace", stateful_nodes=NODE, stateful_node_in_process=in_process)
    until(lambda: emulator.calls(action="TerminateInstances") != [], 300)
    process.send_signal(number)
    process.wait(timeout=60)
    until(lambda: only(collection.run("info", name=NODE))["operation"] is None, 60)
    done = playbooks.operate("replace", NODE)
    assert done.status == 0, done.output
    assert statuses(collection)[NODE] == "running"
    assert addresses(collection)[NODE] == kept
    _nothing_doubled(emulator, collection)
    told = only(collection.run("history_info", name=NODE))
    assert [(entry["error"] or {}).get("code") for entry in told["entries"]] == [None, "Interrupted", None]
    assert [span["end"] for span in told["instances"]] == [None, "terminated"]


@pytest.mark.thorough
def test_playbooks_at_the_same_time_one_goes_on(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    collection.operate("resume", [NODE])
    kept = addresses(collection)[NODE]
    processes = [playbooks.start("stateful_node.aws.replace", stateful_nodes=NODE) for _number in range(4)]
    ended = [(process.communicate(timeout=180)[0], process.returncode) for process in processes]
    assert any(status == 0 for _output, status in ended)
    for output, status in ended:
        assert status == 0 or "holds the node" in output or "was faster" in output, output
    assert statuses(collection)[NODE] == "running"
    assert addresses(collection)[NODE] == kept
    _nothing_doubled(emulator, collection)
