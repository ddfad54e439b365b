# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of nodes in a terminal, under Ansible's callback plugins, and which nodes are chosen for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks, Run

from .output import tasks_of

PLACE = "account 123456789012, region us-east-1, table stateful-nodes"


def shown(run: Run) -> list[str]:
    """Give the lines of the table."""
    (text,) = (text for name, text in tasks_of(run) if name.endswith("Show the nodes"))
    return text.strip("\n").partition("\nok: [localhost]")[0].splitlines()


def test_the_nodes_are_one_table_and_nothing_is_changed(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    collection.operate("resume", ["a"])
    collection.configure("a", network, launch={"instance_types": ["m5.large"]})
    emulator.clear_calls()
    done = playbooks.run("stateful_node.aws.status")
    assert done.status == 0, done.output
    title, heading, first, *others = shown(done)
    assert title == f"3 nodes: {PLACE}"
    assert heading.split() == [
        "node", "status", "pending", "drift", "private", "IP", "public", "IP", "instance", "type", "market", "zone",
        "age",
    ]  # fmt: skip
    (node,) = collection.run("info", name="a").values["nodes"]
    told = [node[key] for key in ("private_ip_address", "instance_id", "instance_type", "instance_lifecycle")]
    words = first.split()
    assert words[:5] == ["a", "running", "instance_types", "(replace)", "-"]
    assert [word for word in words if word in told] == told
    assert words[-1] in ("s", "min"), "the age is the last column"
    assert [row.split()[:2] for row in others] == [["b", "new"], ["c", "new"]]
    assert emulator.calls(mutating=True) == []


@pytest.mark.thorough
def test_a_narrow_terminal_has_no_line_folded_by_a_callback_plugin(
    playbooks: Playbooks, collection: Collection
) -> None:
    collection.operate("resume", ["a"])
    environment = {"COLUMNS": "80", "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}
    lines = shown(playbooks.run("stateful_node.aws.status", environment=environment))
    assert max(len(line) for line in lines) <= 80
    assert [line.split()[0] for line in lines[1:] if not line.startswith(" ")] == ["node", "a", "b", "c"]


def test_json_stays_json(playbooks: Playbooks, collection: Collection) -> None:
    done = playbooks.run(
        "stateful_node.aws.status", environment={"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}, stateful_nodes="a"
    )
    report, _end = json.JSONDecoder().raw_decode(done.output[done.output.index("{") :])
    results = [task["hosts"]["localhost"] for play in report["plays"] for task in play["tasks"]]
    tables: list[Any] = [result["msg"] for result in results if isinstance(result.get("msg"), list)]
    assert [table[0] for table in tables] == [f"1 node: {PLACE}"]


@pytest.mark.parametrize(
    ("chosen", "names"),
    first_stands_for_all([("tag:schedule=off*", ["a", "b"]), ("[bc]", ["b", "c"]), ("{{ groups.few }}", ["c"])]),
)
def test_nodes_are_chosen_by_tag_pattern_and_group_of_the_inventory(
    playbooks: Playbooks, collection: Collection, chosen: str, names: list[str]
) -> None:
    for name in ("a", "b"):
        collection.run("config", name=name, tags={"schedule": "office"})
    hosts = playbooks.directory / "hosts.ini"
    hosts.write_text("[few]\nc\n")
    done = playbooks.operate("status", chosen, "-i", str(hosts))
    assert [line.split()[0] for line in shown(done)[2:]] == names


@pytest.mark.thorough
def test_a_list_that_ansible_has_cut_chooses_nothing(playbooks: Playbooks, collection: Collection) -> None:
    """Neither where a comma is left nor where none is."""
    collection.operate("resume", ["a", "b"])
    for given in ("a, b", "a b"):
        done = playbooks.operate("pause", given)
        assert done.status != 0
        assert "-e was cut at a space: 'b' belongs to no variable" in done.output
        assert "stateful_nodes" in done.output
    assert {node["status"] for node in collection.run("info", name="a,b").values["nodes"]} == {"running"}


@pytest.mark.thorough
def test_what_a_selection_matches_is_paused_and_replaced(playbooks: Playbooks, collection: Collection) -> None:
    """Where it runs is told first; a replace leaves out what is paused unless that is named."""
    collection.operate("resume", ["a", "b", "c"])
    paused = playbooks.operate("pause", "[ab]")
    assert paused.status == 0, paused.output
    assert paused.output.index(f"Pause in {PLACE}") < paused.output.index(": Terminate the instances]")
    assert {node["name"]: node["status"] for node in collection.run("info").values["nodes"]} == {
        "a": "paused", "b": "paused", "c": "running"
    }  # fmt: skip
    replaced = playbooks.operate("replace", "[bc]", "--check")
    assert replaced.status == 0, replaced.output
    assert f"Replace in {PLACE}" in replaced.output
    named = playbooks.operate("replace", "b,c", "--check")
    assert "b: the node is paused, and there is no instance to replace." in named.output
    deleted = playbooks.operate("delete", "[ab]", "--check", delete_network_interface="true")
    assert "delete_confirm" in deleted.output
    confirmed = playbooks.operate("delete", "[ab]", "--check", delete_network_interface="true", delete_confirm="a,b")
    assert confirmed.status == 0, confirmed.output
    assert f"Delete in {PLACE}" in confirmed.output
