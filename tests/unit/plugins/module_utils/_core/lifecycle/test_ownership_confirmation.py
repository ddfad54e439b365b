# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a record names is ended or changed only where EC2 shows the node's tags on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions import (
    elastic_ip_actions,
    hand_over_actions,
    instance_actions,
    interface_actions,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.ownership_confirmation import (
    check_confirmed,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import NAME, TABLE

from tests.support.builders import INTERFACE, make_address, make_instance, make_interface, make_operation, running

TABLE_NAME = "stateful-nodes"
OWN = {TABLE: TABLE_NAME, NAME: "db-1"}
ANOTHER_NODE = {TABLE: TABLE_NAME, NAME: "db-2"}
ANOTHER_TABLE = {TABLE: "staging", NAME: "db-1"}
PREVIOUS = "i-0000000000000bbbb"


def see(tags):
    return Observed(
        network_interface=replace(make_interface(), tags=tags),
        instance=replace(make_instance(), tags=tags),
        previous=replace(make_instance(instance_id=PREVIOUS), tags=tags),
        address=replace(make_address(), tags=tags),
    )


ENDING = [
    instance_actions.TerminateInstance(instance_id=make_instance().instance_id),
    hand_over_actions.TerminatePreviousInstance(instance_id=PREVIOUS),
    interface_actions.DeleteNetworkInterface(network_interface_id=INTERFACE),
    elastic_ip_actions.ReleaseAddress(allocation_id=make_address().allocation_id),
    hand_over_actions.MoveNetworkInterface(
        network_interface_id=INTERFACE, from_instance_id=make_instance().instance_id, instance_id=None
    ),
]
CHANGING = [
    interface_actions.SetSecurityGroups(security_groups=("sg-1",)),
    interface_actions.SetTags(tags={}),
    elastic_ip_actions.AssociateAddress(allocation_id=make_address().allocation_id, network_interface_id=INTERFACE),
    instance_actions.LaunchInstance(candidates=(), network_interface_id=INTERFACE),
]


def name_of(action):
    return action.action


@pytest.mark.parametrize("action", [*ENDING, *CHANGING], ids=name_of)
def test_what_carries_both_tags_is_the_nodes(action):
    check_confirmed(running(), see(OWN), [action], TABLE_NAME)


@pytest.mark.parametrize("tags", [{}, ANOTHER_NODE, ANOTHER_TABLE], ids=["untagged", "another node", "another table"])
@pytest.mark.parametrize("action", [*ENDING, *CHANGING], ids=name_of)
def test_what_is_not_confirmed_is_left_alone(action, tags):
    with pytest.raises(NodeError, match="It is left alone") as caught:
        check_confirmed(running(), see(tags), [action], TABLE_NAME)
    assert caught.value.failure.code == "OwnershipUnconfirmed"
    assert caught.value.failure.retry == "after_correction"


@pytest.mark.parametrize("tags", [{TABLE: TABLE_NAME}, {NAME: "db-1"}], ids=["no name", "no table"])
@pytest.mark.parametrize("action", CHANGING, ids=name_of)
def test_an_interface_that_lost_one_tag_is_tagged_again(action, tags):
    check_confirmed(running(), see(tags), [action], TABLE_NAME)


@pytest.mark.parametrize("tags", [{TABLE: TABLE_NAME}, {NAME: "db-1"}], ids=["no name", "no table"])
@pytest.mark.parametrize("action", ENDING, ids=name_of)
def test_nothing_is_ended_on_one_tag(action, tags):
    with pytest.raises(NodeError):
        check_confirmed(running(), see(tags), [action], TABLE_NAME)


def test_an_adoption_tags_what_the_user_has_named():
    adopting = replace(running(), operation=make_operation("adopt"))
    check_confirmed(adopting, see({}), CHANGING, TABLE_NAME)


def test_the_message_names_the_command_that_confirms_a_resource():
    with pytest.raises(NodeError) as caught:
        check_confirmed(running(), see({}), ENDING[:1], TABLE_NAME)
    resource = make_instance().instance_id
    assert f"aws ec2 create-tags --resources {resource} --tags Key={TABLE},Value={TABLE_NAME}" in str(caught.value)
