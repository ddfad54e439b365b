# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases `terminate` and `launch`: at most one instance, and never one generation too many."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.instance_actions import (
    LaunchInstance,
    ResolveLaunch,
    StartInstance,
    TerminateInstance,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.interface_actions import KeepOnTermination
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Candidate, Launch, candidates
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.plan.plan_instance import (
    plan_launch,
    plan_terminate,
)

from tests.support.builders import (
    INSTANCE,
    INTERFACE,
    make_config,
    make_instance,
    make_intent,
    make_operation,
    paused,
    running,
    see_foreign,
    see_paused,
    see_running,
)

END = TerminateInstance(instance_id=INSTANCE)
LAUNCHING = make_intent("RunInstances", 2)


def open_launch(record):
    return replace(record, intent=LAUNCHING)


@pytest.mark.parametrize(
    ("record", "observed", "last_generation", "expected"),
    [
        pytest.param(running(), see_running(), 1, [END], id="an instance of the generation is ended"),
        pytest.param(running(), see_running(), 5, [END], id="an older one is ended"),
        pytest.param(running(), see_running(), 0, [], id="a newer one is left alone"),
        pytest.param(running(), see_running("stopped"), 1, [END], id="a stopped one is ended"),
        pytest.param(running(), see_running("shutting-down"), 1, [], id="one on its way out needs no telling"),
        pytest.param(running(), see_running("terminated"), 1, [], id="one that has ended neither"),
        pytest.param(paused(), see_paused(), 1, [], id="there is none"),
        pytest.param(
            running(),
            see_running(delete_on_termination=True),
            1,
            [KeepOnTermination(phase="terminate", attachment_id="eni-attach-1"), END],
            id="the interface is protected first",
        ),
        pytest.param(
            running(), see_running(delete_on_termination=True), 0, [], id="an instance that stays needs no protection"
        ),
        pytest.param(open_launch(running()), see_running(), 2, [ResolveLaunch(generation=2)], id="found out first"),
        pytest.param(open_launch(running()), see_running(), 1, [END], id="a newer launch is left open"),
        pytest.param(open_launch(paused()), see_foreign(), 1, [], id="the holder may be the newer launch's"),
        pytest.param(
            open_launch(paused()), see_foreign(), 2, [ResolveLaunch(generation=2)], id="or the one to be ended"
        ),
        pytest.param(running(), see_foreign("terminated"), 1, [], id="a dead stranger is nobody"),
    ],
)
def test_terminate(record, observed, last_generation, expected):
    assert list(plan_terminate(record, observed, last_generation)) == expected


def launch_of(record):
    return LaunchInstance(candidates=candidates(record.wanted.launch), network_interface_id=INTERFACE)


@pytest.mark.parametrize(
    ("record", "observed", "action"),
    [
        pytest.param(paused(), see_paused(), "launch", id="without an instance one is launched"),
        pytest.param(running(), see_running(), None, id="a running one will do"),
        pytest.param(running(), see_running("pending"), None, id="a pending one will do"),
        pytest.param(running(), see_running("stopped"), "start", id="a stopped one is started"),
        pytest.param(running(), see_running("stopping"), "start", id="a stopping one is started"),
        pytest.param(running(), see_running("shutting-down"), "launch", id="one on its way out will not do"),
        pytest.param(running(), see_running("terminated"), "launch", id="one that ended will not do"),
        pytest.param(open_launch(paused()), see_paused(), "launch", id="an open launch is made again"),
        pytest.param(open_launch(paused()), see_foreign(), "launch", id="its instance may hold the interface"),
        pytest.param(
            open_launch(running()), see_running(), "launch", id="even beside an older one that EC2 still shows"
        ),
    ],
)
def test_launch(record, observed, action):
    expected = {"launch": (launch_of(record),), "start": (StartInstance(instance_id=INSTANCE),), None: ()}
    assert tuple(plan_launch(record, observed)) == expected[action]


@pytest.mark.parametrize("planned", [lambda *args: plan_terminate(*args, 1), plan_launch], ids=["terminate", "launch"])
@pytest.mark.parametrize("recorded", [paused(), running()], ids=["no instance recorded", "another one recorded"])
@pytest.mark.parametrize("state", ["pending", "running", "stopping", "stopped"])
def test_a_living_stranger_on_the_interface_is_left_alone(planned, recorded, state):
    with pytest.raises(NodeError, match=rf"{INTERFACE} is attached to instance i-foreign \({state}\)"):
        tuple(planned(recorded, see_foreign(state)))


@pytest.mark.parametrize("intent", ["CreateNetworkInterface", "AllocateAddress", "AssignPrivateIpAddresses"])
def test_only_an_open_launch_may_have_put_an_unknown_instance_there(intent):
    with pytest.raises(NodeError):
        tuple(plan_launch(replace(paused(), intent=make_intent(intent)), see_foreign()))


@pytest.mark.parametrize("intent", ["CreateNetworkInterface", "AllocateAddress", "AssignPrivateIpAddresses"])
def test_other_open_intents_neither_resolve_nor_launch(intent):
    record = replace(running(), intent=make_intent(intent))
    assert tuple(plan_launch(record, see_running())) == ()
    assert tuple(plan_terminate(record, see_running(), 1)) == (END,)


def test_the_nodes_own_instance_without_an_interface_in_sight_is_enough():
    """EC2 may not show the interface; the instance lives, and a second one must not be launched."""
    assert tuple(plan_launch(running(), Observed(instance=make_instance()))) == ()


def test_the_launch_tries_what_the_operations_snapshot_says():
    edited = make_config(launch=Launch(image_id="ami-2", instance_types=("m5.large",)))
    held = replace(paused(edited), operation=make_operation("resume"))
    assert [found.instance_type for found in next(plan_launch(held, see_paused())).candidates][:2] == [
        "t3.micro",
        "t3.small",
    ]


SPOT = [Candidate(instance_type=name, market="spot") for name in ("a", "b")]
ON_DEMAND = [Candidate(instance_type=name, market="on_demand") for name in ("a", "b")]
TEMPLATE = Candidate(instance_type=None, market="spot")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"instance_types": ("a", "b")}, SPOT + ON_DEMAND, id="every type on spot, then each on demand"),
        pytest.param({"instance_types": ("a", "b"), "fallback_to_on_demand": False}, SPOT, id="spot alone"),
        pytest.param({"instance_types": ("a", "b"), "market": "on_demand"}, ON_DEMAND, id="on demand, once"),
        pytest.param({}, [TEMPLATE, replace(TEMPLATE, market="on_demand")], id="the launch template's own type"),
    ],
)
def test_candidates_in_the_order_in_which_they_are_tried(options, expected):
    assert list(candidates(Launch(**options))) == expected
