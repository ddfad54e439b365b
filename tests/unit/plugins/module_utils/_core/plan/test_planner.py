# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: what each operation consists of, from every state that a crash may have left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.instance_actions import (
    LaunchInstance,
    ResolveLaunch,
    TerminateInstance,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.interface_actions import (
    CreateNetworkInterface,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.plan.planner import (
    PHASES,
    last_generation_to_end,
    plan,
    plan_phase,
)

from tests.support.builders import (
    INSTANCE,
    INTERFACE,
    PRIMARY,
    make_address,
    make_config,
    make_instance,
    make_intent,
    make_interface,
    make_operation,
    make_record,
    make_unfinished,
    names_of,
    paused,
    running,
    see_foreign,
    see_paused,
    see_running,
    with_address,
)
from tests.support.identities import make_identity_of

CREATE, LAUNCH, START = "create_network_interface", "launch_instance", "start_instance"
RESOLVE, TERMINATE, KEEP = "resolve_launch", "terminate_instance", "keep_on_termination"
DESIRED = "set_desired"
LAUNCHING = make_intent("RunInstances", 2)
CREATING = make_intent("CreateNetworkInterface", 1)


def case(behaviour, record, observed, *actions):
    return pytest.param(record, observed, list(actions), id=behaviour)


@pytest.mark.parametrize(
    ("record", "observed", "expected"),
    [
        case("new node gets interface and instance", make_record(), Observed(), DESIRED, CREATE, LAUNCH),
        case("paused node is launched", paused(), see_paused(), DESIRED, LAUNCH),
        case("running node stays", running(), see_running()),
        case("pending instance is enough", running(), see_running("pending")),
        case("stopped instance is started", running(), see_running("stopped"), START),
        case("stopping instance is started", running(), see_running("stopping"), START),
        case("instance on its way out is replaced", running(), see_running("shutting-down"), LAUNCH),
        case("lost instance is replaced", running(), see_running("terminated"), LAUNCH),
        case("forgotten instance is replaced", running(), see_paused(), LAUNCH),
        case("lost interface is made anew", paused(), Observed(), DESIRED, CREATE, LAUNCH),
        case(
            "open creation is replayed, though EC2 shows the lost interface again",
            replace(paused(), intent=CREATING), see_paused(), DESIRED, CREATE, LAUNCH,
        ),
        case(
            "open launch is replayed, whoever holds the interface",
            replace(paused(generation=2), intent=LAUNCHING), see_foreign(), DESIRED, LAUNCH,
        ),
        case(
            "open launch is replayed rather than a stopped instance started",
            replace(running(generation=2), intent=LAUNCHING), see_running("stopped"), LAUNCH,
        ),
        case("dead foreign instance is no obstacle", paused(), see_foreign("terminated"), DESIRED, LAUNCH),
        case("foreign instance on its way out is no obstacle", paused(), see_foreign("shutting-down"), DESIRED, LAUNCH),
        case(
            "unprotected interface is protected",
            running(), see_running(delete_on_termination=True), KEEP,
        ),
    ],
)  # fmt: skip
def test_resume(record, observed, expected):
    assert names_of(plan(record, observed, "resume").actions) == expected


@pytest.mark.parametrize(
    ("record", "observed", "expected"),
    [
        case("never resumed node only notes the wish", make_record(), Observed(), DESIRED),
        case("running instance is terminated", running(), see_running(), TERMINATE, DESIRED),
        case("pending instance is terminated", running(), see_running("pending"), TERMINATE, DESIRED),
        case("stopped instance is terminated", running(), see_running("stopped"), TERMINATE, DESIRED),
        case("instance on its way out is left to go", running(), see_running("shutting-down"), DESIRED),
        case("paused node stays", paused(), see_paused()),
        case(
            "interface is protected before the instance ends",
            running(), see_running(delete_on_termination=True), KEEP, TERMINATE, DESIRED,
        ),
        case(
            "open launch is found out first",
            replace(paused(generation=2), intent=LAUNCHING), see_paused(), RESOLVE,
        ),
        case(
            "instance of an open launch is not foreign",
            replace(paused(generation=2), intent=LAUNCHING), see_foreign(), RESOLVE,
        ),
        case("open creation is none of its business", replace(paused(), intent=CREATING), see_paused()),
        case(
            "lost interface keeps nobody from pausing",
            running(), see_running(network_interface=None), TERMINATE, DESIRED,
        ),
    ],
)  # fmt: skip
def test_pause(record, observed, expected):
    assert names_of(plan(record, observed, "pause").actions) == expected


def replacing(record, from_generation=1):
    return replace(record, operation=make_operation("replace", from_generation))


def second(record):
    """The record once the replacement's instance, generation 2, is written down."""
    return replace(record, identity=make_identity_of(record.identity, generation=2, instance_generation=2))


SECOND_OPEN = replace(paused(generation=2), desired="running", intent=LAUNCHING)


@pytest.mark.parametrize(
    ("record", "observed", "expected"),
    [
        case("running node", running(), see_running(), TERMINATE, LAUNCH),
        case("stopped instance is terminated, not started", running(), see_running("stopped"), TERMINATE, LAUNCH),
        case(
            "unprotected interface is protected once",
            running(), see_running(delete_on_termination=True), KEEP, TERMINATE, LAUNCH,
        ),
        case("cut off before the termination", replacing(running()), see_running(), TERMINATE, LAUNCH),
        case("cut off while the old one ends", replacing(running()), see_running("shutting-down"), LAUNCH),
        case("cut off after the termination", replacing(running(instance_id=None)), see_paused(), LAUNCH),
        case("cut off in the launch, instance made", replacing(SECOND_OPEN), see_foreign(), LAUNCH),
        case("cut off in the launch, none made", replacing(SECOND_OPEN), see_paused(), LAUNCH),
        case("cut off after the launch", replacing(second(running())), see_running()),
        case("cut off while the new one boots", replacing(second(running())), see_running("pending")),
        case("new one lost meanwhile", replacing(second(running())), see_running("terminated"), LAUNCH),
        case("new one stopped meanwhile", replacing(second(running())), see_running("stopped"), START),
        case("next replace after a finished one", second(running()), see_running(), TERMINATE, LAUNCH),
        case(
            "given back unfinished, then gone on with",
            replace(second(running()), unfinished=make_unfinished("replace")), see_running(),
        ),
        case(
            "an unfinished resume protects no instance",
            replace(second(running()), unfinished=make_unfinished("resume")), see_running(), TERMINATE, LAUNCH,
        ),
        case(
            "a cut-off resume protects no instance",
            replace(second(running()), operation=make_operation("resume", 2)), see_running(), TERMINATE, LAUNCH,
        ),
        case("launch of an earlier run is found out first", SECOND_OPEN, see_foreign(), RESOLVE, LAUNCH),
        case(
            "launch that the replace met when it began is found out first",
            replacing(SECOND_OPEN, 2), see_foreign(), RESOLVE, LAUNCH,
        ),
    ],
)  # fmt: skip
def test_replace(record, observed, expected):
    assert names_of(plan(record, observed, "replace").actions) == expected


@pytest.mark.parametrize("goal", ["resume", "pause", "replace"])
@pytest.mark.parametrize("state", ["pending", "running", "stopping", "stopped"])
def test_a_living_foreign_instance_on_the_interface_stops_every_operation(goal, state):
    """The error names the holder, so that the user can end it."""
    with pytest.raises(NodeError, match="i-foreign") as raised:
        plan(paused(), see_foreign(state), goal)
    assert raised.value.failure.code == "NetworkInterfaceInUse"


@pytest.mark.parametrize(
    ("goal", "observed", "settled"),
    [
        ("resume", see_running("pending"), False),
        ("replace", see_running("pending"), False),
        ("resume", see_running(), True),
        ("pause", see_running("shutting-down"), False),
        ("pause", see_paused(network_interface=make_interface(status="pending")), False),
        ("pause", see_paused(), False),  # the instance that is recorded has not been seen to end
        ("interface", see_running("pending"), True),
    ],
)
def test_a_plan_is_settled_once_ec2_is(goal, observed, settled):
    """An operation with nothing to do but to wait is work all the same."""
    assert plan(running(), observed, goal).settled is settled


@pytest.mark.parametrize("goal", [goal for goal in PHASES if goal != "interface_absent"])
def test_every_action_belongs_to_a_phase_of_its_goal_and_phases_keep_their_order(goal):
    """A module carries out its own phase: none may be left over, none come before what it builds on."""
    record = running(make_config(elastic_ip="new", source_dest_check=False))
    observed = see_running("stopped", delete_on_termination=True)
    order = [("record", *PHASES[goal]).index(action.phase) for action in plan(record, observed, goal).actions]
    assert order == sorted(order)


def test_the_actions_of_a_phase_are_taken_in_order():
    actions = plan(running(), see_running(delete_on_termination=True), "replace")
    assert names_of(actions.of_phase("terminate")) == [KEEP, TERMINATE]
    assert names_of(actions.of_phase("launch")) == [LAUNCH]


def test_an_operation_works_on_its_own_snapshot_of_the_configuration():
    """An edit during the operation waits for the next one."""
    edited = make_config(source_dest_check=False)
    held = replace(running(edited), operation=make_operation("resume"))
    assert plan(held, see_running(), "resume").actions == ()
    assert names_of(plan(running(edited), see_running(), "resume").actions) == ["set_source_dest_check"]


def test_the_actions_say_what_they_will_touch():
    """Ids that are known stand in the actions; one of a thing yet to be made does not."""
    actions = plan(running(), see_running(), "replace").actions
    assert actions[0] == TerminateInstance(instance_id=INSTANCE)
    assert isinstance(actions[1], LaunchInstance)
    assert actions[1].network_interface_id == INTERFACE
    created, launched = plan(make_record(desired="running"), Observed(), "resume").actions
    assert created == CreateNetworkInterface(subnet_id="subnet-1")
    assert launched.public("db-1")["network_interface_id"] is None


def test_an_interface_made_anew_names_the_one_it_replaces_and_asks_for_its_address():
    created = plan(paused(), Observed(), "interface").actions[0]
    assert created == CreateNetworkInterface(subnet_id="subnet-1", private_ip_address=PRIMARY, replaces=INTERFACE)


def test_the_launch_to_find_out_about_is_named_by_its_generation():
    assert plan(SECOND_OPEN, see_paused(), "pause").of_phase("terminate")[0] == ResolveLaunch(generation=2)


@pytest.mark.parametrize(
    ("goal", "phases"),
    [
        ("resume", ["interface", "elastic_ip", "launch"]),
        ("replace", ["terminate", "interface", "elastic_ip", "launch"]),
        ("pause", ["terminate", "terminate"]),
    ],
)
def test_the_elastic_ip_is_associated_with_the_interface_before_the_launch(goal, phases):
    """Everything differs that can: each operation mends what its phases are about."""
    record = running(make_config(elastic_ip="eipalloc-1", source_dest_check=False))
    observed = replace(see_running("stopped"), address=make_address())
    assert [action.phase for action in plan(record, observed, goal).actions] == phases


@pytest.mark.parametrize(("release", "expected"), [({}, []), ({"release": True}, ["release_address"])])
def test_an_address_is_released_only_when_told_to(release, expected):
    taken_off = with_address(paused(), allocated=True, association_id=None)
    planned = plan(taken_off, see_paused(), "elastic_ip_absent", **release)
    assert (names_of(planned.actions), planned.settled) == (expected, True)


def test_the_interface_is_deleted_only_by_its_own_goal():
    planned = plan(paused(), see_paused(), "interface_absent")
    assert (names_of(planned.actions), planned.settled) == (["delete_network_interface"], True)


@pytest.mark.parametrize("goal", ["interface", "elastic_ip", "interface_absent", "elastic_ip_absent"])
def test_the_goals_of_single_modules_touch_no_instance_and_no_wish(goal):
    actions = plan(paused(), see_paused(instance=make_instance("terminated")), goal).actions
    assert {action.phase for action in actions} <= {"interface", "elastic_ip"}


@pytest.mark.parametrize(
    ("record", "goal", "generation"),
    [
        pytest.param(running(generation=4), "pause", 4, id="pause ends all there are"),
        pytest.param(running(generation=4), "replace", 4, id="a new replace ends all there are"),
        pytest.param(replacing(running(generation=4), 3), "replace", 3, id="a replace ends what it found"),
        pytest.param(
            replacing(running(generation=4), 3), "pause", 4, id="a pause ends what a cut-off replace launched"
        ),
    ],
)
def test_which_generations_are_ended(record, goal, generation):
    assert last_generation_to_end(record, goal) == generation


def test_an_instance_that_was_terminated_does_not_count_while_ec2_still_shows_it():
    """EC2's answers may be older than the termination: the replace launches all the same."""
    replacing = replace(running(), operation=make_operation("replace"))
    assert names_of(plan_phase(replacing, see_running(), "replace", "launch")) == [LAUNCH]
