# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Back to spot: only nodes that fell back to on-demand are replaced, and not those that are meant to be there."""

from __future__ import annotations

from tests.collection import Collection
from tests.emulator.process import Emulator

from .playbook import Playbooks
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
