# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A replace cut off during the user's drain, its replacement running: only its own playbook goes on with it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.filter.repair_plan import repair_plan

from tests.emulator.process import Emulator
from tests.support.collection import STEPS, Collection
from tests.support.readers import only, record_of

from ..test_operation import expire_lease
from .looks import begin, holder_of, leave, living, prelaunch, stays

DRAINED = {"own_playbook": False, "variables": {"replace_before": "drain.yml"}}
UNDRAINED = {"own_playbook": True, "variables": {}}


def cut_off_beside_standby(emulator: Emulator, collection: Collection, rerun: dict[str, Any]) -> str:
    """Begin to replace, up to where the user's drain runs, and let the lease end; returns the standby's id."""
    operation_id = begin(collection, rerun=rerun)
    only(prelaunch(collection, operation_id))
    expire_lease(emulator)
    standby = record_of(collection).identity.standby
    assert standby
    return standby.instance_id


def watched(collection: Collection) -> dict[str, list[str]]:
    found = collection.run("events", receive=False).values
    return {way: found[way] for way in ("resume", "replace")}


def test_the_node_keeps_the_instance_that_was_not_drained(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    cut_off_beside_standby(emulator, collection, DRAINED)
    (shown,) = collection.run("info", name="a").values["nodes"]
    (drift,) = shown["drift"]
    assert (drift["reason"], drift["repairable"]) == ("cut_off_early", True)
    assert "-e replace_before=drain.yml" in drift["message"]
    assert watched(collection) == {"resume": ["a"], "replace": []}
    plan = repair_plan(collection.run("info").values["nodes"])
    assert {way for way, names in plan.items() if names} == {"resume"}

    node = only(collection.operate("resume", ["a"]))
    assert stays(running, node)
    assert node["instance_id"] == running["instance_id"]
    assert living(emulator) == [running["instance_id"]] == [holder_of(emulator, node)]


def test_its_own_playbook_goes_on_with_the_replacement(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    standby = cut_off_beside_standby(emulator, collection, DRAINED)
    node = only(collection.operate("replace", ["a"]))
    assert stays(running, node)
    assert living(emulator) == [node["instance_id"]] == [standby]


@pytest.mark.parametrize("rerun", [UNDRAINED, None], ids=["none given", "not known"])
def test_without_a_drain_the_replacement_takes_its_place(
    emulator: Emulator, collection: Collection, running: dict[str, Any], rerun: dict[str, Any] | None
) -> None:
    cut_off_beside_standby(emulator, collection, rerun or {})
    assert watched(collection) == {"resume": [], "replace": ["a"]}
    assert repair_plan(collection.run("info").values["nodes"])["replace"] == ["a"]


def test_an_instance_that_has_ended_needs_no_drain(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    cut_off_beside_standby(emulator, collection, DRAINED)
    emulator.client("ec2").terminate_instances(InstanceIds=[running["instance_id"]])
    assert watched(collection) == {"resume": [], "replace": ["a"]}


def test_once_the_interface_has_moved_the_drain_is_over(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    operation_id = begin(collection, rerun=DRAINED)
    only(prelaunch(collection, operation_id))
    for module, state in STEPS["replace"]:
        assert not collection.run(module, name="a", state=state, operation_id=operation_id).failures
    expire_lease(emulator)
    (shown,) = collection.run("info", name="a").values["nodes"]
    assert [drift["reason"] for drift in shown["drift"]] == ["lease_expired"]
    assert only(leave(collection, operation_id))["drift"] == []
