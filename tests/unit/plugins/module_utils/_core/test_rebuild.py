# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a node, and where that is not clear."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.config_tag import config_tag
from ansible_collections.stateful_node.aws.plugins.module_utils._core.errors import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.rebuild import find_remains, rebuilt_record
from ansible_collections.stateful_node.aws.plugins.module_utils._core.tagged import Tagged
from ansible_collections.stateful_node.aws.plugins.module_utils._core.tags import CONFIG, GENERATION

from .builders import (
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


def find(*interfaces, instances=(), addresses=(), holder=None):
    found = Tagged(network_interfaces=interfaces, instances=instances, addresses=addresses)
    return find_remains("db-1", found, holder)


@pytest.mark.parametrize(
    ("code", "looking"),
    [
        ("NothingToRebuild", lambda: find(addresses=(make_address(),))),
        ("ClaimedTwice", lambda: find(interface(), interface(network_interface_id="eni-2"))),
        (
            "ClaimedTwice",
            lambda: find(attached(interface(), INSTANCE), instances=(RUNNING, make_instance(instance_id=FOREIGN))),
        ),
        ("ClaimedTwice", lambda: find(
            interface(config=OWN_ADDRESS), addresses=(make_address(), make_address(allocation_id="eipalloc-2"))
        )),
        ("InstanceWithoutInterface", lambda: find(interface(), instances=(RUNNING,))),
        (
            "NetworkInterfaceInUse",
            lambda: find(attached(interface(), FOREIGN), holder=make_instance(instance_id=FOREIGN)),
        ),
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
    assert (identity.allocation_id, identity.association_id, identity.allocated) == (ALLOCATION, ASSOCIATION, True)
    assert identity.spare_allocation_ids == ("eipalloc-2",)


def test_without_an_instance_it_is_paused_and_its_own_address_waits_for_it():
    record = rebuilt_record(
        find(interface(config=OWN_ADDRESS), addresses=(make_address(),)), OWN_ADDRESS, make_subnet()
    )
    assert (record.desired, record.identity.instance_id) == ("paused", None)
    assert (record.identity.allocation_id, record.identity.association_id) == (ALLOCATION, None)
    assert record.identity.allocated


def test_an_address_that_was_given_to_the_node_stays_the_givers():
    config = make_config(elastic_ip=ALLOCATION)
    remains = find(interface(config=config))
    assert remains.address is None
    assert rebuilt_record(remains, config, make_subnet()).identity.allocation_id is None
