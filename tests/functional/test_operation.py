# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_operation: beginning, holding, taking over and ending."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import STEP_BY_STEP, TABLE, Collection
from tests.support.readers import error_of, only


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})


def begin(collection: Collection, operation: str = "resume", name: Any = "a", **more: Any) -> Result:
    return collection.run("operation", name=name, state="begun", operation=operation, **more)


def end(collection: Collection, operation_id: str, name: Any = "a") -> Result:
    return collection.run("operation", name=name, state="ended", operation_id=operation_id)


def expire_lease(emulator: Emulator, name: str = "a") -> None:
    emulator.client("dynamodb").update_item(
        TableName=TABLE,
        Key={"name": {"S": name}},
        UpdateExpression="SET #operation.expires_at = :past",
        ExpressionAttributeNames={"#operation": "operation"},
        ExpressionAttributeValues={":past": {"N": "1"}},
    )


def history_of(emulator: Emulator, name: str = "a") -> list[dict[str, Any]]:
    answer = emulator.client("dynamodb").query(
        TableName=f"{TABLE}-history",
        KeyConditionExpression="#name = :name",
        ExpressionAttributeNames={"#name": "name"},
        ExpressionAttributeValues={":name": {"S": name}},
    )
    return answer["Items"]


def test_an_operation_begins_holds_its_node_and_ends(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    begun = begin(collection)
    assert (begun.values["begun"], begun.values["busy"]) == (["a"], [])
    assert [action["action"] for action in begun.values["actions"]] == ["set_desired"]
    held = only(begun)["operation"]
    assert (held["id"], held["operation"]) == (begun.values["operation_id"], "resume")
    assert held["expires_at"] - held["started_at"] == 300
    assert only(begun)["status"] == only(collection.run("info"))["status"] == "resuming"

    for module in ("eni", "eip", "instance"):
        only(collection.run(module, name="a", operation_id=held["id"]))
    node = only(end(collection, held["id"]))
    assert (node["status"], node["operation"]) == ("running", None)
    assert node["timings"].keys() == {"interface", "elastic_ip", "launch"}
    (entry,) = history_of(emulator)
    assert entry["operation"] == {"S": "resume"}
    assert entry["instance_id"] == {"S": node["instance_id"]}
    assert entry["timings"]["M"].keys() == node["timings"].keys()
    assert int(entry["expires_at"]["N"]) > int(entry["ended_at"]["N"])


@pytest.mark.parametrize(("before", "operation"), [("resume", "resume"), ("pause", "pause")])
def test_a_node_that_is_as_wanted_is_not_begun_and_nothing_is_written(
    emulator: Emulator, network: Network, collection: Collection, before: str, operation: str
) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    collection.operate(before, ["a"])
    emulator.clear_calls()
    begun = begin(collection, operation)
    assert (begun.values["changed"], begun.values["operation_id"], begun.values["begun"]) == (False, None, [])
    assert emulator.calls(mutating=True, service=None) == []


def test_replace_changes_the_instance_and_nothing_else(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    before = only(collection.operate("resume", ["a"]))
    after = only(collection.operate("replace", ["a"]))
    changing = (
        "instance_id",
        "generation",
        "timings",
        "launch_attempts",
        "seconds_out_of_service",
        "seconds_since_launch",
    )
    assert {key: value for key, value in after.items() if key not in changing} == {
        key: value for key, value in before.items() if key not in changing
    }
    assert after["instance_id"] != before["instance_id"]
    assert after["generation"] == before["generation"] + 1


@pytest.mark.parametrize("earlier", [[], ["resume", "pause"]], ids=["new", "paused"])
def test_a_node_that_does_not_run_is_not_replaced(
    emulator: Emulator, network: Network, collection: Collection, earlier: list[str]
) -> None:
    collection.configure("a", network)
    for operation in earlier:
        collection.operate(operation, ["a"])
    emulator.clear_calls()
    error = error_of(begin(collection, "replace"))
    assert error["code"] == "NotRunning"
    assert error["next_command"] == "ansible-playbook stateful_node.aws.resume -e stateful_nodes=a"
    assert emulator.calls(mutating=True) == []


def test_a_second_operation_is_told_who_holds_the_node(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    collection.configure("b", network)
    held = only(begin(collection))["operation"]
    second = begin(collection, "pause", ["a", "b"])
    (busy,) = second.values["busy"]
    assert busy == {key: held[key] for key in ("operation", "owner", "expires_at")} | {"name": "a"}
    assert second.values["begun"] == ["b"]
    (failure,) = second.failures
    assert failure.code == "Busy"
    assert held["id"] in failure.message
    assert held["owner"] in failure.message
    assert failure.next_command.text(Reach()) == (
        "ansible-playbook stateful_node.aws.resume -e stateful_nodes=a -e stateful_node_take_over=true"
    )
    for module in ("eni", "eip", "instance"):
        assert error_of(collection.run(module, name="a"))["code"] == "Busy"


def test_whoever_is_taken_over_changes_nothing_more(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    first = begin(collection).values["operation_id"]
    second = begin(collection, take_over=True).values["operation_id"]
    assert second not in (first, None)
    emulator.clear_calls()
    error = error_of(collection.run("eni", name="a", operation_id=first))
    assert error["code"] == "OperationTakenOver"
    assert second in error["message"]
    assert error_of(end(collection, first))["code"] == "Busy"
    assert emulator.calls(mutating=True) == []
    assert only(collection.run("eni", name="a", operation_id=second))["network_interface_id"]


def test_a_lease_that_has_ended_lets_the_next_one_in(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    first = begin(collection).values["operation_id"]
    expire_lease(emulator)
    (drift,) = only(collection.run("info"))["drift"]
    assert drift["reason"] == "lease_expired"
    second = begin(collection).values["operation_id"]
    assert second not in (first, None)
    assert error_of(collection.run("eni", name="a", operation_id=first))["code"] == "OperationTakenOver"


def test_a_lease_that_has_ended_still_serves_who_holds_it(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """Expiry permits a take-over, it ends nothing: a long drain is safe."""
    collection.configure("a", network)
    operation_id = begin(collection).values["operation_id"]
    expire_lease(emulator)
    node = only(collection.run("eni", name="a", operation_id=operation_id))
    assert node["network_interface_id"]
    shown = only(collection.run("info"))
    assert (shown["status"], shown["drift"]) == ("resuming", [])


def test_a_replace_that_was_cut_off_after_its_launch_keeps_the_new_instance(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    before = only(collection.operate("resume", ["a"]))
    operation_id = begin(collection, "replace").values["operation_id"]
    for module, state in STEP_BY_STEP:
        cut_off = only(collection.run(module, name="a", state=state, operation_id=operation_id))
    finished = only(collection.operate("replace", ["a"], take_over=True))
    assert (finished["instance_id"], finished["generation"]) == (cut_off["instance_id"], before["generation"] + 1)
    assert only(collection.operate("replace", ["a"]))["generation"] == before["generation"] + 2


def test_an_edit_does_not_reach_an_operation_under_way(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    operation_id = begin(collection).values["operation_id"]
    collection.run("config", name="a", tags={"service": "cassandra"}, source_dest_check=False)
    node = only(collection.run("eni", name="a", operation_id=operation_id))
    ids = [node["network_interface_id"]]
    (seen,) = emulator.client("ec2").describe_network_interfaces(NetworkInterfaceIds=ids)["NetworkInterfaces"]
    assert seen["SourceDestCheck"] is True
    end(collection, operation_id)
    changed = collection.run("eni", name="a")
    assert [action["action"] for action in changed.values["actions"]] == ["set_source_dest_check", "set_tags"]


def test_the_end_tells_every_nodes_error_and_the_others_outcome(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    for name, launch_type in (("a", "t3.large"), ("b", "t3.micro"), ("c", "t3.medium")):
        launch = {"image_id": network.image_id, "instance_types": [launch_type], "market": "on_demand"}
        collection.configure(name, network, launch=launch)
    for launch_type in ("t3.large", "t3.medium"):
        emulator.set_capacity(instance_type=launch_type, outcome="refused")
    ended = collection.operate("resume", ["a", "b", "c"])
    assert [failure.code for failure in ended.failures] == ["NoCapacity", "NoCapacity"]
    first, second = ended.message.splitlines()
    assert first.startswith("a: ")
    assert "t3.large" in first
    assert second.startswith("c: ")
    assert "t3.medium" in second
    assert [("error" in node, node["operation"]) for node in ended.values["nodes"]] == [
        (True, None), (False, None), (True, None),
    ]  # fmt: skip
    (entry,) = history_of(emulator, "a")
    assert entry["error"]["M"]["code"] == {"S": "NoCapacity"}


def test_an_operation_that_was_ended_early_says_so(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    operation_id = begin(collection).values["operation_id"]
    only(collection.run("eni", name="a", operation_id=operation_id))
    error = error_of(end(collection, operation_id))
    assert error["code"] == "OperationIncomplete"
    assert "interface" in error["message"]
    assert begin(collection).values["begun"] == ["a"]


def test_all_means_every_node_and_an_empty_list_none(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    for name in ("b", "a", "c"):
        collection.configure(name, network)
    everyone = collection.operate("resume", ["all"])
    assert [(node["name"], node["status"]) for node in everyone.values["nodes"]] == [
        (name, "running") for name in ("a", "b", "c")
    ]
    for name in ([], [""], [" \n"]):
        nobody = begin(collection, "pause", name)
        assert (nobody.values["nodes"], nobody.values["operation_id"]) == ([], None)
    assert [node["name"] for node in begin(collection, "pause", [" c ,a\nb"]).values["nodes"]] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("names", "named"), [(["a,b", "a"], "more than once: a"), (["all", "a"], "all"), (["-a"], "'-a'")]
)
def test_names_that_cannot_be_meant_are_refused(
    emulator: Emulator, network: Network, collection: Collection, names: list[str], named: str
) -> None:
    collection.configure("a", network)
    emulator.clear_calls()
    with pytest.raises(NodeError, match=named):
        begin(collection, name=names)
    assert emulator.calls() == []


def test_times_that_are_too_short_are_refused(emulator: Emulator, network: Network, collection: Collection) -> None:
    for option, call in (
        ("lease_seconds", lambda: begin(collection, lease_seconds=59)),
        ("wait_timeout", lambda: collection.run("eni", name="a", wait_timeout=0)),
    ):
        with pytest.raises(NodeError, match=option):
            call()
