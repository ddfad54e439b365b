# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""resume, pause and replace from end to end: check mode, run, again."""

from __future__ import annotations

import pytest

from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks

from .conftest import NODES
from .execution_modes import WAYS
from .output import last_words


def addresses(collection: Collection) -> dict[str, tuple[str, str, str]]:
    names = ("network_interface_id", "private_ip_address", "public_ip")
    nodes = collection.run("info").values["nodes"]
    return {node["name"]: tuple(node[name] for name in names) for node in nodes}


def statuses(collection: Collection) -> dict[str, str]:
    return {node["name"]: node["status"] for node in collection.run("info").values["nodes"]}


def instances(collection: Collection) -> dict[str, str]:
    return {node["name"]: node["instance_id"] for node in collection.run("info").values["nodes"]}


@pytest.mark.parametrize("way", first_stands_for_all(WAYS))
def test_nodes_keep_their_addresses_through_everything(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, way: str
) -> None:
    """Each playbook: check mode touches nothing, the run does it, the second run changes nothing."""
    kept, extra = None, {"stateful_node_in_process": way}
    for operation, status in (("resume", "running"), ("pause", "paused"), ("resume", "running")):
        emulator.clear_calls()
        assert playbooks.operate(operation, NODES, "--check", "--diff", **extra).changed > 0
        assert emulator.calls(mutating=True) == []
        done = playbooks.operate(operation, NODES, **extra)
        assert done.status == 0, done.output
        assert set(statuses(collection).values()) == {status}
        again = playbooks.operate(operation, "all", **extra)
        assert (again.status, again.changed) == (0, 0), again.output
        kept = kept or addresses(collection)
        assert addresses(collection) == kept


def test_replace_goes_through_batches_and_changes_every_instance(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    collection.operate("resume", ["a", "b", "c"])
    kept, before = addresses(collection), instances(collection)
    emulator.clear_calls()
    assert playbooks.operate("replace", "all", "--check").changed > 0
    assert emulator.calls(mutating=True) == []
    done = playbooks.operate("replace", "all", replace_batch_size="2")
    assert done.status == 0, done.output
    assert addresses(collection) == kept
    assert not set(instances(collection).values()) & set(before.values())
    assert len(emulator.calls(action="TerminateInstances")) >= 2


def test_one_node_that_cannot_start_leaves_the_others_running(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: object
) -> None:
    collection.configure("b", network, launch={"instance_types": ["m5.large"], "fallback_to_on_demand": False})
    emulator.set_capacity(instance_type="m5.large", outcome="refused")
    done = playbooks.operate("resume", NODES)
    assert done.status != 0
    assert statuses(collection) == {"a": "running", "b": "degraded", "c": "running"}
    assert "Traceback" not in done.output
    table, failure = last_words(done)
    assert [line.split()[:2] for line in table] == [
        ["node", "status"], ["a", "running"], ["b", "degraded"], ["c", "running"]
    ]  # fmt: skip
    assert table[2].endswith("  m5.large spot: InsufficientInstanceCapacity")
    assert "b: no candidate could be launched. m5.large spot: InsufficientInstanceCapacity: " in failure
    assert "Now: interface eni-" in failure
    assert "Next: ansible-playbook stateful_node.aws.resume -e stateful_nodes=b" in failure


@pytest.mark.parametrize("operation", first_stands_for_all(["resume", "pause", "replace"]))
def test_an_unknown_node_is_an_error_that_names_it(
    playbooks: Playbooks, collection: Collection, operation: str
) -> None:
    done = playbooks.operate(operation, "nobody")
    assert done.status != 0
    assert "nobody: table stateful-nodes has no node of this name" in done.output


def test_a_missing_table_says_to_run_the_setup_playbook(playbooks: Playbooks, emulator: Emulator) -> None:
    done = playbooks.operate("resume", NODES)
    assert done.status != 0
    assert "the node table stateful-nodes in us-east-1 does not exist." in done.output
    assert "Next: ansible-playbook stateful_node.aws.setup" in done.output


def test_setup_makes_the_tables_and_changes_nothing_the_second_time(playbooks: Playbooks, emulator: Emulator) -> None:
    first = playbooks.run("stateful_node.aws.setup")
    assert (first.status, first.changed) == (0, 1), first.output
    tables = emulator.client("dynamodb").list_tables()["TableNames"]
    assert tables == ["stateful-nodes", "stateful-nodes-history"]
    again = playbooks.run("stateful_node.aws.setup")
    assert (again.status, again.changed) == (0, 0), again.output
