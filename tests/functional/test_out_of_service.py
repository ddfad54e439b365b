# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a node is said to have been out of service, by a clock that is put forward."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clock import Clock
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.readers import error_of, only, record_of

A_WHILE = 200
"""Seconds that a test may take by itself, which are counted as well."""


class PutForward(Clock):
    """The real clock, so many seconds later."""

    seconds = 0

    def now(self) -> int:
        return super().now() + self.seconds


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


@pytest.fixture
def clock() -> PutForward:
    return PutForward()


@pytest.fixture
def collection(collection: Collection, network: Network, clock: PutForward) -> Collection:
    """The node `a`, running on its first instance."""
    collection.clock = clock
    collection.configure("a", network)
    first = only(collection.operate("resume", ["a"]))
    assert first["seconds_out_of_service"] is None
    return collection


def seconds(node: dict[str, Any]) -> int:
    return node["seconds_out_of_service"]


def info(collection: Collection) -> dict[str, Any]:
    return only(collection.run("info"))


def history(emulator: Emulator) -> list[dict[str, Any]]:
    items = emulator.client("dynamodb").scan(TableName=f"{TABLE}-history")["Items"]
    return sorted(items, key=lambda item: item["at"]["S"])


def test_a_paused_node_is_out_of_service_until_it_is_resumed(
    collection: Collection, emulator: Emulator, clock: PutForward
) -> None:
    assert 0 <= seconds(only(collection.operate("pause", ["a"]))) < A_WHILE
    clock.seconds += 10_000
    assert 10_000 <= seconds(info(collection)) < 10_000 + A_WHILE
    resumed = seconds(only(collection.operate("resume", ["a"])))
    assert 10_000 <= resumed < 10_000 + A_WHILE
    clock.seconds += 5_000
    assert seconds(info(collection)) == resumed
    assert seconds(only(collection.operate("resume", ["a"]))) == resumed, "a second run is about the same instance"
    assert int(history(emulator)[-1]["seconds_out_of_service"]["N"]) == resumed


def test_a_replaced_node_is_from_the_termination_to_the_next_instance(
    collection: Collection, clock: PutForward
) -> None:
    """The user's tasks around it, draining and checking, are not counted."""

    def pass_time(module: str, state: str) -> None:
        clock.seconds += {"terminated": 20_000, "running": 1_000}.get(state, 0)

    replaced = seconds(only(collection.operate("replace", ["a"], between=pass_time)))
    assert 1_000 <= replaced < 1_000 + A_WHILE


def test_one_that_is_cut_off_goes_on_being_counted(collection: Collection, clock: PutForward) -> None:
    begun = collection.run("operation", name="a", state="begun", operation="replace")
    collection.run("instance", name="a", state="terminated", operation_id=begun.values["operation_id"])
    clock.seconds += 1_000
    finished = collection.operate("replace", ["a"], take_over=True)
    assert 1_000 <= seconds(only(finished)) < 1_000 + A_WHILE


def test_an_interruption_counts_from_when_it_was_found(
    collection: Collection, emulator: Emulator, clock: PutForward
) -> None:
    instance_id = info(collection)["instance_id"]
    emulator.interrupt(instance_id)
    emulator.client("ec2").get_waiter("instance_terminated").wait(
        InstanceIds=[instance_id], WaiterConfig={"Delay": 0.05, "MaxAttempts": 100}
    )
    clock.seconds += 20_000

    def pass_time(module: str, state: str) -> None:
        clock.seconds += {"running": 1_000}.get(state, 0)

    resumed = collection.operate("resume", ["a"], between=pass_time)
    assert 1_000 <= seconds(only(resumed)) < 1_000 + A_WHILE


def test_a_node_whose_instance_is_protected_is_not_out_of_service(collection: Collection, emulator: Emulator) -> None:
    instance_id = info(collection)["instance_id"]
    emulator.client("ec2").modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": True})
    assert error_of(collection.operate("pause", ["a"]))["code"] == "OperationNotPermitted"
    assert record_of(collection).identity.out_of_service_since is None
    assert seconds(info(collection)) is None


def test_a_launch_that_nobody_waits_for_ends_it(collection: Collection, clock: PutForward) -> None:
    """Else what is not counted to its end would be counted with the next time."""
    collection.operate("pause", ["a"])
    clock.seconds += 1_000
    collection.run("instance", name="a", wait=False)
    clock.seconds += 1_000
    assert 1_000 <= seconds(info(collection)) < 1_000 + A_WHILE
