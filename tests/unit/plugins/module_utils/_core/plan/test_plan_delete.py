# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a node: what is destroyed, what is let go, what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.takeover import command_of
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Adoption, RecordedInterface
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Choices
from ansible_collections.stateful_node.aws.plugins.module_utils._core.plan.plan_delete import check_confirmed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.plan.planner import PHASES, plan
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.drift import find_drift

from tests.support.builders import (
    ALLOCATION,
    INSTANCE,
    INTERFACE,
    NOW,
    associated,
    attached,
    make_address,
    make_instance,
    make_intent,
    make_interface,
    make_operation,
    make_record,
    names_of,
    paused,
    running,
    see_foreign,
    see_paused,
    see_running,
    with_address,
)

KEEP = Choices()
INSTANCE_ONLY = Choices(delete_instance=True)
NETWORK = Choices(delete_network_interface=True)
ADDRESS = Choices(delete_release_elastic_ip=True)
NODE = Choices(delete_instance=True, delete_network_interface=True)
ALL = Choices(delete_instance=True, delete_network_interface=True, delete_release_elastic_ip=True)
NEXT = RecordedInterface(
    network_interface_id="eni-2", private_ip_addresses=("10.0.1.77",), subnet_id="subnet-1", availability_zone="a"
)
LET_GO = "remove_own_tags"


def deleting(record, choices):
    return replace(record, operation=make_operation("delete", choices=choices))


def plan_for(record, observed, choices):
    return plan(deleting(record, choices), observed, "delete")


def with_own_address(record):
    return with_address(record, allocated=True)


def see_addressed(observed):
    return replace(observed, network_interface=associated(observed.network_interface), address=make_address(INTERFACE))


OWN_RUNNING = with_own_address(running()), see_addressed(see_running())
OWN_PAUSED = with_own_address(paused()), see_addressed(see_paused())
ENDING = ["terminate_instance"]


@pytest.mark.parametrize(
    ("node", "choices", "expected"),
    [
        pytest.param(OWN_RUNNING, KEEP, [LET_GO] * 3, id="a release lets go of instance, address and interface"),
        pytest.param(OWN_RUNNING, INSTANCE_ONLY, [*ENDING, LET_GO, LET_GO], id="only the instance ends"),
        pytest.param(
            OWN_RUNNING, NODE, [*ENDING, "disassociate_address", LET_GO, "delete_network_interface"],
            id="an address is kept without its interface",
        ),
        pytest.param(
            OWN_RUNNING, ALL, [*ENDING, "disassociate_address", "release_address", "delete_network_interface"],
            id="all that is the node's",
        ),
        pytest.param(
            OWN_PAUSED, ADDRESS, ["disassociate_address", "release_address", "delete_network_interface"],
            id="to release the address ends the interface",
        ),
        pytest.param(OWN_PAUSED, KEEP, [LET_GO] * 2, id="a paused node has no instance to let go"),
        pytest.param((running(), see_running()), KEEP, [LET_GO] * 2, id="a node without an address"),
        pytest.param((make_record(), Observed()), ALL, [], id="a node that was never resumed"),
        pytest.param((paused(), Observed()), KEEP, [], id="an interface that is lost has no tags"),
        pytest.param((paused(), Observed()), NETWORK, ["delete_network_interface"], id="but may be deleted again"),
        pytest.param(
            (running(), see_running("shutting-down")), NETWORK, ["delete_network_interface"],
            id="an instance on its way out is none to keep",
        ),
    ],
)  # fmt: skip
def test_what_becomes_of_a_nodes_things(node, choices, expected):
    planned = plan_for(*node, choices)
    assert names_of(planned.actions) == expected
    assert not planned.settled


@pytest.mark.parametrize("choices", [KEEP, ALL])
def test_the_phases_come_in_order(choices):
    phases = [action.phase for action in plan_for(*OWN_RUNNING, choices).actions]
    assert phases == sorted(phases, key=PHASES["delete"].index)


def test_an_address_that_was_given_is_neither_tagged_nor_released_and_that_is_said():
    record, observed = with_address(running()), see_addressed(see_running())
    assert names_of(plan_for(record, observed, KEEP).actions) == [LET_GO] * 2
    planned = plan_for(record, observed, ALL)
    assert "release_address" not in names_of(planned.actions)
    assert "disassociate_address" in names_of(planned.actions)
    (warning,) = planned.warnings
    assert ALLOCATION in warning
    assert "kept" in warning
    assert plan_for(*OWN_RUNNING, ALL).warnings == ()


def test_addresses_of_before_are_released_with_the_present_one():
    record = with_address(paused(), allocated=True, spare_allocation_ids=("eipalloc-8", "eipalloc-9"))
    released = [
        action.allocation_id
        for action in plan_for(record, see_addressed(see_paused()), ALL).actions
        if action.action == "release_address"
    ]
    assert released == [ALLOCATION, "eipalloc-8", "eipalloc-9"]


def test_what_carries_the_instances_tags_along_is_let_go_with_it():
    instance = make_instance(volume_ids=("vol-1", "vol-2"), spot_instance_request_id="sir-1")
    observed = replace(see_running(), instance=instance, holder=instance)
    let_go = [action.resource_id for action in plan_for(running(), observed, KEEP).actions]
    assert let_go == [INSTANCE, "vol-1", "vol-2", "sir-1", INTERFACE]


@pytest.mark.parametrize("choices", [KEEP, NETWORK])
def test_interfaces_of_a_change_of_address_end_in_any_case(choices):
    record = paused(next_interface=NEXT, previous_network_interface_id="eni-0")
    ended = names_of(plan_for(record, see_paused(), choices).actions)[:2]
    assert ended == ["discard_next_network_interface", "delete_previous_network_interface"]


def test_an_address_still_on_the_interface_that_was_left_is_taken_off_there():
    record = with_address(paused(previous_network_interface_id="eni-0"), allocated=True, association_id=None)
    observed = replace(see_paused(), address=make_address("eni-0"))
    assert names_of(plan_for(record, observed, ALL).actions)[:2] == ["disassociate_address", "release_address"]


@pytest.mark.parametrize("creating", ["CreateNetworkInterface", "AllocateAddress", "AssignPrivateIpAddresses"])
@pytest.mark.parametrize("choices", [KEEP, ALL])
def test_what_an_interrupted_run_was_about_to_create_is_ended_first(creating, choices):
    record = replace(paused(), intent=make_intent(creating))
    assert names_of(plan_for(record, see_paused(), choices).actions)[0] == "abandon_intent"


def test_an_interrupted_launch_is_found_out_and_ended():
    record = replace(paused(), intent=make_intent("RunInstances"))
    assert names_of(plan_for(record, see_paused(), NODE).actions) == ["resolve_launch", "delete_network_interface"]


ADOPTED = Adoption(network_interface_id=INTERFACE, instance_id=INSTANCE, delete_on_termination=True)
PUT_BACK = "put_back_delete_on_termination"


@pytest.mark.parametrize(
    ("adoption", "observed", "choices", "expected"),
    [
        pytest.param(ADOPTED, see_running(), KEEP, True, id="as it was"),
        pytest.param(None, see_running(), KEEP, False, id="an interface of the collection's own"),
        pytest.param(replace(ADOPTED, delete_on_termination=False), see_running(), KEEP, False, id="it was off"),
        pytest.param(ADOPTED, see_running(delete_on_termination=True), KEEP, False, id="it is on"),
        pytest.param(ADOPTED, see_running(), INSTANCE_ONLY, False, id="the instance ends"),
        pytest.param(
            replace(ADOPTED, network_interface_id="eni-0"), see_running(), KEEP, False, id="another interface by now"
        ),
        pytest.param(
            ADOPTED, replace(see_running(), network_interface=attached(make_interface(), "i-2")), KEEP, False,
            id="on an instance of somebody else's",
        ),
    ],
)  # fmt: skip
def test_delete_on_termination_is_put_back_on_a_kept_instance(adoption, observed, choices, expected):
    planned = plan_for(running(adoption=adoption), observed, choices)
    assert (PUT_BACK in names_of(planned.actions)) == expected


@pytest.mark.parametrize("operation", ["delete", "pause", "replace"])
def test_a_request_that_would_launch_again_is_cancelled_before_the_instance_ends(operation):
    record = running(adoption=replace(ADOPTED, spot_instance_request_id="sir-1"))
    held = replace(record, operation=make_operation(operation, choices=INSTANCE_ONLY, config=record.config))
    names = names_of(plan(held, see_running(), operation).actions)
    assert names.index("cancel_spot_request") < names.index("terminate_instance")


@pytest.mark.parametrize(
    ("node", "choices", "code", "words"),
    [
        pytest.param(OWN_RUNNING, NETWORK, "InstanceKept", (INSTANCE, "delete_network_interface"), id="interface"),
        pytest.param(OWN_RUNNING, ADDRESS, "InstanceKept", (INSTANCE, "delete_release_elastic_ip"), id="address"),
        pytest.param(
            (running(), see_running("stopped")), NETWORK, "InstanceKept", ("stopped",), id="a stopped one is kept too"
        ),
        pytest.param((paused(), see_foreign()), NETWORK, "NetworkInterfaceInUse", ("i-foreign",), id="foreign holder"),
        pytest.param((paused(), see_foreign()), NODE, "NetworkInterfaceInUse", ("i-foreign",), id="foreign, instance"),
        pytest.param(
            (replace(paused(), intent=make_intent("RunInstances")), see_paused()), KEEP, "LaunchUnresolved",
            ("delete_instance=true", "stateful_node.aws.resume"), id="an instance may have been launched",
        ),
        pytest.param(
            (OWN_PAUSED[0], replace(see_paused(), address=make_address("eni-9"))), ALL, "ElasticIpInUse", ("eni-9",),
            id="the address was moved",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(node, choices, code, words):
    with pytest.raises(NodeError) as raised:
        plan_for(*node, choices)
    assert raised.value.failure.code == code
    assert all(word in str(raised.value) for word in words), raised.value


def test_a_foreign_instance_does_not_keep_a_node_from_being_released():
    assert names_of(plan_for(paused(), see_foreign(), KEEP).actions) == [LET_GO]


@pytest.mark.parametrize(
    ("choices", "confirmed", "accepted"),
    [
        (KEEP, [], True),
        (ALL, ["b", "a"], True),
        *product((INSTANCE_ONLY, NETWORK, ADDRESS), ([], ["a"], ["a", "b", "c"]), (False,)),
    ],
)
def test_exactly_the_nodes_are_named_once_more_when_anything_is_destroyed(choices, confirmed, accepted):
    if accepted:
        check_confirmed(choices, ["a", "b"], confirmed)
        return
    with pytest.raises(NodeError, match="delete_confirm=a,b"):
        check_confirmed(choices, ["a", "b"], confirmed)


def test_the_command_that_finishes_a_delete_repeats_its_choices():
    assert command_of("a", "delete", NODE).variables == {
        "delete_confirm": "a",
        "delete_instance": "true",
        "delete_network_interface": "true",
    }
    assert command_of("a", "delete", KEEP).variables == {}
    change = command_of("a", "replace", Choices(allow_address_change=True))
    assert change.variables == {"replace_allow_address_change": "true"}


def test_the_command_that_finishes_an_adoption_names_what_is_adopted():
    assert command_of("a", "adopt", KEEP, adoption=ADOPTED).variables == {"adopt_instance_id": INSTANCE}
    free = replace(ADOPTED, instance_id=None)
    assert command_of("a", "adopt", KEEP, adoption=free).variables == {"adopt_network_interface_id": INTERFACE}


def test_a_delete_that_was_cut_off_is_finished_with_its_own_choices():
    held = replace(running(), operation=make_operation("delete", choices=NODE, expires_at=NOW))
    (drift,) = find_drift(held, see_running(), NOW)
    assert drift.reason == "lease_expired"
    assert "-e delete_confirm=db-1 -e delete_instance=true -e delete_network_interface=true" in drift.sentence(Reach())
