# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many nodes are looked at together, and what is wrong with one is told of that one."""

from __future__ import annotations

import pytest

from tests.emulator.process import Emulator

from .expected_identity import Kept
from .invariants import broken, kept, unsettled
from .races import two_running_nodes
from .scenarios import FaultEnvironment, new_world


@pytest.fixture
def world(emulator: Emulator) -> FaultEnvironment:
    """The nodes a and b, which run."""
    return two_running_nodes(new_world(emulator))


@pytest.fixture
def before(world: FaultEnvironment) -> dict[str, Kept]:
    return kept(world, "a", "b")


def test_nothing_is_wrong(world: FaultEnvironment, before: dict[str, Kept]) -> None:
    assert [*broken(world, before, "resume"), *unsettled(world, before, "resume")] == []


def test_an_instance_that_is_gone_is_told_of_its_node(world: FaultEnvironment, before: dict[str, Kept]) -> None:
    world.emulator.client("ec2").terminate_instances(InstanceIds=[before["b"].instance_id])
    problems = list(broken(world, before, "resume"))
    assert {name for name, _problem in problems} == {"b"}
    assert f"I3 instance: [] exist, {before['b'].instance_id} is recorded" in [problem for _name, problem in problems]


def test_an_address_that_changed_is_told_of_its_node(world: FaultEnvironment, before: dict[str, Kept]) -> None:
    swapped = {"a": before["a"], "b": before["a"]}
    named = {problem.split()[1] for name, problem in broken(world, swapped, "resume") if name == "b"}
    assert named == {"network_interface_id", "private_ip_address", "public_ip"}


def test_a_record_that_is_missing_is_told_of_its_node(world: FaultEnvironment, before: dict[str, Kept]) -> None:
    problems = list(broken(world, {**before, "nobody": before["a"]}, "resume"))
    assert problems == [("nobody", "I1 there is no record")]


def test_one_more_run_that_changes_something_is_told_of_its_node(
    world: FaultEnvironment, before: dict[str, Kept]
) -> None:
    world.collection.run("config", name="b", tags={"team": "blue"})
    problems = [(name, problem) for name, problem in unsettled(world, before, "resume") if "CreateTags" in problem]
    assert [name for name, _problem in problems] == ["b"]


def test_one_more_run_that_fails_is_told_of_its_node(world: FaultEnvironment, before: dict[str, Kept]) -> None:
    world.collection.run("operation", name=["a"], state="begun", operation="replace")
    problems = [problem for name, problem in unsettled(world, before, "resume") if name == "a"]
    assert "holds the node" in problems[0]
    assert [name for name, _problem in unsettled(world, {"b": before["b"]}, "resume")] == []
