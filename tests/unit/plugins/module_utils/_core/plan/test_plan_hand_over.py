# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hand-over from wherever it was cut off, by every operation: never a second standby, never the old one first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import RecordedInstance, promoted
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Attachment, Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Choices
from ansible_collections.stateful_node.aws.plugins.module_utils._core.plan.planner import PHASES, plan, plan_phase
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.drift import find_drift
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.node_results import node_result

from tests.support.builders import (
    FOREIGN,
    INSTANCE,
    INTERFACE,
    NOW,
    make_config,
    make_instance,
    make_intent,
    make_interface,
    make_operation,
    make_unfinished,
    names_of,
    running,
)

CONFIG = make_config(handover="prelaunch")
STANDBY, PREVIOUS = "i-standby", "i-previous"


def standby(generation=2):
    return RecordedInstance(
        instance_id=STANDBY, generation=generation, launched_at=NOW, instance_type="t3.micro", market="spot",
        primary_network_interface_id="eni-standby",
    )  # fmt: skip


def node(config=CONFIG, **identity):
    """A running node of one launch, its interface at device 1."""
    return running(config, **{"device_index": 1, "primary_network_interface_id": "eni-0", **identity})


def with_standby(generation=2, **identity):
    return node(generation=generation, standby=standby(generation), **identity)


def launching(number=2):
    intent = replace(make_intent("RunInstances", number), role="standby", launch={})
    return replace(node(generation=number), intent=intent)


def cut_off(record):
    """The record once a replace was begun from the first generation and given back."""
    return replace(record, unfinished=make_unfinished("replace", 1))


def see(holder=INSTANCE, state="running", *, beside=None, previous=None, device_index=1):
    attachment = Attachment(
        attachment_id="eni-attach-1", instance_id=holder, device_index=device_index, delete_on_termination=False
    )
    interface = make_interface()
    if holder:
        interface = replace(interface, status="in-use", attachment=attachment)
    instance = make_instance(state)
    others = {STANDBY: beside, PREVIOUS: previous, INSTANCE: state, FOREIGN: "running"}
    return Observed(
        network_interface=interface,
        instance=instance,
        holder=make_instance(others[holder] or "running", holder) if holder else None,
        standby=make_instance(beside, STANDBY) if beside else None,
        previous=make_instance(previous, PREVIOUS) if previous else None,
    )


def steps(record, observed, goal):
    planned = plan(record, observed, goal)
    return {phase: names_of(planned.of_phase(phase)) for phase in PHASES[goal] if planned.of_phase(phase)}


MOVE = ["move_network_interface", "promote_standby", "terminate_previous_instance"]
HAND_OVER = {"prelaunch": ["launch_standby"], "launch": MOVE}
ORDINARY = {"terminate": ["terminate_instance"], "launch": ["launch_instance", "attach_network_interface"]}

REPLACES = {
    "from the beginning": (node(), see(), HAND_OVER),
    "a launch that is not resolved": (cut_off(launching()), see(), HAND_OVER),
    "the standby runs": (cut_off(with_standby()), see(beside="running"), {"launch": MOVE}),
    "the interface is on its way": (cut_off(with_standby()), see(None, beside="running"), {"launch": MOVE}),
    "the interface is there": (
        cut_off(with_standby()),
        see(STANDBY, beside="running"),
        {"launch": ["terminate_previous_instance"]},
    ),
    "promoted": (
        cut_off(node(instance_generation=2, generation=2, previous_instance_id=PREVIOUS)),
        see(previous="running"),
        {"launch": ["terminate_previous_instance"]},
    ),
    "the standby died": (
        cut_off(with_standby()),
        see(beside="terminated"),
        {"prelaunch": ["discard_standby", "launch_standby"], "launch": MOVE},
    ),
    "the standby died, the interface nowhere": (
        cut_off(with_standby()),
        see(None, beside="terminated"),
        {"prelaunch": ["attach_network_interface", "discard_standby", "launch_standby"], "launch": MOVE},
    ),
    "the old one died": (cut_off(with_standby()), see(None, "terminated", beside="running"), {"launch": MOVE}),
    "both died": (
        cut_off(with_standby()),
        see(None, "terminated", beside="terminated"),
        {"terminate": ["discard_standby"], "launch": ["launch_instance", "attach_network_interface"]},
    ),
    "a standby of an earlier operation": (
        with_standby(),
        see(beside="running"),
        {"prelaunch": ["discard_standby", "launch_standby"], "launch": MOVE},
    ),
    "an earlier hand-over's old instance": (
        node(previous_instance_id=PREVIOUS),
        see(previous="running"),
        {"prelaunch": ["terminate_previous_instance", "launch_standby"], "launch": MOVE},
    ),
    "at device 0 still": (node(device_index=None), see(device_index=0), ORDINARY),
    "the instance is gone": (
        node(),
        see(None, "terminated"),
        {"launch": ["launch_instance", "attach_network_interface"]},
    ),
    "not wanted any more": (
        node(make_config()),
        see(),
        {"terminate": ["terminate_instance"], "launch": ["launch_instance"]},
    ),
}


@pytest.mark.parametrize("case", REPLACES)
def test_replace(case):
    record, observed, expected = REPLACES[case]
    assert steps(record, observed, "replace") == expected


RESUMES = {
    "all is well": (node(), see(), {}),
    "the interface is nowhere": (node(), see(None), {"launch": ["attach_network_interface"]}),
    "a launch that is not resolved": (launching(), see(), {"launch": ["discard_standby"]}),
    "the standby runs for nothing": (with_standby(), see(beside="running"), {"launch": ["discard_standby"]}),
    "the interface is on its way": (with_standby(), see(None, beside="running"), {"launch": MOVE}),
    "the interface is there": (
        with_standby(),
        see(STANDBY, beside="running"),
        {"launch": ["terminate_previous_instance"]},
    ),
    "the old one died": (with_standby(), see(None, "terminated", beside="running"), {"launch": MOVE}),
    "the old one died during the launch": (
        launching(),
        see(None, "terminated"),
        {"launch": ["launch_standby", *MOVE]},
    ),
    "both died": (
        with_standby(),
        see(None, "terminated", beside="terminated"),
        {"launch": ["discard_standby", "launch_instance", "attach_network_interface"]},
    ),
    "the old one is left": (
        node(previous_instance_id=PREVIOUS),
        see(previous="running"),
        {"launch": ["terminate_previous_instance"]},
    ),
    "the new one died, the old one is left": (
        node(previous_instance_id=PREVIOUS),
        see(None, "terminated", previous="running"),
        {"launch": ["terminate_previous_instance", "launch_instance", "attach_network_interface"]},
    ),
    "stopped": (node(), see(None, "stopped"), {"launch": ["start_instance", "attach_network_interface"]}),
}


@pytest.mark.parametrize("case", RESUMES)
def test_resume(case):
    record, observed, expected = RESUMES[case]
    assert steps(record, observed, "resume") == expected


PAUSES = {
    "all is well": (node(), see(), ["terminate_instance"]),
    "a launch that is not resolved": (launching(), see(), ["resolve_launch", "terminate_instance"]),
    "the standby runs": (with_standby(), see(beside="running"), ["discard_standby", "terminate_instance"]),
    "the interface is at the standby": (
        with_standby(),
        see(STANDBY, beside="running"),
        ["terminate_previous_instance", "terminate_instance"],
    ),
    "the old one is left": (
        node(previous_instance_id=PREVIOUS),
        see(previous="running"),
        ["terminate_previous_instance", "terminate_instance"],
    ),
}


@pytest.mark.parametrize("case", PAUSES)
def test_pause(case):
    record, observed, expected = PAUSES[case]
    assert steps(record, observed, "pause") == {"terminate": [*expected, "set_desired"]}


def test_what_is_carried_out_by_itself_launches_what_no_phase_before_it_has():
    assert names_of(plan_phase(node(), see(), "replace", "launch")) == ["launch_standby", *MOVE]
    assert plan_phase(node(), see(), "replace", "terminate") == ()


def test_another_address_ends_the_instance_first():
    choices = Choices(allow_address_change=True)
    config = make_config(handover="prelaunch", private_ip_address="10.0.1.99")
    record = replace(node(config), operation=make_operation("replace", config=config, choices=choices))
    assert "terminate_instance" in steps(record, see(), "replace")["terminate"]


def test_a_foreign_instance_on_the_interface_is_left_alone():
    for goal in ("resume", "replace", "pause"):
        with pytest.raises(NodeError, match=FOREIGN):
            plan(with_standby(), see(FOREIGN, "terminated", beside="terminated"), goal)


@pytest.mark.parametrize("record", [with_standby(), node(previous_instance_id=PREVIOUS), launching()])
def test_one_of_two_instances_is_not_released(record):
    record = replace(record, operation=make_operation("delete"))
    with pytest.raises(NodeError):
        plan(record, see(beside="running", previous="running"), "delete")
    destroying = replace(record.operation, choices=Choices(delete_instance=True))
    names = names_of(plan(replace(record, operation=destroying), see(beside="running"), "delete").actions)
    assert "terminate_instance" in names


def test_a_promotion_swaps_the_instances_in_one_go():
    identity = promoted(with_standby().identity)
    assert (identity.instance_id, identity.instance_generation) == (STANDBY, 2)
    assert identity.standby is None
    assert identity.previous_instance.instance_id == INSTANCE
    assert (identity.network_interface_id, identity.instance.primary_network_interface_id) == (INTERFACE, "eni-standby")


@pytest.mark.parametrize(
    ("record", "observed", "reasons"),
    [
        (node(), see(), []),
        (node(), see(None), ["interface_detached"]),
        (with_standby(), see(beside="running"), ["hand_over_unfinished"]),
        (with_standby(), see(STANDBY, beside="running"), ["hand_over_unfinished"]),
        (node(previous_instance_id=PREVIOUS), see(previous="running"), ["hand_over_unfinished"]),
        (launching(), see(), ["hand_over_unfinished"]),
    ],
)
def test_drift(record, observed, reasons):
    assert [drift.reason for drift in find_drift(record, observed, NOW)] == reasons


def test_whoever_has_the_interface_is_shown_as_the_nodes_instance():
    assert node_result(with_standby(), see(STANDBY, beside="running"), now=NOW)["instance_id"] == STANDBY


@pytest.mark.parametrize(
    ("record", "pending"),
    [
        (node(), []),
        (node(make_config()), [("handover", "prelaunch", "terminate")]),
        (node(device_index=None), [("handover", "terminate", "prelaunch")]),
        (node(device_index=None, instance_id=None), []),
    ],
)
def test_pending(record, pending):
    shown = node_result(record, see(), now=NOW)["pending"]
    assert [(item["option"], item["current"], item["wanted"]) for item in shown] == pending
