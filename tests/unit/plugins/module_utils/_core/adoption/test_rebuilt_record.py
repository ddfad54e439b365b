# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a node, and where that is not clear."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.adoption.rebuilt_record import (
    find_remains,
    rebuilt_record,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import CONFIG, GENERATION
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.config_tag import config_tag
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.tagged import Tagged, id_of

from tests.support.builders import (
    ALLOCATION,
    ASSOCIATION,
    FOREIGN,
    INSTANCE,
    INTERFACE,
    PRIMARY,
    associated,
    attached,
    make_address,
    make_config,
    make_instance,
    make_interface,
    make_subnet,
)

OWN_ADDRESS = make_config(elastic_ip="new")
RUNNING = make_instance(tags={GENERATION: "7"})


def interface(*secondary, config=None, **fields):
    return make_interface(*secondary, tags={CONFIG: config_tag(config or make_config())}, **fields)


TWIN = make_instance(instance_id=FOREIGN, tags={GENERATION: "9"})


def find(*interfaces, instances=(), addresses=(), holder=None, confirmed=None):
    """Find what is left, with every resource confirmed unless `confirmed` names some."""
    found = Tagged(network_interfaces=interfaces, instances=instances, addresses=addresses)
    holders = {instance.instance_id: instance for instance in (*instances, *([holder] if holder else []))}
    named = [*map(id_of, found.things), ALLOCATION] if confirmed is None else confirmed
    return find_remains("db-1", found, holders, named)


@pytest.mark.parametrize(
    ("code", "looking"),
    [
        ("NothingToRebuild", lambda: find(addresses=(make_address(),))),
        ("ClaimedTwice", lambda: find(interface(), interface(network_interface_id="eni-2"))),
        ("ClaimedTwice", lambda: find(
            interface(config=OWN_ADDRESS), addresses=(make_address(), make_address(allocation_id="eipalloc-2"))
        )),
        ("InstanceWithoutInterface", lambda: find(interface(), instances=(RUNNING,))),
        (
            "NetworkInterfaceInUse",
            lambda: find(attached(interface(), FOREIGN), holder=make_instance(instance_id=FOREIGN)),
        ),
        ("NotConfirmed", lambda: find(interface(), confirmed=())),
        ("NotConfirmed", lambda: find(attached(interface(), INSTANCE), instances=(RUNNING,), confirmed=[INTERFACE])),
        ("NotConfirmed", lambda: find(interface(config=make_config(elastic_ip=ALLOCATION)), confirmed=[INTERFACE])),
        ("ConfigTagMissing", lambda: find(make_interface())),
        ("AddressesUnclear", lambda: find(
            interface("10.0.1.11", "10.0.1.12", config=make_config(secondary_private_ip_address_count=1))
        )),
        ("AddressesUnclear", lambda: find(
            interface(config=make_config(secondary_private_ip_addresses=("10.0.1.11",)))
        )),
        ("AddressesUnclear", lambda: find(
            interface(ipv6_addresses=("::1", "::2"), config=make_config(ipv6_address_count=1))
        )),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_an_error(code, looking):
    with pytest.raises(NodeError) as caught:
        looking()
    assert caught.value.failure.code == code
    assert str(caught.value).startswith("db-1: ")


def test_a_forged_twin_of_a_later_generation_does_not_hide_the_instance_on_the_interface():
    remains = find(attached(interface(), INSTANCE), instances=(TWIN, RUNNING), confirmed=[INTERFACE, INSTANCE])
    assert remains.instance == RUNNING
    assert rebuilt_record(remains, make_config(), make_subnet()).identity.generation == 7


def test_of_two_interfaces_the_confirmed_one_is_taken():
    forged = interface(network_interface_id="eni-2")
    assert find(forged, interface(), confirmed=[INTERFACE]).interface.network_interface_id == INTERFACE


def test_a_forged_instance_beside_a_free_interface_is_left_out_where_it_is_not_confirmed():
    assert find(interface(), instances=(TWIN,), confirmed=[INTERFACE]).instance is None


def test_without_consent_the_refusal_describes_the_resources_and_names_the_whole_command():
    launched = make_instance(
        tags={"Name": "it's\n{{ mine }}" + "x" * 99}, owner_id="123456789012", launched_at="2024-01-31T08:15:00Z",
        key_name="ann",
    )  # fmt: skip
    with pytest.raises(NodeError) as caught:
        find(attached(interface(), INSTANCE), instances=(launched,), addresses=(make_address(),), confirmed=())
    message, command = str(caught.value), caught.value.failure.next_command
    expected = ("account 123456789012", "launched 2024-01-31T08:15:00Z", "key pair 'ann'", "it's\\n{{ mine }}xxx")
    assert all(item in message for item in expected)
    assert "\n" not in message
    assert "x" * 60 not in message
    assert command.text(Reach()) == (
        "ansible-playbook stateful_node.aws.repair -e stateful_nodes=db-1 "
        f"-e repair_rebuild=true -e repair_confirm={INSTANCE},{INTERFACE},{ALLOCATION}"
    )


@pytest.mark.parametrize("tag", ["", "0", "abc", "-1", "1" * 10, "\u0661", "9\n", None])
def test_a_generation_that_is_none_counts_as_the_first(tag):
    tags = {} if tag is None else {GENERATION: tag}
    remains = find(attached(interface(), INSTANCE), instances=(make_instance(tags=tags),))
    assert rebuilt_record(remains, make_config(), make_subnet()).identity.generation == 1


def test_addresses_that_were_never_the_nodes_are_left_to_whoever_assigned_them():
    config = make_config()
    record = rebuilt_record(find(interface("10.0.1.11", ipv6_addresses=("::1",))), config, make_subnet())
    assert record.identity.private_ip_addresses == (PRIMARY,)
    assert record.identity.ipv6_addresses == ()


def test_the_record_has_what_is_there():
    holding = associated(attached(interface(config=OWN_ADDRESS), INSTANCE))
    others = (make_address(INTERFACE), make_address(allocation_id="eipalloc-2"))
    record = rebuilt_record(find(holding, instances=(RUNNING,), addresses=others), OWN_ADDRESS, make_subnet())
    identity = record.identity
    assert (record.desired, identity.network_interface_id, identity.instance_id) == ("running", INTERFACE, INSTANCE)
    assert (identity.generation, identity.instance_generation) == (7, 7)
    assert (identity.allocation_id, identity.association_id) == (ALLOCATION, ASSOCIATION)
    assert identity.elastic_ip.allocated
    assert identity.spare_allocation_ids == ("eipalloc-2",)


def test_without_an_instance_it_is_paused_and_its_own_address_waits_for_it():
    record = rebuilt_record(
        find(interface(config=OWN_ADDRESS), addresses=(make_address(),)), OWN_ADDRESS, make_subnet()
    )
    assert (record.desired, record.identity.instance_id) == ("paused", None)
    assert (record.identity.allocation_id, record.identity.association_id) == (ALLOCATION, None)
    assert record.identity.elastic_ip.allocated


def test_an_address_that_was_given_to_the_node_stays_the_givers():
    config = make_config(elastic_ip=ALLOCATION)
    remains = find(interface(config=config))
    assert remains.address is None
    assert rebuilt_record(remains, config, make_subnet()).identity.allocation_id is None
