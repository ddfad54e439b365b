# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Spot takes instances; the rulebook brings the nodes back on their addresses, by itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.queue import REBALANCE, EventQueue, an_event

from .rulebook import running

KEPT = ("network_interface_id", "private_ip_address", "public_ip")


def nodes(collection: Collection) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in collection.run("info").values["nodes"]}


def runs_again(collection: Collection, before: dict[str, dict[str, Any]], *names: str) -> bool:
    seen = nodes(collection)
    return all(
        seen[name]["status"] == "running" and seen[name]["instance_id"] != before[name]["instance_id"] for name in names
    )


def test_an_interrupted_node_runs_again_on_its_addresses(
    emulator: Emulator, network: Network, collection: Collection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One is warned, twice and with a recommendation, and one is gone before anybody looks; a third one is well."""
    collection.configure("a", network)
    collection.configure("b", network, elastic_ip="new", public_ip_assignment="enabled")
    collection.configure("c", network)
    collection.operate("resume", ["a", "b", "c"])
    before, queue = nodes(collection), EventQueue(emulator)
    emulator.clear_calls()
    variables = "stateful_node_region: us-east-1"
    with running("stateful_node.aws.replace_interrupted", variables, emulator, tmp_path) as rulebook:
        rulebook.wait_until(lambda: bool(emulator.calls(action="ReceiveMessage")))
        queue.send("no JSON", an_event("i-0123456789abcdef0"), an_event(before["a"]["instance_id"], REBALANCE))
        began = time.monotonic()
        emulator.interrupt(before["b"]["instance_id"])
        emulator.interrupt(before["a"]["instance_id"], warning_seconds=120)
        queue.send(an_event(before["a"]["instance_id"]))
        rulebook.wait_until(lambda: runs_again(collection, before, "a", "b"))
        seconds = time.monotonic() - began
        rulebook.wait_until(lambda: "is not an event of an instance, and was dropped" in rulebook.output)
        rulebook.wait_until(lambda: rulebook.output.count("PLAY RECAP") >= rulebook.output.count("PLAY ["))
    after = nodes(collection)
    for name in "abc":
        assert {key: after[name][key] for key in KEPT} == {key: before[name][key] for key in KEPT}
    assert (after["a"]["generation"], after["b"]["generation"]) == (2, 2)
    assert after["c"]["instance_id"] == before["c"]["instance_id"]
    assert "Traceback" not in rulebook.output
    with capsys.disabled():
        print(f"\nEvent-Driven Ansible: from interruption to running again on the same addresses: {seconds:.1f} s")
