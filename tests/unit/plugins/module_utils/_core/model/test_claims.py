# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses a record has, and which ones it only wants."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.claims import (
    CLAIMING,
    Claim,
    addresses_of,
    claims_of,
    claims_on,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import RecordedInterface
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.serialization import to_dict

from tests.support.builders import ALLOCATION, PRIMARY, make_config, make_operation, make_record, paused, with_address

SUBNET = "subnet-1"
FOLLOWING = RecordedInterface(
    network_interface_id="eni-2", private_ip_addresses=("10.0.2.9",), subnet_id="subnet-2", availability_zone="a"
)


def claimed(record):
    claims = list(claims_of(to_dict(record)))
    assert {claim.name for claim in claims} == {record.name}
    return {claim.address: claim.is_had for claim in claims}


def test_what_a_node_has():
    """Its interface's addresses, those of the one that it changes to, and every Elastic IP that is its own."""
    record = with_address(paused(next_interface=FOLLOWING), spare_allocation_ids=("eipalloc-2",))
    had = [(SUBNET, PRIMARY), ("subnet-2", "10.0.2.9"), ("", ALLOCATION), ("", "eipalloc-2")]
    assert claimed(record) == dict.fromkeys(had, True)


def test_what_a_node_wants():
    """By its configuration, and by the one that an operation works on still."""
    stored = make_config(private_ip_address="10.0.1.20", secondary_private_ip_addresses=("10.0.1.21",))
    running = make_operation("resume", config=make_config(private_ip_address="10.0.1.19", elastic_ip="eipalloc-3"))
    wanted = [(SUBNET, "10.0.1.20"), (SUBNET, "10.0.1.21"), (SUBNET, "10.0.1.19"), ("", "eipalloc-3")]
    assert claimed(replace(make_record(stored), operation=running)) == dict.fromkeys(wanted, False)


def test_an_address_that_is_had_is_not_only_wanted():
    assert claimed(paused(make_config(private_ip_address=PRIMARY))) == {(SUBNET, PRIMARY): True}


def test_an_elastic_ip_of_its_own_is_no_particular_one():
    config = make_config(elastic_ip="new")
    assert addresses_of(config) == frozenset()
    assert list(claims_of(to_dict(make_record(config)))) == []


def test_everything_that_is_read_is_among_what_is_asked_for():
    """The projection of the scan: nothing else of a record may be needed."""
    record = replace(
        with_address(paused(make_config(private_ip_address="10.0.1.20"), next_interface=FOLLOWING)),
        operation=make_operation("resume", config=make_config(private_ip_address="10.0.1.19")),
    )
    whole = to_dict(record)
    projected = {}
    for path in CLAIMING:
        *parents, last = path.split(".")
        source, target = whole, projected
        for part in parents:
            source, target = source.get(part, {}), target.setdefault(part, {})
        if last in source:
            target[last] = source[last]
    assert list(claims_of(projected)) == list(claims_of(whole))


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"name": 1},
        {"name": "x", "config": "text", "identity": [1], "operation": {"config": 3}},
        {"name": "x", "config": {"subnet_id": 1, "private_ip_address": "10.0.1.1", "elastic_ip": 5}},
        {"name": "x", "identity": {"private_ip_addresses": "10.0.1.1", "spare_allocation_ids": [None, 3]}},
    ],
)
def test_an_item_that_is_no_record_claims_nothing(item):
    assert list(claims_of(item)) == []


def test_a_nodes_own_claims_are_not_against_it():
    own = Claim(name="a", address=("subnet-1", "10.0.1.1"), is_had=True)
    other = replace(own, name="b")
    elsewhere = replace(other, address=("subnet-2", "10.0.1.1"))
    assert claims_on([own.address], "a", [own, other, elsewhere]) == (other,)
