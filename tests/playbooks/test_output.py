# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How playbooks end: a table of their nodes, and what failed last and in full."""

from __future__ import annotations

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import Playbooks

from .conftest import NODES
from .output import last_words, tasks_that_print


def test_the_table_and_with_v_the_timings(playbooks: Playbooks, collection: Collection, emulator: Emulator) -> None:
    emulator.set_capacity(instance_type="t3.micro", outcome="refused")
    (heading, *rows), failure = last_words(playbooks.operate("resume", NODES))
    assert failure == ""
    assert heading.endswith("  out of service  tried before")
    for node, row in zip(collection.run("info").values["nodes"], rows, strict=True):
        keys = ("name", "status", "instance_id", "instance_type", "instance_lifecycle", "private_ip_address")
        expected = [*(node[key] for key in keys), node["public_ip"] or "-", "-"]
        assert row.split()[:8] == expected, "a first instance follows no other"
        assert row.endswith("  t3.micro spot: InsufficientInstanceCapacity")
    done = playbooks.operate("replace", "c", "-v")
    (heading, row), _failure = last_words(done)
    assert heading.split()[-4:] == ["terminate", "interface", "elastic_ip", "launch"]
    node = collection.run("info", name="c").values["nodes"][0]
    assert f"  {node['seconds_out_of_service']} s " in row


def test_one_table_of_all_batches_and_the_failure_of_the_last(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    collection.operate("resume", NODES.split(","))
    collection.configure("b", network, launch={"instance_types": ["m5.large"], "fallback_to_on_demand": False})
    emulator.set_capacity(instance_type="m5.large", outcome="refused")
    done = playbooks.operate("replace", NODES)
    assert done.status != 0
    table, failure = last_words(done)
    assert [row.split()[:2] for row in table[1:]] == [["a", "running"], ["b", "degraded"]]
    assert "b: no candidate could be launched" in failure
    assert "a: " not in failure
    assert len(tasks_that_print(done, "b: no candidate could be launched")) == 1


@pytest.mark.thorough
def test_nodes_that_are_held_fail_after_the_table(playbooks: Playbooks, collection: Collection) -> None:
    """No step is left to be made for any node then."""
    collection.operate("resume", ["a"])
    collection.run("operation", name="a", state="begun", operation="pause")
    done = playbooks.operate("pause", "a")
    assert done.status != 0
    table, failure = last_words(done)
    assert [row.split()[:2] for row in table[1:]] == [["a", "pausing"]]
    assert "a: pause " in failure
    assert "-e stateful_node_take_over=true" in failure
