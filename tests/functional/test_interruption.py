# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ctrl-C and SIGTERM during a module's work, in a process of its own; and what is said of a playbook that has ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.readers import error_of, only, record_of
from tests.support.waiting import until

from .test_operation import begin

SCRIPT = """
import sys
from tests.support.collection import Collection
Collection(sys.argv[1]).run("instance", name="a", state="terminated", operation_id=sys.argv[2])
"""
PATIENCE = 60
"""Seconds that a process may take to import everything, on a busy machine."""

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)


@pytest.fixture
def operation_id(emulator: Emulator, network: Network, collection: Collection) -> str:
    """A pause of the node a that has begun."""
    emulator.configure(durations={"pending": 0, "shutting_down": 600})
    collection.configure("a", network)
    only(collection.operate("resume", ["a"]))
    emulator.clear_calls()
    return str(begin(collection, "pause").values["operation_id"])


def terminate_in_a_process(emulator: Emulator, operation_id: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SCRIPT, emulator.endpoint, operation_id], stderr=subprocess.PIPE)


def has_called(emulator: Emulator, action: str) -> bool:
    return emulator.calls(action=action) != []


def last_entry(collection: Collection) -> dict[str, Any]:
    entry: dict[str, Any] = only(collection.run("history_info"))["entries"][0]
    return entry


@SIGNALS
def test_a_signal_during_a_wait_gives_the_node_back_unfinished(
    emulator: Emulator, collection: Collection, operation_id: str, number: signal.Signals
) -> None:
    process = terminate_in_a_process(emulator, operation_id)
    until(lambda: has_called(emulator, "TerminateInstances") and record_of(collection).desired == "paused", PATIENCE)
    process.send_signal(number)
    _out, err = process.communicate(timeout=60)
    assert process.returncode in (-number, 1), err
    record = record_of(collection)
    assert record.operation is None
    assert record.unfinished is not None
    assert record.unfinished.error.code == "Interrupted"
    assert last_entry(collection)["error"]["code"] == "Interrupted"
    assert number.name in last_entry(collection)["error"]["message"]
    assert begin(collection, "pause").failures == (), "the same playbook, run again, is not Busy"


def test_a_node_is_given_back_only_once_a_call_that_changes_something_has_answered(
    emulator: Emulator, collection: Collection, operation_id: str
) -> None:
    emulator.add_fault("TerminateInstances", "slow", seconds=4)
    process = terminate_in_a_process(emulator, operation_id)
    until(lambda: record_of(collection).desired == "paused", PATIENCE)
    process.send_signal(signal.SIGINT)
    while process.poll() is None:
        record = record_of(collection)
        is_taken_back = record.desired == "running"
        assert record.operation or has_called(emulator, "TerminateInstances") or is_taken_back
    assert record_of(collection).operation is None
    assert record_of(collection).unfinished is not None


def test_a_node_is_kept_while_the_outcome_of_a_call_is_unknown(
    emulator: Emulator, collection: Collection, operation_id: str
) -> None:
    for call in range(1, 12):
        emulator.add_fault("TerminateInstances", "lost", call=call)
    process = terminate_in_a_process(emulator, operation_id)
    until(lambda: len(emulator.calls(action="TerminateInstances")) >= 3, PATIENCE)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    held = record_of(collection).operation
    assert held is not None
    assert held.id == operation_id


@pytest.mark.parametrize(
    ("pid", "has_ended"),
    [(os.getpid(), False), (None, False), (2**22 - 3, True)],
    ids=["a process that runs", "an unknown process", "a process that has ended"],
)
def test_busy_says_when_the_playbook_of_this_host_has_ended(
    emulator: Emulator, collection: Collection, operation_id: str, pid: int | None, has_ended: bool
) -> None:
    Store(collection.client, TABLE).update("a", {"operation.playbook_pid": pid}, {})
    error = error_of(begin(collection, "pause"))
    assert error["code"] == "Busy"
    assert ("that playbook has ended" in error["message"]) == has_ended
    assert record_of(collection).operation is not None, "it is a hint, and nothing is done about it"
