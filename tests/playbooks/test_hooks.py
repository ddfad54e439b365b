# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The user's own tasks before and after, and the roles inside somebody else's playbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks

from .output import last_words, tasks_that_print
from .test_lifecycle import addresses, instances, statuses

NOTE = """
- name: Note the batch
  ansible.builtin.lineinfile:
    path: "{{{{ playbook_dir }}}}/notes"
    line: "{word} {{{{ replace_batch | join(' ') }}}} {{{{ ids }}}} on {{{{ inventory_hostname }}}}"
    create: true
    mode: "0600"
  vars:
    ids: "{{{{ replace_batch_nodes | map(attribute='instance_id') | join(' ') }}}}"
"""
INVENTORY = """
[cassandra]
a
b
[cassandra:vars]
ansible_connection=local
ansible_python_interpreter={{ ansible_playbook_python }}
"""
PLAY = """
- hosts: {hosts}
  gather_facts: false
  serial: 1
  tasks:
    - ansible.builtin.include_role:
        name: stateful_node.aws.replace
      vars:
        replace_nodes: "{nodes}"
        replace_before: before.yml
        replace_after: after.yml
        replace_show_nodes: true
"""


def write_play(directory: Path, *, hosts: str, nodes: str, before: str = NOTE.format(word="before")) -> str:
    (directory / "before.yml").write_text(before)
    (directory / "after.yml").write_text(NOTE.format(word="after"))
    (directory / "play.yml").write_text(PLAY.format(hosts=hosts, nodes=nodes))
    return str(directory / "play.yml")


def test_the_users_tasks_see_the_batch_before_and_after(
    playbooks: Playbooks, collection: Collection, tmp_path: Path
) -> None:
    collection.operate("resume", ["a", "b"])
    old = instances(collection)
    done = playbooks.run(write_play(tmp_path, hosts="localhost", nodes="a,b"))
    assert done.status == 0, done.output
    new = instances(collection)
    assert (tmp_path / "notes").read_text().splitlines() == [
        f"before a {old['a']} on localhost",
        f"after a {new['a']} on localhost",
        f"before b {old['b']} on localhost",
        f"after b {new['b']} on localhost",
    ]


def test_a_failed_drain_ends_the_batch_before_anything_is_terminated(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, tmp_path: Path
) -> None:
    collection.operate("resume", ["a", "b"])
    old = instances(collection)
    emulator.clear_calls()
    play = write_play(
        tmp_path, hosts="localhost", nodes="a,b", before="- {name: Fail, ansible.builtin.fail: {msg: not drained}}\n"
    )
    done = playbooks.run(play)
    assert done.status != 0
    assert tasks_that_print(done, "not drained") == ["stateful_node.aws.replace : Fail"]
    (heading, *rows), failure = last_words(done)
    assert heading.startswith("node "), "the play asked for it"
    assert [row.split()[:2] for row in rows] == [["a", "running"]]
    assert "a: The task 'Fail' failed, as shown above." in failure
    assert "a: replace was ended before it was complete" in failure
    assert emulator.calls(action="TerminateInstances") == []
    assert instances(collection) == {**old, "c": None}
    assert {node["operation"] for node in collection.run("info").values["nodes"]} == {None}


@pytest.mark.parametrize("operation", first_stands_for_all(["replace", "pause", "delete"]))
def test_with_a_playbook_of_the_collection_the_users_tasks_are_where_it_is_run(
    playbooks: Playbooks, collection: Collection, tmp_path: Path, operation: str
) -> None:
    collection.operate("resume", ["a"])
    (tmp_path / "drain.yml").write_text("- {name: Fail, ansible.builtin.fail: {msg: not drained}}\n")
    given = {f"{operation}_before": "drain.yml"}
    more = {"delete_instance": "true", "delete_confirm": "a"} if operation == "delete" else {}
    done = playbooks.operate(operation, "a", **given, **more)
    assert tasks_that_print(done, "not drained") == [f"stateful_node.aws.{operation} : Fail"], done.output
    assert "a: The task 'Fail' failed, as shown above." in last_words(done)[1], done.output


@pytest.mark.parametrize(
    "more", [pytest.param((), id=""), pytest.param(("--check",), id="check mode", marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("operation", first_stands_for_all(["replace", "pause", "delete"]))
def test_a_file_of_tasks_that_does_not_exist_ends_the_playbook_before_anything_begins(
    playbooks: Playbooks,
    collection: Collection,
    emulator: Emulator,
    tmp_path: Path,
    operation: str,
    more: tuple[str, ...],
) -> None:
    collection.operate("resume", ["a"])
    emulator.clear_calls()
    given = {f"{operation}_before": "drian.yml"}
    confirmed = {"delete_instance": "true", "delete_confirm": "a"} if operation == "delete" else {}
    done = playbooks.operate(operation, "a", *more, **given, **confirmed)
    assert done.status != 0
    assert f"{operation}_before: there is no file 'drian.yml' ({tmp_path}/drian.yml)." in done.output
    assert emulator.calls(mutating=True, service=None) == []


@pytest.mark.thorough
def test_host_by_host_the_users_tasks_run_on_the_plays_host(
    playbooks: Playbooks, collection: Collection, tmp_path: Path
) -> None:
    collection.operate("resume", ["a", "b"])
    kept, old = addresses(collection), instances(collection)
    (tmp_path / "hosts").write_text(INVENTORY)
    play = write_play(tmp_path, hosts="cassandra", nodes="{{ inventory_hostname }}")
    done = playbooks.run(play, "-i", "hosts")
    assert done.status == 0, done.output
    assert addresses(collection) == kept
    assert instances(collection)["a"] != old["a"]
    assert "on a" in (tmp_path / "notes").read_text()
    assert statuses(collection)["b"] == "running"
