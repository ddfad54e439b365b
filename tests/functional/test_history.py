# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_history_info: what was done to nodes, and the life that follows from it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.items import to_item
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import HISTORY_PAGE
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clients import WORKERS
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.ec2_codes import SPOT_INTERRUPTION
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import PassingTime
from tests.support.collection import TABLE, Collection
from tests.support.readers import only

DAY = 86400


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


@pytest.fixture(autouse=True)
def time(collection: Collection) -> PassingTime:
    """Have as much time pass as a test wants."""
    collection.clock = PassingTime()
    return collection.clock


def operate(collection: Collection, *operations: str) -> list[dict[str, Any]]:
    """Carry operations out, no two of them within a second: that is what entries are sorted by."""
    nodes = []
    for operation in operations:
        collection.clock.passes(2)
        nodes.append(only(collection.operate(operation, ["a"])))
    return nodes


def test_a_life_is_told_with_the_addresses_above(
    emulator: Emulator, network: Network, collection: Collection, time: PassingTime
) -> None:
    # A gap that ends in the second in which it began is none.
    emulator.configure(durations={"pending": 1.1})
    collection.configure("a", network, elastic_ip="new", public_ip_assignment="enabled")
    ids = []
    for operation in ("resume", "replace", "pause", "resume"):
        (node,) = operate(collection, operation)
        ids += [node["instance_id"]] if node["instance_id"] else []
        time.passes(DAY)
    told = only(collection.run("history_info"))
    assert [entry["operation"] for entry in told["entries"]] == ["resume", "pause", "replace", "resume"]
    assert all(entry["error"] is None and entry["ended_at"] >= entry["started_at"] for entry in told["entries"])
    assert [span["instance_id"] for span in told["instances"]] == list(reversed(ids))
    assert [span["generation"] for span in told["instances"]] == [3, 2, 1]
    assert [span["end"] for span in told["instances"]] == [None, "terminated", "terminated"]
    assert {span["ended_after"] for span in told["instances"]} == {None}
    assert [gap["cause"] for gap in told["gaps"]] == ["paused", "replaced"]
    assert [gap["seconds"] // DAY for gap in told["gaps"]] == [1, 0]
    (address,) = (span for span in told["addresses"] if span["ended_at"] is None)
    assert [address[key] for key in ("private_ip_address", "public_ip")] == [
        node["private_ip_address"],
        node["public_ip"],
    ]


def test_an_instance_that_ec2_took_is_gone_since_some_time_between(
    emulator: Emulator, network: Network, collection: Collection, time: PassingTime
) -> None:
    collection.configure("a", network)
    (node,) = operate(collection, "resume")
    time.passes(DAY)
    emulator.interrupt(node["instance_id"])
    now = only(collection.run("history_info"))["gaps"][0]
    assert (now["cause"], now["ended_at"], now["seconds"]) == ("interrupted", None, 0)
    assert DAY <= now["seconds_at_most"] < DAY + 60

    operate(collection, "resume")
    time.passes(DAY)
    told = only(collection.run("history_info"))
    assert told["entries"][0]["found"]["state_reason"] == SPOT_INTERRUPTION
    assert [span["end"] for span in told["instances"]] == [None, "interrupted"]
    (gap,) = told["gaps"]
    assert gap["ended_at"] is not None
    assert gap["seconds"] < 60 <= DAY <= gap["seconds_at_most"]


def test_an_operation_that_failed_says_why_and_what_was_tried(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    operate(collection, "resume", "pause")
    emulator.set_capacity(outcome="refused")
    collection.clock.passes(2)
    assert collection.operate("resume", ["a"]).failures
    told = only(collection.run("history_info"))
    assert told["entries"][0]["error"]["code"] == "NoCapacity"
    assert told["entries"][0]["launch_attempts"][0]["code"] == "InsufficientInstanceCapacity"
    assert [gap["cause"] for gap in told["gaps"]] == ["paused"]


def test_a_replace_that_is_at_work_is_told_as_far_as_it_has_come(network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    operate(collection, "resume")
    begun = collection.run("operation", name="a", state="begun", operation="replace").values["operation_id"]
    assert only(collection.run("history_info"))["gaps"] == []
    collection.run("instance", name="a", state="terminated", operation_id=begun)
    told = only(collection.run("history_info"))
    assert [(gap["cause"], gap["started_after"], gap["ended_at"]) for gap in told["gaps"]] == [("replaced", None, None)]
    assert len(told["entries"]) == 1


def test_since_bounds_the_operations_and_keeps_what_was_true_then(
    network: Network, collection: Collection, time: PassingTime
) -> None:
    collection.configure("a", network)
    operate(collection, "resume")
    time.passes(DAY)
    operate(collection, "pause")
    time.passes(2 * DAY)
    operate(collection, "resume")
    told = only(collection.run("history_info", since="1d"))
    assert [entry["operation"] for entry in told["entries"]] == ["resume"]
    assert [span["end"] for span in told["instances"]] == [None]
    assert [(gap["cause"], gap["seconds"] // DAY) for gap in told["gaps"]] == [("paused", 2)]
    assert not told["truncated"]
    assert only(collection.run("history_info", since="1h", name="a"))["entries"] == told["entries"]


def test_a_long_history_is_read_by_pages_and_no_further_than_asked(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    table = emulator.client("dynamodb")
    for number in range(HISTORY_PAGE * 2):
        at = f"2026-01-01T{number // 60:02}:{number % 60:02}:00+00:00#{number}"
        entry = {"name": "a", "at": at, "operation": "pause", "owner": "ann", "ended_at": 1}
        table.put_item(TableName=f"{TABLE}-history", Item=to_item(entry))

    def reads(limit: int) -> tuple[int, bool, int]:
        emulator.clear_calls()
        told = only(collection.run("history_info", limit=limit))
        return len(told["entries"]), told["truncated"], len(emulator.calls(action="Query", service=None))

    assert reads(HISTORY_PAGE * 2) == (HISTORY_PAGE * 2, False, 2)
    assert reads(HISTORY_PAGE - 1) == (HISTORY_PAGE - 1, True, 1)
    assert reads(1) == (1, True, 1)


def test_a_deleted_node_still_has_its_history_and_an_unknown_one_is_an_error(
    network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    collection.configure("b", network)
    operate(collection, "resume", "destroy")
    result = collection.run("history_info", name=["a", "nobody", "b"])
    deleted, nobody, new = result.values["nodes"]
    assert [entry["operation"] for entry in deleted["entries"]] == ["delete", "resume"]
    assert [span["end"] for span in deleted["instances"]] == ["terminated"]
    assert all(span["ended_at"] for span in (*deleted["gaps"], *deleted["addresses"]))
    assert nobody["error"]["code"] == "UnknownNode"
    assert (new["entries"], new["instances"], new["gaps"]) == ([], [], [])
    assert [failure.code for failure in result.failures] == ["UnknownNode"]
    assert [node["name"] for node in collection.run("history_info").values["nodes"]] == ["b"]


def test_many_nodes_are_read_at_the_same_time_and_nothing_is_written(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    names = [f"n-{number}" for number in range(WORKERS)]
    for name in names:
        collection.configure(name, network)
    emulator.configure(call_seconds={"Query": 0.5})
    emulator.clear_calls()
    result = collection.run("history_info")
    calls = emulator.calls()
    queries = [call["time"] for call in emulator.calls(action="Query", service=None)]
    assert [node["name"] for node in result.values["nodes"]] == sorted(names)
    assert len(queries) == len(names)
    assert max(queries) - min(queries) < 0.5 * (len(names) - 1)  # what it takes one after the other
    assert not [call for call in calls if call["mutating"]]
