# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each kind of action leads to, where the convergence of plans does not already depend on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.address_change_actions import (
    CreateNextInterface,
    SwapInterface,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.base_action import predict
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.elastic_ip_actions import (
    AllocateAddress,
    AssociateAddress,
    DisassociateAddress,
    ReleaseAddress,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.hand_over_actions import (
    LaunchStandby,
    MoveNetworkInterface,
    PromoteStandby,
    TerminatePreviousInstance,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.instance_actions import (
    LaunchInstance,
    TerminateInstance,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.interface_actions import (
    DeleteNetworkInterface,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.ownership_actions import (
    CancelSpotRequest,
    RemoveOwnTags,
    SetOwnTags,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.state import State
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Candidate
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Adoption
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import NAME

from tests.support.builders import (
    ALLOCATION,
    ASSOCIATION,
    INSTANCE,
    INTERFACE,
    make_address,
    make_intent,
    paused,
    running,
    see_paused,
    see_running,
    with_address,
)

CANDIDATES = (Candidate(instance_type="t3.micro", market="spot"),)
RUNNING = State(running(), see_running())
PAUSED = State(paused(), see_paused())
LAUNCH = LaunchInstance(candidates=CANDIDATES, network_interface_id=INTERFACE)


def test_the_interface_of_a_terminated_instance_is_available() -> None:
    ended = TerminateInstance(instance_id=INSTANCE).after(RUNNING)
    assert ended.network_interface is not None
    assert ended.network_interface.is_available


def test_the_node_has_no_instance_after_its_termination() -> None:
    ended = TerminateInstance(instance_id=INSTANCE).after(RUNNING)
    assert (ended.identity.instance, ended.observed.instance, ended.observed.holder) == (None, None, None)


def test_a_launched_instance_holds_the_interface() -> None:
    launched = LAUNCH.after(PAUSED)
    assert launched.network_interface is not None
    assert launched.network_interface.holder == launched.identity.instance_id


def test_a_launch_is_of_the_next_generation() -> None:
    launched = LAUNCH.after(PAUSED)
    assert launched.identity.generation == PAUSED.identity.generation + 1


def test_an_interrupted_launch_keeps_its_generation() -> None:
    open_launch = PAUSED.with_record(intent=make_intent("RunInstances", 7))
    assert LAUNCH.after(open_launch).identity.instance_generation == 7


def test_a_hand_over_ends_with_the_standby_as_the_nodes_instance() -> None:
    handed = predict(
        RUNNING,
        [
            LaunchStandby(candidates=CANDIDATES),
            MoveNetworkInterface(network_interface_id=INTERFACE, from_instance_id=INSTANCE, instance_id=None),
            PromoteStandby(instance_id=None, replaces=INSTANCE),
            TerminatePreviousInstance(instance_id=INSTANCE),
        ],
    )
    identity = handed.identity
    assert (identity.instance_generation, identity.standby, identity.previous_instance) == (2, None, None)
    assert handed.observed.holder == handed.observed.instance


def test_a_swap_keeps_the_interface_before_until_it_is_deleted() -> None:
    swap = SwapInterface(network_interface_id=None, private_ip_address=None, replaces=INTERFACE, gives_up=None)
    swapped = predict(PAUSED, [CreateNextInterface(subnet_id="subnet-2", private_ip_address="10.0.2.9"), swap])
    assert swapped.identity.private_ip_address == "10.0.2.9"
    assert swapped.identity.previous_interface == PAUSED.identity.interface


def test_an_allocated_address_is_the_nodes_own_and_a_given_one_is_not() -> None:
    associate = AssociateAddress(allocation_id=None, network_interface_id=INTERFACE)
    allocated = predict(PAUSED, [AllocateAddress(), associate])
    given = replace(associate, allocation_id=ALLOCATION).after(PAUSED)
    assert allocated.record.owns.addresses == (allocated.identity.allocation_id,)
    assert given.record.owns.addresses == ()


@pytest.mark.parametrize("allocated", [True, False])
def test_a_disassociated_address_is_kept_where_it_was_allocated_for_the_node(allocated: bool) -> None:
    state = State(with_address(paused(), allocated=allocated), see_paused(address=make_address(INTERFACE)))
    ended = DisassociateAddress(allocation_id=ALLOCATION, association_id=ASSOCIATION).after(state)
    assert bool(ended.identity.elastic_ip) is allocated


def test_a_released_address_belongs_to_nobody() -> None:
    state = State(with_address(paused(), allocated=True), see_paused(address=make_address()))
    released = ReleaseAddress(allocation_id=ALLOCATION).after(state)
    assert (released.identity.elastic_ip, released.observed.address) == (None, None)


def test_a_deleted_interface_leaves_the_address_without_an_association() -> None:
    deleted = DeleteNetworkInterface(network_interface_id=INTERFACE).after(State(with_address(paused()), see_paused()))
    assert deleted.identity.interface is None
    assert deleted.identity.association_id is None


def test_tags_of_the_node_are_set_and_removed_by_resource() -> None:
    tagged = SetOwnTags(phase="interface", resource_id=INSTANCE).after(RUNNING)
    assert tagged.observed.instance is not None
    assert tagged.observed.instance.tags[NAME] == tagged.record.name
    untagged = RemoveOwnTags(phase="terminate", resource_id=INSTANCE).after(tagged)
    assert untagged.observed.instance is not None
    assert NAME not in untagged.observed.instance.tags


def test_a_cancelled_request_is_not_cancelled_again() -> None:
    adoption = Adoption(network_interface_id=INTERFACE, spot_instance_request_id="sir-1")
    cancelled = CancelSpotRequest(spot_instance_request_id="sir-1").after(RUNNING.with_identity(adoption=adoption))
    assert cancelled.identity.adoption == Adoption(network_interface_id=INTERFACE)
