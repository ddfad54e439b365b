# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet costs in AWS calls: the bars of `make bench` that do not depend on time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.process import Emulator
from tests.support import fleet_records
from tests.support.clocks import FastClock
from tests.support.collection import TABLE, Collection, create_tables
from tests.support.fleet import Conditions, Fleet, new_fleet

SIZE = 100
MOST_CALLS = 8


def _fleet(emulator: Emulator, size: int, *, resumed: bool = True) -> Fleet:
    made = new_fleet(emulator, size)
    create_tables(emulator.client("dynamodb"))
    fleet_records.describe(Collection(emulator.endpoint), made)
    if resumed:
        Conditions().lift(emulator)
        assert not _operate(emulator, "resume", made.names, speed=20).failures
    return made


def _operate(emulator: Emulator, operation: str, names: Sequence[str], speed: float = 1) -> Result:
    collection = Collection(emulator.endpoint, clock=FastClock(speed))
    if operation == "info":
        return collection.run("info", name=list(names))
    return collection.operate(operation, list(names))


def test_a_look_at_a_fleet_as_wanted_costs_the_same_calls_whatever_its_size(emulator: Emulator) -> None:
    fleet = _fleet(emulator, SIZE)
    for operation, looks in (("resume", 1), ("info", 2)):
        for size in (1, 10, SIZE):
            emulator.clear_calls()
            result = _operate(emulator, operation, fleet.names[:size])
            calls = Counter(call["action"] for call in emulator.calls())
            assert [node["status"] for node in result.values["nodes"]] == ["running"] * size
            described = ("DescribeAddresses", "DescribeInstances", "DescribeNetworkInterfaces")
            assert calls == {"BatchGetItem": 1, "GetCallerIdentity": 1} | dict.fromkeys(described, looks)
            assert calls.total() <= MOST_CALLS


def test_a_selection_costs_one_scan(emulator: Emulator) -> None:
    """Its nodes are not read once more by their names."""
    fleet = _fleet(emulator, 10, resumed=False)
    for operation in ("resume", "info"):
        emulator.clear_calls()
        result = _look_at_selection(emulator, operation)
        calls = Counter(call["action"] for call in emulator.calls(service="dynamodb", mutating=False))
        assert [node["name"] for node in result.values["nodes"]] == sorted(fleet.names)
        assert calls == {"Scan": 1}


def _look_at_selection(emulator: Emulator, operation: str) -> Result:
    if operation == "info":
        return Collection(emulator.endpoint).run("info", name="*")
    planning = Collection(emulator.endpoint, check_mode=True)
    return planning.run("operation", name="*", state="begun", operation=operation)


@pytest.mark.thorough
def test_a_fleet_is_paused_by_one_call(emulator: Emulator) -> None:
    fleet = _fleet(emulator, 30)
    emulator.clear_calls()
    assert not _operate(emulator, "pause", fleet.names, speed=20).failures
    (call,) = emulator.calls(action="TerminateInstances")
    assert call["outcome"] == "OK"


@pytest.mark.thorough
def test_a_fleet_asks_for_no_more_than_ec2_takes(emulator: Emulator) -> None:
    """Twenty launches under a bucket of five: unshaped, one in two is refused."""
    fleet, conditions = _fleet(emulator, 20, resumed=False), Conditions(speed=4)
    conditions.impose(emulator)
    emulator.clear_calls()
    assert not _operate(emulator, "resume", fleet.names, speed=conditions.speed).failures
    calls = emulator.calls()
    assert sum(call["action"] == "RunInstances" for call in calls) >= 20
    throttled = [call for call in calls if call["outcome"] == "RequestLimitExceeded"]
    assert len(throttled) < 0.01 * len(calls)


def test_launches_that_still_queue_have_no_intent(emulator: Emulator) -> None:
    """Cut off now, the run would leave launches to resolve, which a pause does by making them."""
    fleet, store = _fleet(emulator, 12, resumed=False), Store(Collection(emulator.endpoint).client, TABLE)
    with ThreadPoolExecutor() as threads:
        resume = threads.submit(_operate, emulator, "resume", fleet.names)
        while len(emulator.calls(action="RunInstances")) < 5 and not resume.done():
            time.sleep(0.05)
        records_now = store.get(fleet.names).values()
        called = len(emulator.calls(action="RunInstances"))
    launched = [record for record in records_now if record.identity.instance_id]
    intended = [record for record in records_now if record.intent and not record.identity.instance_id]
    assert called <= 9, "the others still queue"
    assert len(launched) + len(intended) <= called + 2, "an intent is written when its call is next"
    assert not resume.result().failures
