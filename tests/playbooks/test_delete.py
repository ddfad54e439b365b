# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook delete, as a person and as AWX run it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import Playbooks

from .conftest import NODES
from .test_cut_off import kill_when

EVERYTHING = {"delete_instance": "true", "delete_network_interface": "yes", "delete_release_elastic_ip": "True"}


def test_nodes_are_deleted_once_they_were_named_twice(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, tmp_path: Path
) -> None:
    """Refused, in check mode, for real, and again."""
    collection.operate("resume", ["a", "b", "c"])
    (tmp_path / "drain.yml").write_text("- ansible.builtin.debug:\n    msg: drained {{ replace_batch | join('+') }}\n")
    emulator.clear_calls()
    refused = playbooks.operate("delete", NODES, delete_confirm="a,b", **EVERYTHING)
    assert refused.status != 0
    assert "name exactly these nodes: delete_confirm=a,b,c" in refused.output
    planned = playbooks.operate("delete", NODES, "--check", "--diff", delete_confirm=NODES, **EVERYTHING)
    assert (planned.status, planned.changed > 0) == (0, True), planned.output
    assert emulator.calls(mutating=True) == []
    drain = str(tmp_path / "drain.yml")
    done = playbooks.operate("delete", NODES, delete_confirm="c,b,a", delete_before=drain, **EVERYTHING)
    assert done.status == 0, done.output
    assert "drained a+b+c" in done.output
    assert collection.run("info").values["nodes"] == []
    ec2 = emulator.client("ec2")
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert ec2.describe_addresses()["Addresses"] == []
    again = playbooks.operate("delete", NODES, delete_confirm=NODES, **EVERYTHING)
    assert (again.status, again.changed) == (0, 0), again.output
    assert "absent" in again.output


@pytest.mark.thorough
def test_released_nodes_run_on_and_one_that_is_refused_stays(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    collection.operate("resume", ["b", "c"])
    before = {node["name"]: node["instance_id"] for node in collection.run("info").values["nodes"]}
    mixed = playbooks.operate("delete", "a,b", delete_network_interface="true", delete_confirm="a,b")
    assert mixed.status != 0
    assert f"instance {before['b']} (running) is to be kept" in mixed.output
    assert "Traceback" not in mixed.output
    assert [node["name"] for node in collection.run("info").values["nodes"]] == ["b", "c"]
    done = playbooks.operate("delete", "all")
    assert done.status == 0, done.output
    assert before["c"] in done.output
    assert collection.run("info").values["nodes"] == []
    tags = emulator.client("ec2").describe_tags()["Tags"]
    assert [tag for tag in tags if tag["Key"].startswith("stateful_node:")] == []


@pytest.mark.parametrize("action", ["TerminateInstances", "ReleaseAddress", "DeleteNetworkInterface"])
@pytest.mark.thorough
def test_a_killed_delete_is_finished_by_the_next(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, action: str
) -> None:
    collection.operate("resume", ["c"])
    emulator.clear_calls()
    options = {"delete_confirm": "c", **EVERYTHING}
    process = playbooks.start("stateful_node.aws.delete", stateful_nodes="c", **options)
    kill_when(process, lambda: len(emulator.calls(action=action)) >= 1)
    busy = playbooks.operate("delete", "c", **options)
    assert busy.status != 0
    assert "-e delete_confirm=c -e delete_instance=true" in busy.output
    done = playbooks.operate("delete", "c", stateful_node_take_over="true", **options)
    assert done.status == 0, done.output
    ec2 = emulator.client("ec2")
    assert (ec2.describe_network_interfaces()["NetworkInterfaces"], ec2.describe_addresses()["Addresses"]) == ([], [])
    assert [node["name"] for node in collection.run("info").values["nodes"]] == ["a", "b"]
