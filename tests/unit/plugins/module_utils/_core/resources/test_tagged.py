# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What no record accounts for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import RecordedInterface
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.tagged import Tagged, id_of, unclaimed

from tests.support.builders import (
    ALLOCATION,
    INSTANCE,
    INTERFACE,
    attached,
    make_address,
    make_config,
    make_instance,
    make_intent,
    make_interface,
    make_operation,
    make_record,
    paused,
    running,
    with_address,
)

TAGS = {"stateful_node:name": "db-1"}
THINGS = Tagged(
    network_interfaces=(make_interface(tags=TAGS),),
    instances=(make_instance(tags={**TAGS, "stateful_node:generation": "2"}, client_token="t"),),
    addresses=(make_address(tags={**TAGS, "stateful_node:intent": "t"}),),
)
NEXT = RecordedInterface(
    network_interface_id=INTERFACE, private_ip_addresses=("10.0.1.9",), subnet_id="s", availability_zone="a"
)


def strays(*records):
    return {id_of(thing) for thing in unclaimed(THINGS, records).things}


ALL = {INTERFACE, INSTANCE, ALLOCATION}


@pytest.mark.parametrize(
    ("record", "claimed"),
    [
        pytest.param(make_record(), set(), id="a node that has nothing"),
        pytest.param(
            make_record(make_config(tags={"a": INTERFACE, "b": INSTANCE, ALLOCATION: "c"})), set(), id="ids in tags"
        ),
        pytest.param(paused(), {INTERFACE}, id="its interface"),
        pytest.param(running(), {INTERFACE, INSTANCE}, id="its instance"),
        pytest.param(with_address(make_record()), {ALLOCATION}, id="its address"),
        pytest.param(make_record(make_config(elastic_ip=ALLOCATION)), {ALLOCATION}, id="an address it is to have"),
        pytest.param(paused(network_interface_id="eni-2", next_interface=NEXT), {INTERFACE}, id="a next interface"),
        pytest.param(
            paused(network_interface_id="eni-2", previous_network_interface_id=INTERFACE), {INTERFACE}, id="a left one"
        ),
        pytest.param(
            paused(network_interface_id="eni-2", spare_allocation_ids=(ALLOCATION,)), {ALLOCATION}, id="a spare address"
        ),
        pytest.param(
            replace(make_record(), operation=make_operation("resume", config=make_config(elastic_ip=ALLOCATION))),
            {ALLOCATION},
            id="an address that the operation is at",
        ),
    ],
)
def test_what_a_record_names_is_its_own(record, claimed):
    assert strays(record) == ALL - claimed
    assert strays(replace(record, name="other")) == ALL - claimed


@pytest.mark.parametrize(
    ("intent", "claimed"),
    [
        (make_intent("CreateNetworkInterface"), {INTERFACE}),
        (make_intent("RunInstances", 2), {INSTANCE}),
        (replace(make_intent("RunInstances", 2), token="u"), set()),
        (make_intent("AllocateAddress"), {ALLOCATION}),
        (replace(make_intent("AllocateAddress"), token="u"), set()),
        (make_intent("AssignPrivateIpAddresses"), set()),
        (make_intent("Adopt"), ALL),
    ],
)
def test_what_an_open_intent_may_have_made_is_its_nodes_own(intent, claimed):
    record = make_record(intent=intent)
    assert strays(record) == ALL - claimed
    assert strays(replace(record, name="other")) == ALL


def test_without_records_all_is_left_instances_first():
    assert [id_of(thing) for thing in unclaimed(THINGS, ()).things] == [INSTANCE, INTERFACE, ALLOCATION]
    assert THINGS.names == ("db-1",)
    assert THINGS.of("db-1") == THINGS
    assert THINGS.of("db") == Tagged()


def test_a_disposable_interface_goes_with_its_instance_and_strays_without():
    tags = {**TAGS, "stateful_node:role": "disposable"}
    free = make_interface(tags=tags, network_interface_id="eni-7")
    for interface, found in ((attached(free, "i-9"), set()), (free, {"eni-7"})):
        things = Tagged(network_interfaces=(interface,))
        assert {id_of(thing) for thing in unclaimed(things, [running()]).things} == found
        assert things.lasting.things == ()
