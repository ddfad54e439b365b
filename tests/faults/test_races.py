# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many operations at once on one node: one goes on, the others are told which, and nothing is doubled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Record

from tests.emulator.process import Emulator
from tests.support.parameters import first_stands_for_all

from .invariants import kept, violations
from .races import RUNNERS, begin_at_once, go_on_after_a_take_over, two_running_nodes
from .scenarios import FaultEnvironment, new_world


@pytest.fixture
def world(emulator: Emulator) -> FaultEnvironment:
    """Two nodes that run."""
    return two_running_nodes(new_world(emulator))


def test_of_many_that_begin_at_once_one_has_begun_and_the_others_name_it(world: FaultEnvironment) -> None:
    assert list(begin_at_once(world, "a")) == []


def _at_once(world: FaultEnvironment, operations: list[str], name: str) -> list[list[str]]:
    with ThreadPoolExecutor(max_workers=len(operations)) as pool:
        return list(pool.map(lambda operation: world.operate(operation, name), operations))


def _settle(world: FaultEnvironment, name: str, operation: str) -> None:
    assert world.operate(operation, name, take_over=True) == []


@pytest.mark.parametrize(
    "operations",
    first_stands_for_all(
        [["pause", "resume", "replace", "resume"] * (RUNNERS // 4), ["replace"] * RUNNERS, ["pause"] * RUNNERS]
    ),
    ids=["mixed", "replace", "pause"],
)
def test_one_goes_on_and_the_others_are_told_which(world: FaultEnvironment, operations: list[str]) -> None:
    before = kept(world, "a")
    outcomes = _at_once(world, operations, "a")
    assert any(problems == [] for problems in outcomes)
    told = [problem for problems in outcomes for problem in problems]
    # A replace that comes after the pause finds nothing to replace; everybody else who lost is told who won.
    assert all(
        "holds the node" in problem or "was faster" in problem or "no instance to" in problem for problem in told
    )
    _settle(world, "a", "resume")
    assert list(violations(world, before, "resume")) == []


def test_two_nodes_do_not_disturb_each_other(world: FaultEnvironment) -> None:
    before = kept(world, "b")
    with ThreadPoolExecutor(max_workers=2) as pool:
        both = list(pool.map(lambda name: world.operate("replace", name), ["a", "b"]))
    assert both == [[], []]
    assert list(violations(world, before, "replace")) == []


def _begin(world: FaultEnvironment, operation: str, **options: object) -> str | None:
    begun = world.collection.run("operation", name=["a"], state="begun", operation=operation, **options)
    return None if begun.failures else begun.values["operation_id"]


def test_a_lease_is_taken_over_when_told_to_and_not_before(world: FaultEnvironment) -> None:
    first = _begin(world, "replace")
    assert first
    assert _begin(world, "replace") is None
    assert _begin(world, "replace", take_over=True) not in (None, first)


def test_a_holder_whose_operation_was_taken_over_changes_nothing_more(world: FaultEnvironment) -> None:
    assert list(go_on_after_a_take_over(world, "b")) == []


def test_an_operation_that_took_over_goes_on(world: FaultEnvironment) -> None:
    _begin(world, "replace")
    second = _begin(world, "replace", take_over=True)
    assert world.collection.run("instance", name=["a"], state="terminated", operation_id=second).failures == ()


def _expire(world: FaultEnvironment) -> Record:
    """Let the lease run out, as time would."""
    store = Store(world.collection.client, "stateful-nodes")
    record = store.get(["a"])["a"]
    assert record.operation
    expired = replace(record.operation, expires_at=0)
    store.update("a", {"operation": expired}, {"operation.id": expired.id})
    return record


def test_a_lease_that_ran_out_may_be_taken_over(world: FaultEnvironment) -> None:
    _begin(world, "replace")
    _expire(world)
    assert _begin(world, "replace") is not None


def test_a_long_drain_whose_lease_ran_out_goes_on_when_nobody_took_over(world: FaultEnvironment) -> None:
    first = _begin(world, "replace")
    _expire(world)
    outcome = world.collection.run("instance", name=["a"], state="terminated", operation_id=first)
    assert outcome.failures == ()
