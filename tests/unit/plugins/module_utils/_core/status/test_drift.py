# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: every difference has a reason, and what is no difference has none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.tagged import Tagged
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.drift import (
    find_drift,
    record_missing,
)

from tests.support.builders import (
    ALLOCATION,
    FOREIGN,
    INSTANCE,
    INTERFACE,
    NOW,
    PRIMARY,
    PUBLIC_IP,
    attached,
    make_address,
    make_config,
    make_instance,
    make_intent,
    make_interface,
    make_operation,
    make_record,
    make_unfinished,
    paused,
    running,
    see_foreign,
    see_paused,
    see_running,
    with_address,
)

GIVEN = with_address(running(make_config(elastic_ip=ALLOCATION)))
ON_INTERFACE = see_running(address=make_address(INTERFACE))


def reasons(record, observed):
    return [drift.reason for drift in find_drift(record, observed, NOW)]


@pytest.mark.parametrize(
    ("record", "observed", "expected"),
    [
        pytest.param(make_record(), Observed(), [], id="a new node"),
        pytest.param(paused(), see_paused(), [], id="a paused node"),
        pytest.param(running(), see_running(), [], id="a running node"),
        pytest.param(running(), see_running("pending"), ["operation_unfinished"], id="a node that boots"),
        pytest.param(GIVEN, ON_INTERFACE, [], id="a node with its Elastic IP"),
        pytest.param(paused(), see_paused(instance=make_instance("terminated")), [], id="a node paused just now"),
        pytest.param(paused(), Observed(), ["interface_missing"], id="the interface was deleted"),
        pytest.param(paused(), see_foreign(), ["interface_in_use_elsewhere"], id="somebody's instance took it"),
        pytest.param(paused(), see_foreign("stopped"), ["interface_in_use_elsewhere"], id="even a stopped one"),
        pytest.param(
            paused(), see_foreign("shutting-down"), ["operation_unfinished"], id="but one on its way out gives it back"
        ),
        pytest.param(
            paused(instance_id="i-1"), see_running("shutting-down"), ["operation_unfinished"], id="a pause ended early"
        ),
        pytest.param(
            paused(instance_id="i-1"), see_running(), ["operation_unfinished"], id="a paused node whose instance runs"
        ),
        pytest.param(
            replace(running(), unfinished=make_unfinished("pause")), see_running(), [], id="a pause that ended nothing"
        ),
        pytest.param(
            replace(running(), unfinished=make_unfinished("delete")),
            see_running(),
            ["operation_unfinished"],
            id="a delete ended early",
        ),
        pytest.param(
            paused(private_ip_address="10.0.1.77"), see_paused(), ["address_changed"], id="the address is another one"
        ),
        pytest.param(running(), see_running("stopped"), ["instance_stopped"], id="somebody stopped the instance"),
        pytest.param(running(), see_running("stopping"), ["instance_stopped"], id="somebody is stopping it"),
        pytest.param(running(), see_running("shutting-down"), ["instance_missing"], id="the instance is going"),
        pytest.param(running(), see_running("terminated"), ["instance_missing"], id="the instance is gone"),
        pytest.param(running(), see_paused(), ["instance_missing"], id="EC2 has forgotten the instance"),
        pytest.param(running(instance_id=None), see_paused(), ["instance_missing"], id="none was ever launched"),
        pytest.param(
            GIVEN, see_running(address=make_address()), ["elastic_ip_moved"], id="the Elastic IP is on nothing"
        ),
        pytest.param(
            GIVEN, see_running(address=make_address("eni-foreign")), ["elastic_ip_moved"], id="or on something else"
        ),
        pytest.param(GIVEN, see_running(), ["elastic_ip_moved"], id="or was released"),
        pytest.param(
            running(make_config(elastic_ip=ALLOCATION)),
            see_running(address=make_address()),
            [],
            id="an Elastic IP that was never associated is a wish, not a promise",
        ),
        pytest.param(
            running(),
            see_running(delete_on_termination=True),
            ["delete_on_termination_set"],
            id="unprotected interface",
        ),
        pytest.param(
            paused(make_config(security_groups=("sg-2",))), see_paused(), ["security_groups_differ"], id="other groups"
        ),
        pytest.param(paused(make_config(security_groups=())), see_paused(), [], id="no groups configured"),
        pytest.param(replace(paused(), operation=make_operation("resume")), Observed(), [], id="an operation is at it"),
        pytest.param(
            replace(paused(), operation=make_operation("resume", expires_at=NOW)),
            Observed(),
            ["lease_expired"],
            id="an operation was at it",
        ),
    ],
)
def test_reasons(record, observed, expected):
    assert reasons(record, observed) == expected


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
def test_an_interruption_is_told_from_other_losses(state):
    taken = make_instance(state, state_reason="Server.SpotInstanceTermination")
    assert reasons(running(), see_paused(instance=taken)) == ["interrupted"]


def test_groups_are_compared_whatever_their_order():
    record = paused(make_config(security_groups=("sg-2", "sg-1")))
    assert reasons(record, see_paused(network_interface=make_interface(security_groups=("sg-1", "sg-2")))) == []


def test_only_groups_leave_a_node_as_healthy_as_it_was():
    """Each of the others needs a person, or an operation."""
    groups = find_drift(paused(make_config(security_groups=("sg-2",))), see_paused(), NOW)
    assert [drift.degrades for drift in groups] == [False]
    others = find_drift(running(), Observed(), NOW)
    assert [drift.degrades for drift in others] == [True, True]


@pytest.mark.parametrize(
    ("record", "observed", "words"),
    [
        (paused(), Observed(), (INTERFACE, PRIMARY)),
        (paused(), see_foreign(), (FOREIGN, INTERFACE)),
        (paused(private_ip_address="10.0.1.77"), see_paused(), ("10.0.1.77", PRIMARY)),
        (running(), see_running("stopped"), (INSTANCE, "Resume the node")),
        (GIVEN, see_running(address=make_address("eni-9")), (PUBLIC_IP, "eni-9", INTERFACE)),
        (GIVEN, see_running(), ("released",)),
        (GIVEN, see_running(address=make_address()), ("is on nothing and",)),
        (paused(make_config(security_groups=("sg-2",))), see_paused(), ("sg-1", "sg-2")),
        (
            replace(paused(), operation=make_operation("pause", expires_at=0)),
            Observed(),
            ("pause-1", "ann@laptop", "Run the pause playbook"),
        ),
    ],
)
def test_messages_name_what_is_meant(record, observed, words):
    message = find_drift(record, observed, NOW)[0].sentence(Reach())
    for expected in words:
        assert expected in message


def test_several_differences_are_all_told():
    interface = attached(make_interface(), FOREIGN, delete_on_termination=True)
    observed = Observed(network_interface=interface, holder=make_instance(instance_id=FOREIGN))
    expected = ["interface_in_use_elsewhere", "instance_missing", "elastic_ip_moved", "delete_on_termination_set"]
    assert reasons(GIVEN, observed) == expected


def test_an_address_that_was_taken_off_has_not_moved():
    """It is the node's own, and waits to be associated again."""
    record = with_address(running(make_config(elastic_ip="new")), allocated=True, association_id=None)
    assert reasons(record, see_running(address=make_address())) == []


def test_another_open_intent_explains_no_stranger():
    record = replace(paused(), intent=make_intent("AllocateAddress"))
    assert reasons(record, see_foreign()) == ["interface_in_use_elsewhere"]


def test_an_edited_elastic_ip_is_no_address_that_moved():
    """The one the node was given is where it belongs, and the next resume exchanges it."""
    record = with_address(running(make_config(elastic_ip="eipalloc-2")))
    observed = see_running(address=make_address(allocation_id="eipalloc-2", public_ip="198.51.100.2"))
    assert reasons(record, observed) == []


def test_the_instance_of_an_open_launch_is_no_stranger():
    """The launch's reply was lost and the operation given back: the next resume finds out."""
    record = replace(running(instance_id=None, generation=2), intent=make_intent("RunInstances", 2))
    assert "interface_in_use_elsewhere" not in reasons(record, see_foreign())


def test_a_single_modules_lease_is_finished_by_a_playbook_that_exists():
    record = replace(paused(), operation=make_operation("interface", expires_at=0))
    assert "the interface playbook" not in find_drift(record, Observed(), NOW)[0].sentence(Reach())


@pytest.mark.parametrize("record", [running(), paused()], ids=["running", "paused"])
def test_another_instance_with_the_nodes_tags_is_told(record):
    observed = see_running() if record.desired == "running" else see_paused()
    (drift,) = find_drift(record, replace(observed, others=(make_instance(instance_id=FOREIGN),)), NOW)
    assert (drift.reason, drift.degrades, drift.repairable) == ("two_instances", True, False)
    assert f"instance {FOREIGN}" in drift.message
    assert "ansible-playbook stateful_node.aws.orphans" in drift.sentence(Reach())
    assert "orphans_delete" not in drift.sentence(Reach())


def test_what_is_left_of_a_node_without_a_record_is_named_with_the_way_out():
    drift = record_missing("db-1", Tagged(network_interfaces=(make_interface(),)))
    assert (drift.reason, drift.degrades, drift.repairable) == ("record_missing", True, False)
    assert "repair_rebuild=true" in drift.sentence(Reach())
    assert f"interface {INTERFACE}" in drift.message
    assert "orphans_delete" not in drift.sentence(Reach())
    assert "rebuild" not in record_missing("db-1", Tagged(addresses=(make_address(),))).sentence(Reach())


@pytest.mark.parametrize(
    ("record", "observed", "repairable"),
    [
        (paused(), Observed(), True),
        (paused(), see_foreign(), False),
        (paused(private_ip_address="10.0.1.77"), see_paused(), False),
        (running(), see_running("stopped"), True),
        (running(), see_running("terminated"), True),
        (running(), see_running(delete_on_termination=True), True),
        (GIVEN, see_running(address=make_address()), True),
        (GIVEN, see_running(address=make_address("eni-9")), False),
        (GIVEN, see_running(), False),
        (paused(make_config(security_groups=("sg-2",))), see_paused(), True),
        (replace(paused(), operation=make_operation("replace", expires_at=0)), Observed(), True),
        (replace(paused(), operation=make_operation("interface", expires_at=0)), Observed(), True),
        (replace(paused(), operation=make_operation("interface_absent", expires_at=0)), Observed(), False),
        (replace(paused(), operation=make_operation("delete", expires_at=0)), Observed(), False),
    ],
)
def test_only_what_takes_nothing_from_anybody_is_mended_without_a_person(record, observed, repairable):
    (drift,) = find_drift(record, observed, NOW)
    assert drift.repairable == repairable


def test_a_paused_node_is_not_told_to_resume():
    """That would start it, and cost."""
    (drift,) = find_drift(paused(), Observed(), NOW)
    assert "resume" not in drift.sentence(Reach())
    assert "ansible-playbook stateful_node.aws.repair -e stateful_nodes=db-1" in drift.sentence(Reach())


@pytest.mark.parametrize(
    ("record", "observed"),
    [
        (paused(), Observed()),
        (paused(), see_foreign()),
        (paused(private_ip_address="10.0.1.77"), see_paused()),
        (running(), see_running("stopped")),
        (running(), see_running("terminated")),
        (running(), see_running(delete_on_termination=True)),
        (running(), see_running(others=(make_instance(instance_id=FOREIGN),))),
        (GIVEN, see_running(address=make_address())),
        (GIVEN, see_running(address=make_address("eni-9"))),
        (paused(make_config(security_groups=("sg-2",))), see_paused()),
        (replace(paused(), operation=make_operation("interface", expires_at=0)), Observed()),
    ],
)
def test_every_message_has_the_command_that_helps_on_the_nodes_own_table(record, observed):
    (drift,) = find_drift(record, observed, NOW)
    sentence = drift.sentence(Reach(table="staging"))
    assert "ansible-playbook stateful_node.aws." in sentence
    assert "-e stateful_node_table_name=staging" in sentence
