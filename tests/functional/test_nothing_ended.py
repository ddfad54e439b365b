# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An operation that terminates nothing changes nothing: neither what the node should be, nor who repairs it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.filter.repair_plan import repair_plan

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import DESTROYING, Collection
from tests.support.readers import actions_of, error_of, only, record_of

from .test_operation import begin, end, expire_lease, history_of


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})


@pytest.fixture
def running(network: Network, collection: Collection) -> dict[str, Any]:
    """The node a, which runs."""
    collection.configure("a", network)
    return only(collection.operate("resume", ["a"]))


def choices(operation: str) -> dict[str, Any]:
    return {**DESTROYING, "delete_confirm": ["a"]} if operation == "delete" else {}


def shown(collection: Collection) -> tuple[Any, ...]:
    node = only(collection.run("info"))
    return node["status"], node["desired"], node["operation"], [drift["reason"] for drift in node["drift"]]


def terminate(emulator: Emulator, node: dict[str, Any]) -> None:
    emulator.client("ec2").terminate_instances(InstanceIds=[node["instance_id"]])


ENDING = pytest.mark.parametrize("operation", ["pause", "replace", "delete"])


@ENDING
def test_an_operation_whose_drain_fails_leaves_the_node_as_it_was(
    emulator: Emulator, collection: Collection, running: dict[str, Any], operation: str
) -> None:
    operation_id = begin(collection, operation, **choices(operation)).values["operation_id"]
    assert shown(collection)[1] == "running"
    assert error_of(end(collection, operation_id))["code"] == "OperationIncomplete"
    assert shown(collection) == ("running", "running", None, [])
    assert record_of(collection).unfinished is None
    terminate(emulator, running)
    assert collection.run("events", receive=False).values["resume"] == ["a"], "watch brings it back"
    assert repair_plan(collection.run("info").values["nodes"])["resume"] == ["a"]
    assert only(collection.operate("resume", ["a"]))["status"] == "running"


@ENDING
def test_an_operation_that_is_cut_off_during_the_drain_is_not_finished_by_others(
    emulator: Emulator, collection: Collection, running: dict[str, Any], operation: str
) -> None:
    """Nothing else terminates an instance whose drain did not end."""
    begin(collection, operation, **choices(operation))
    expire_lease(emulator)
    _status, desired, held, drift = shown(collection)
    assert (desired, drift) == ("running", ["cut_off_early"])
    assert held["operation"] == operation
    assert collection.run("events", receive=False).values["decisions"] == []
    plan = repair_plan(collection.run("info").values["nodes"])
    assert {way for way, names in plan.items() if names} == {"resume"}
    repaired = only(collection.operate("resume", ["a"]))
    assert (repaired["instance_id"], repaired["drift"]) == (running["instance_id"], [])


def test_a_node_that_loses_its_instance_after_a_pause_was_cut_off_is_brought_back(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    begin(collection, "pause")
    expire_lease(emulator)
    terminate(emulator, running)
    assert collection.run("events", receive=False).values["resume"] == ["a"]


def test_a_pause_is_desired_with_its_first_termination(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    emulator.configure(durations={"shutting_down": 600})
    operation_id = begin(collection, "pause").values["operation_id"]
    done = collection.run("instance", name="a", state="terminated", operation_id=operation_id, wait_timeout=1)
    assert error_of(done)["code"] == "WaitTimeout"
    end(collection, operation_id)
    assert shown(collection) == ("pausing", "paused", None, ["operation_unfinished"])
    assert collection.run("events", receive=False).values["decisions"] == []
    plan = repair_plan(collection.run("info").values["nodes"])
    assert {way for way, names in plan.items() if names} == {"pause"}


def test_a_pause_whose_termination_is_refused_changes_nothing(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    ec2, instance_id = emulator.client("ec2"), running["instance_id"]
    ec2.modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": True})
    (failure,) = collection.operate("pause", ["a"]).failures
    assert failure.code == "OperationNotPermitted"
    assert shown(collection) == ("running", "running", None, [])
    identity = record_of(collection).identity
    assert identity.out_of_service_since is None


def test_a_delete_whose_termination_is_refused_leaves_the_node_to_be_repaired(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    ec2, instance_id = emulator.client("ec2"), running["instance_id"]
    ec2.modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": True})
    assert collection.operate("destroy", ["a"]).failures
    assert shown(collection) == ("running", "running", None, [])


def test_a_delete_that_was_ended_early_says_that_nothing_else_repairs_the_node(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    operation_id = begin(collection, "delete", **choices("delete")).values["operation_id"]
    only(collection.run("instance", name="a", state="terminated", operation_id=operation_id))
    end(collection, operation_id)
    status, _desired, held, drift = shown(collection)
    assert (status, held) == ("degraded", None)
    assert "operation_unfinished" in drift
    assert collection.run("events", receive=False).values["decisions"] == []
    only(collection.operate("resume", ["a"]))
    assert shown(collection) == ("running", "running", None, [])


@pytest.mark.parametrize("earlier", [[], ["resume"]], ids=["new", "lost its instance"])
def test_a_node_without_an_instance_is_paused_though_nothing_is_terminated(
    emulator: Emulator, network: Network, collection: Collection, earlier: list[str]
) -> None:
    collection.configure("a", network)
    for operation in earlier:
        terminate(emulator, only(collection.operate(operation, ["a"])))
    operation_id = begin(collection, "pause").values["operation_id"]
    done = collection.run("instance", name="a", state="terminated", operation_id=operation_id)
    assert actions_of(done) == ["set_desired"]
    assert end(collection, operation_id).failures == ()
    assert shown(collection)[1:3] == ("paused", None)


def test_check_mode_says_where_the_wish_is_written(emulator: Emulator, running: dict[str, Any]) -> None:
    planned = Collection(emulator.endpoint, check_mode=True)
    operation_id = begin(planned, "pause").values["operation_id"]
    assert operation_id == "check-pause"
    done = planned.run("instance", name="a", state="terminated", operation_id=operation_id)
    assert actions_of(done) == ["terminate_instance", "set_desired"]


def test_a_resume_says_what_the_node_should_be_when_it_begins(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """It is shown, and tried again by watch: a morning's resume that failed for want of capacity is not forgotten."""
    launch = {"image_id": network.image_id, "instance_types": ["t3.micro"], "market": "on_demand"}
    collection.configure("a", network, launch=launch)
    emulator.set_capacity(instance_type="t3.micro", outcome="refused")
    assert collection.operate("resume", ["a"]).failures
    assert shown(collection) == ("degraded", "running", None, ["instance_missing"])
    assert collection.run("events", receive=False).values["resume"] == ["a"]


@pytest.mark.usefixtures("running")
def test_what_was_cut_off_and_taken_over_stands_in_the_history_with_its_termination(
    emulator: Emulator, collection: Collection
) -> None:
    first = begin(collection, "replace").values["operation_id"]
    emulator.configure(durations={"shutting_down": 5})
    collection.run("instance", name="a", state="terminated", operation_id=first, wait_timeout=1)
    only(collection.operate("replace", ["a"], take_over=True))
    told = only(collection.run("history_info"))
    assert [(entry["operation"], (entry["error"] or {}).get("code")) for entry in told["entries"]] == [
        ("replace", None), ("replace", "CutOff"), ("resume", None),
    ]  # fmt: skip
    assert told["entries"][1]["operation_id"] == first
    assert [span["end"] for span in told["instances"]] == [None, "terminated"]
    assert [gap["cause"] for gap in told["gaps"]] == ["replaced"]


def test_taking_over_twice_writes_the_history_once(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    ids = [begin(collection, "replace", take_over=True).values["operation_id"] for _number in range(3)]
    written = [entry["at"]["S"].partition("#")[2] for entry in history_of(emulator)]
    assert sorted(written[1:]) == sorted(ids[:2])
