# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles refuse or leave out: it is told, nothing is done by then, and the other nodes are not concerned."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import Playbooks

from .output import last_words, tasks_that_print
from .test_lifecycle import instances, statuses

ROLES = Path(__file__).resolve().parents[2] / "roles"
WATCH = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: stateful_node.aws.watch
      vars:
        watch_seconds: 0
        watch_events: false
"""


@pytest.mark.thorough
def test_a_name_that_no_node_has_does_not_keep_the_others_from_being_replaced(
    playbooks: Playbooks, collection: Collection
) -> None:
    collection.operate("resume", ["a", "b"])
    before = instances(collection)
    done = playbooks.operate("replace", "nobody,a,b")
    table, failure = last_words(done)
    assert done.status != 0
    assert [line.split()[0] for line in table] == ["node", "a", "b", "nobody"]
    assert "nobody: table stateful-nodes has no node of this name" in failure
    assert all(instances(collection)[name] != before[name] for name in ("a", "b"))


def test_a_batch_that_fails_tells_which_nodes_were_not_begun(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    collection.operate("resume", ["a", "b", "c"])
    collection.configure("b", network, launch={"instance_types": ["m5.large"], "fallback_to_on_demand": False})
    emulator.set_capacity(instance_type="m5.large", outcome="refused")
    untouched = instances(collection)["c"]
    done = playbooks.operate("replace", "nobody,a,b,c")
    table, failure = last_words(done)
    assert [line.split()[0] for line in table] == ["node", "a", "b", "nobody"]
    assert "nobody: table stateful-nodes has no node of this name" in failure
    assert "Not begun, since a batch before failed: c. To go on with those that still need it" in failure
    assert instances(collection)["c"] == untouched


def test_no_time_to_wait_is_refused_before_anything_is_begun(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    emulator.clear_calls()
    done = playbooks.operate("pause", "a", stateful_node_wait_timeout="0")
    assert done.status != 0
    message = "wait_timeout '0' is too short. Give 1 second or more."
    assert tasks_that_print(done, message) == ["stateful_node.aws.pause : Begin to pause"]
    assert len(tasks_that_print(done, "The task 'Begin to pause' failed, as shown above.")) == 1
    assert emulator.calls() == []


def test_a_run_for_no_node_says_so(playbooks: Playbooks, collection: Collection) -> None:
    done = playbooks.operate("replace", "a", replace_only="on_demand")
    assert (done.status, done.changed) == (0, 0), done.output
    assert last_words(done)[0] == ["All of the nodes were left out, so there was nothing to replace."]


@pytest.mark.parametrize("operation", ["resume", "pause", "replace", "delete", "repair"])
def test_an_empty_list_says_that_no_node_was_named(
    playbooks: Playbooks, collection: Collection, operation: str
) -> None:
    done = playbooks.run(f"stateful_node.aws.{operation}", "-e", '{"stateful_nodes": []}')
    assert (done.status, done.changed) == (0, 0), done.output
    (line,) = last_words(done)[0]
    assert line.startswith(f"There is no node to {operation}: none was named")


@pytest.mark.parametrize("role", ["resume/tasks/main", "pause/tasks/main", "replace/tasks/batch", "delete/tasks/main"])
def test_each_role_hands_its_time_to_wait_to_the_begin(role: str) -> None:
    tasks = yaml.safe_load((ROLES / f"{role}.yml").read_text())
    (steps,) = [task["block"] for task in tasks if "block" in task]
    begin = steps[0]["stateful_node.aws.stateful_node_operation"]
    assert begin["wait_timeout"] == f"{{{{ __{role.partition('/')[0]}_wait_timeout }}}}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "x: adopt_instance_id is '' and adopt_network_interface_id is ''. Nothing was done."),
        (
            {"adopt_instance_id": "i-0123456789abcdef0", "adopt_config": '{"subnet":"subnet-1"}'},
            "'subnet' is not an option that describes a node. Did you mean subnet_id? Nothing was done.",
        ),
    ],
)
def test_what_an_adoption_cannot_be_given_is_refused_by_the_name_of_the_variable(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, given: dict[str, str], message: str
) -> None:
    emulator.clear_calls()
    done = playbooks.operate("adopt", "x", **given)
    assert done.status != 0
    assert message in done.output
    assert emulator.calls() == []


@pytest.mark.thorough
def test_a_watch_in_a_playbook_of_ones_own_prints_no_table(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, tmp_path: Path
) -> None:
    collection.operate("resume", ["a"])
    emulator.client("ec2").terminate_instances(InstanceIds=[instances(collection)["a"]])
    (tmp_path / "play.yml").write_text(WATCH)
    done = playbooks.run(str(tmp_path / "play.yml"))
    assert done.status == 0, done.output
    assert statuses(collection)["a"] == "running"
    assert "out of service" not in done.output
