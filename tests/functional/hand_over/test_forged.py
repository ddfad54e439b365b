# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance of another person's that carries the node's tags is never taken for the node's own launch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.readers import error_of, only, record_of

from ..account import launch, tagged
from .looks import begin, holder_of, leave, living, prelaunch


@pytest.fixture
def forged(emulator: Emulator, network: Network, running: dict[str, Any]) -> str:
    """An instance with the tags that the next launch of node `a` gives."""
    tags = {"stateful_node:table": "stateful-nodes", "stateful_node:name": "a", "stateful_node:generation": "2"}
    return launch(emulator, network, TagSpecifications=tagged(tags))


def refuse(emulator: Emulator, call: int) -> None:
    """Have one call of RunInstances refused for the lack of capacity."""
    emulator.add_fault(action="RunInstances", kind="refuse", call=call, code="InsufficientInstanceCapacity", status=500)


def test_a_launch_whose_result_is_unknown_does_not_end_on_a_forged_instance(
    emulator: Emulator, collection: Collection, running: dict[str, Any], forged: str
) -> None:
    """The first call is lost on its way, the second one refused: what was launched has to be looked for."""
    emulator.add_fault(action="RunInstances", kind="lost_before", call=1)
    refuse(emulator, 2)
    node = only(collection.operate("replace", ["a"]))
    assert node["instance_id"] != forged
    assert holder_of(emulator, node) == node["instance_id"]
    assert node["launch_attempts"][0]["code"] == "InsufficientInstanceCapacity"
    assert sorted(living(emulator)) == sorted([node["instance_id"], forged])


def test_a_launch_that_was_cut_off_does_not_end_on_a_forged_instance(
    emulator: Emulator, collection: Collection, running: dict[str, Any], forged: str
) -> None:
    """The run ends with an intent that is not resolved; the next one goes on with it."""
    for call in range(1, 40):
        emulator.add_fault(action="RunInstances", kind="lost_before", call=call)
    operation_id = begin(collection)
    assert error_of(prelaunch(collection, operation_id))
    leave(collection, operation_id)
    emulator.clear_faults()
    assert record_of(collection).intent
    node = only(collection.operate("replace", ["a"]))
    assert node["instance_id"] != forged
    assert holder_of(emulator, node) == node["instance_id"]
    assert sorted(living(emulator)) == sorted([node["instance_id"], forged])


def test_a_paused_node_does_not_wake_up_on_a_forged_instance(
    emulator: Emulator, collection: Collection, running: dict[str, Any], forged: str
) -> None:
    only(collection.operate("pause", ["a"]))
    emulator.add_fault(action="RunInstances", kind="lost_before", call=1)
    refuse(emulator, 2)
    node = only(collection.operate("resume", ["a"]))
    assert node["instance_id"] != forged
    assert sorted(living(emulator)) == sorted([node["instance_id"], forged])


def test_an_own_launch_whose_reply_was_lost_is_found_by_its_token_beside_a_forged_one(
    emulator: Emulator, collection: Collection, running: dict[str, Any], forged: str
) -> None:
    emulator.add_fault(action="RunInstances", kind="lost", call=1)
    refuse(emulator, 2)
    node = only(collection.operate("replace", ["a"]))
    assert node["instance_id"] not in (forged, running["instance_id"])
    assert sorted(living(emulator)) == sorted([node["instance_id"], forged])
