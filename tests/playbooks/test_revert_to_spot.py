# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Back to spot: only nodes that fell back to on-demand are replaced, and not those that are meant to be there."""

from __future__ import annotations

import pytest

from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import Playbooks

from .test_lifecycle import addresses, instances


def test_only_nodes_that_fell_back_are_replaced(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    collection.run("config", name="b", launch={"market": "on_demand"})
    collection.operate("resume", ["b", "c"])
    emulator.set_capacity(market="spot", outcome="refused")
    collection.operate("resume", ["a"])
    emulator.set_capacity(market="spot", outcome="available")
    kept, old = addresses(collection), instances(collection)
    done = playbooks.operate("replace", "all", replace_only="on_demand")
    assert done.status == 0, done.output
    new = instances(collection)
    assert {name for name in new if new[name] != old[name]} == {"a"}
    assert addresses(collection) == kept
    (node,) = collection.run("info", name=["a"]).values["nodes"]
    assert node["instance_lifecycle"] == "spot"
    again = playbooks.operate("replace", "all", replace_only="on_demand")
    assert (again.status, again.changed) == (0, 0), again.output


@pytest.mark.thorough
def test_a_roll_is_taken_up_with_the_nodes_that_still_need_it(playbooks: Playbooks, collection: Collection) -> None:
    """And a repair says what it has mended."""
    collection.operate("resume", ["a", "b"])
    old = instances(collection)
    collection.run("config", name="a", launch={"instance_types": ["t3.small"]})
    done = playbooks.operate("replace", "a,b", replace_only="pending")
    assert done.status == 0, done.output
    assert "1 left out: b" in done.output
    new = instances(collection)
    assert {name for name in ("a", "b") if new[name] != old[name]} == {"a"}
    again = playbooks.operate("replace", "a,b", replace_only="pending", replace_older_than="30d")
    assert (again.status, again.changed) == (0, 0), again.output
    collection.run("config", name="b", tags={"service": "db"})
    repaired = playbooks.operate("repair", "b")
    assert repaired.status == 0, repaired.output
    assert "set_tags" in repaired.output
