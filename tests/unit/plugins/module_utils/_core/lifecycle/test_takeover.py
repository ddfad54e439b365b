# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leases: who may take a node, and what the one that takes it inherits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.takeover import (
    busy,
    check_free,
    check_replaceable,
    command_to_finish,
    has_taken_effect,
    left_to_finish,
    new_operation,
    with_operation,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Command
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Choices, Rerun

from tests.support.builders import NOW, make_config, make_operation, make_record, make_unfinished, paused, running


def begin(record, operation):
    return new_operation(record, operation=operation, operation_id="op-2", owner="bob@ci", now=NOW, seconds=300)


def held(record, operation, from_generation=1, **fields):
    return replace(record, operation=make_operation(operation, from_generation, **fields))


def unfinished(record, operation, from_generation=1):
    return replace(record, unfinished=make_unfinished(operation, from_generation))


SECOND = running(generation=2, instance_generation=2)


@pytest.mark.parametrize(
    ("record", "operation", "generations"),
    [
        pytest.param(make_record(), "resume", (0, 0), id="a first resume aims at no generation"),
        pytest.param(SECOND, "pause", (2, 2), id="a pause starts from the newest"),
        pytest.param(SECOND, "replace", (2, 3), id="a replace aims at the next"),
        pytest.param(held(SECOND, "replace"), "replace", (1, 2), id="a cut-off replace is gone on with"),
        pytest.param(held(SECOND, "replace", done=True), "replace", (1, 2), id="also when only its end was missing"),
        pytest.param(unfinished(SECOND, "replace"), "replace", (1, 2), id="an unfinished replace is gone on with"),
        pytest.param(held(SECOND, "resume", 1), "replace", (2, 3), id="a cut-off resume is none to go on with"),
        pytest.param(unfinished(SECOND, "pause"), "replace", (2, 3), id="nor is an unfinished pause"),
        pytest.param(held(SECOND, "replace"), "resume", (2, 2), id="a resume starts anew after a cut-off replace"),
        pytest.param(
            unfinished(held(SECOND, "interface", 2), "replace"), "replace", (1, 2), id="unless it is a single module"
        ),
        pytest.param(
            unfinished(held(SECOND, "resume", 2), "replace"), "replace", (2, 3), id="what holds the node comes first"
        ),
    ],
)
def test_generations_of_a_new_operation(record, operation, generations):
    begun = begin(record, operation)
    assert (begun.from_generation, begun.target_generation) == generations


def test_a_new_operation_holds_the_node_and_a_snapshot_of_its_configuration():
    edited = make_config(source_dest_check=False)
    begun = begin(held(running(edited), "resume"), "resume")
    assert (begun.id, begun.owner, begun.started_at, begun.expires_at) == ("op-2", "bob@ci", NOW, NOW + 300)
    assert begun.config == edited
    assert (begun.done, begun.error, begun.timings) == (False, None, {})


@pytest.mark.parametrize(
    ("operation", "desired"),
    [("resume", "running"), ("replace", "running"), ("interface", "paused")],
)
def test_taking_a_node_says_what_it_is_to_be(operation, desired):
    """A module that serves no playbook leaves that as it was."""
    taken = with_operation(unfinished(paused(), "resume"), make_operation(operation))
    assert taken.desired == desired
    assert taken.operation == make_operation(operation)


def test_a_pause_that_begins_leaves_a_node_that_should_run():
    """It may come to nothing; what the node should be is written with its first termination."""
    assert with_operation(running(), make_operation("pause", has_acted=False)).desired == "running"


@pytest.mark.parametrize("operation", ["resume", "adopt"])
def test_a_resume_takes_the_place_of_an_unfinished_operation(operation):
    assert with_operation(unfinished(paused(), "replace"), make_operation(operation)).unfinished is None


@pytest.mark.parametrize("operation", ["pause", "replace", "delete"])
def test_what_may_come_to_nothing_leaves_an_unfinished_operation_as_it_was(operation):
    before = unfinished(running(), "replace")
    assert with_operation(before, make_operation(operation)).unfinished == before.unfinished


@pytest.mark.parametrize(
    ("record", "operation", "taken_effect"),
    [
        pytest.param(running(), make_operation("pause"), False, id="a pause that has terminated nothing"),
        pytest.param(paused(), make_operation("pause"), True, id="a pause that has"),
        pytest.param(running(), make_operation("replace", has_acted=False), False, id="a replace that drains"),
        pytest.param(running(), make_operation("replace"), True, id="a replace that has acted"),
        pytest.param(running(), make_operation("delete", has_acted=False), False, id="a delete that drains"),
        pytest.param(running(), make_operation("resume", has_acted=False), True, id="a resume, from its beginning"),
        pytest.param(running(), make_operation("adopt", has_acted=False), True, id="an adoption"),
        pytest.param(running(), None, False, id="no operation"),
    ],
)
def test_when_an_operation_has_to_be_finished(record, operation, taken_effect):
    under = replace(record, operation=operation)
    assert has_taken_effect(under) == taken_effect
    assert (left_to_finish(under) is not None) == taken_effect


def test_a_replace_that_was_cut_off_during_the_drain_is_begun_again():
    drained = held(SECOND, "replace", 2, has_acted=False)
    assert begin(drained, "replace").target_generation == 3


@pytest.mark.parametrize("cut_off", [unfinished(SECOND, "replace"), held(SECOND, "replace")], ids=["ended", "held"])
@pytest.mark.parametrize("single", ["interface", "elastic_ip"])
def test_a_single_module_between_leaves_a_replace_to_go_on_with(cut_off, single):
    """Someone runs stateful_node_eni after a replace was cut off, then the replace again."""
    between = with_operation(cut_off, begin(cut_off, single))
    again = begin(replace(between, operation=None), "replace")
    assert (again.from_generation, again.target_generation) == (1, 2)


@pytest.mark.parametrize(
    ("record", "now", "take_over"),
    [
        pytest.param(running(), NOW, False, id="held by nobody"),
        pytest.param(held(running(), "pause", expires_at=NOW), NOW, False, id="the lease ends now"),
        pytest.param(held(running(), "pause", expires_at=NOW - 1), NOW, False, id="the lease has ended"),
        pytest.param(held(running(), "pause", expires_at=NOW + 300), NOW, True, id="taken over on request"),
    ],
)
def test_free(record, now, take_over):
    check_free(record, take_over=take_over, now=now)


def test_a_held_node_is_refused_until_the_second_its_lease_ends():
    with pytest.raises(NodeError) as raised:
        check_free(held(running(), "pause", expires_at=NOW + 1), take_over=False, now=NOW)
    assert raised.value.failure.code == "Busy"


@pytest.mark.parametrize(
    ("operation", "playbook"), [("pause", "pause"), ("replace", "replace"), ("interface", "resume")]
)
def test_the_busy_error_names_the_holder_the_end_and_the_very_command(operation, playbook):
    """A single module's operation has no playbook of its own; resume finishes it."""
    failure = busy("db-1", make_operation(operation, expires_at=NOW)).failure
    for words in (f"{operation}-1", "ann@laptop", "2023-11-14T22:13:20+00:00"):
        assert words in failure.message
    assert failure.next_command == Command(
        playbook=playbook, names=("db-1",), variables={"stateful_node_take_over": "true"}
    )


HOOKS = {"replace_before": "drain.yml", "replace_batch_size": "3"}


def test_the_command_repeats_what_the_user_gave():
    held = make_operation("replace", rerun=Rerun(variables=HOOKS), choices=Choices(allow_address_change=True))
    assert command_to_finish("db-1", held) == Command(
        playbook="replace", names=("db-1",), variables={"replace_allow_address_change": "true", **HOOKS}
    )


def test_a_playbook_of_the_users_own_is_run_again():
    held = make_operation("replace", rerun=Rerun(own_playbook=True, variables=HOOKS))
    assert command_to_finish("db-1", held) == Command()


@pytest.mark.parametrize(("record", "words"), [(paused(), "paused"), (make_record(), "new")])
def test_only_a_node_that_is_to_run_is_replaced(record, words):
    with pytest.raises(NodeError, match=words) as raised:
        check_replaceable(record, "replace")
    assert raised.value.failure.code == "NotRunning"
    assert raised.value.failure.next_command == Command(playbook="resume", names=("db-1",))


@pytest.mark.parametrize(("record", "goal"), [(running(), "replace"), (paused(), "resume"), (make_record(), "pause")])
def test_other_operations_take_a_node_as_it_is(record, goal):
    check_replaceable(record, goal)
