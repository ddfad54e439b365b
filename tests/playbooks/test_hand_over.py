# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook replace, for nodes of both ways to hand over in one batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import Playbooks

SLOW = {"pending": 0.5, "shutting_down": 1.5, "interface_release": 0.5, "attaching": 0.2, "detaching": 0.2}
"""Seconds, in the proportions that they have on EC2."""

HOOK = """
- name: Note for which nodes this runs
  ansible.builtin.copy:
    content: "{{ replace_batch | sort | join(',') }}"
    dest: "{{ playbook_dir }}/drained"
    mode: "0644"
"""
PLAY = """
- hosts: localhost
  gather_facts: false
  roles:
    - role: stateful_node.aws.replace
      replace_nodes: [a, b]
      replace_batch_size: 2
      replace_before: drain.yml
"""


def prepare(playbooks: Playbooks, collection: Collection, network: Network, **launch: Any) -> dict[str, Any]:
    """Have a node of each kind run, and a playbook that replaces them in one batch; returns the nodes."""
    options = {"image_id": network.image_id, "instance_types": ["t3.micro"], **launch}
    collection.configure("a", network, handover="prelaunch", launch=options)
    assert not collection.operate("resume", ["a", "b"]).failures
    for name, content in (("drain.yml", HOOK), ("play.yml", PLAY)):
        (playbooks.directory / name).write_text(content)
    return nodes(collection)


def nodes(collection: Collection) -> dict[str, Any]:
    return {node["name"]: node for node in collection.run("info", name=["a", "b"]).values["nodes"]}


def drained(directory: Path) -> str:
    return (directory / "drained").read_text()


def times(emulator: Emulator, *actions: str) -> list[float]:
    """When each of the calls was made, of which there is one of each."""
    found = {action: emulator.calls(action=action) for action in actions}
    assert [len(calls) for calls in found.values()] == [1] * len(actions)
    return [calls[0]["time"] for calls in found.values()]


def launched_at(emulator: Emulator, interface_id: str | None) -> float:
    """When an instance was launched with this interface at device 0, or with one of its own (None)."""
    key = "NetworkInterface.1.NetworkInterfaceId"
    (call,) = [one for one in emulator.calls(action="RunInstances") if one["parameters"].get(key) == interface_id]
    return float(call["time"])


def terminated_at(emulator: Emulator, instance_id: str) -> float:
    calls = emulator.calls(action="TerminateInstances")
    (call,) = [one for one in calls if instance_id in one["parameters"].values()]
    return float(call["time"])


def test_the_interface_leaves_the_old_instance_when_the_new_one_runs(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    before = prepare(playbooks, collection, network)
    emulator.configure(durations=SLOW)
    emulator.clear_calls()
    done = playbooks.run("play.yml")
    assert done.status == 0, done.output
    now = nodes(collection)
    for name in ("a", "b"):
        assert now[name]["instance_id"] not in (None, before[name]["instance_id"])
        assert now[name]["private_ip_address"] == before[name]["private_ip_address"]
        assert (now[name]["status"], now[name]["drift"]) == ("running", [])
    assert drained(playbooks.directory) == "a,b"
    detached, attached = times(emulator, "DetachNetworkInterface", "AttachNetworkInterface")
    beside = launched_at(emulator, None)
    ended = terminated_at(emulator, before["a"]["instance_id"])
    assert beside + SLOW["pending"] < detached < attached < ended
    down, up = (
        terminated_at(emulator, before["b"]["instance_id"]),
        launched_at(emulator, before["b"]["network_interface_id"]),
    )
    assert attached + SLOW["attaching"] - detached < up + SLOW["pending"] - down


@pytest.mark.thorough
def test_a_node_without_a_replacement_runs_on_and_keeps_no_other_from_its_own(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    before = prepare(playbooks, collection, network, instance_types=["m5.large"], fallback_to_on_demand=False)
    emulator.set_capacity(instance_type="m5.large", outcome="refused")
    done = playbooks.run("play.yml")
    assert done.status != 0
    assert "a: no candidate could be launched" in done.output
    assert "running. Next: run your own playbook again as before" in done.output
    now = nodes(collection)
    assert (now["a"]["instance_id"], now["a"]["status"]) == (before["a"]["instance_id"], "running")
    assert now["b"]["instance_id"] not in (None, before["b"]["instance_id"])
    assert drained(playbooks.directory) == "b"
