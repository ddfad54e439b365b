# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phase `elastic_ip`: never take an address from anybody, never lose one that was allocated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.elastic_ip_actions import (
    AllocateAddress,
    AssociateAddress,
    DisassociateAddress,
    ReleaseAddress,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.plan.plan_elastic_ip import (
    plan_elastic_ip,
    plan_elastic_ip_absent,
    wanted_allocation_id,
)

from tests.support.builders import (
    ALLOCATION,
    ASSOCIATION,
    INSTANCE,
    INTERFACE,
    PUBLIC_IP,
    associated,
    make_address,
    make_config,
    make_intent,
    make_interface,
    make_record,
    paused,
    with_address,
)

OTHER = "eipalloc-2"
GIVEN = make_config(elastic_ip=ALLOCATION)
NEW = make_config(elastic_ip="new")
NONE = make_config()
ALLOCATE = AllocateAddress()
ASSOCIATE = AssociateAddress(allocation_id=ALLOCATION, network_interface_id=INTERFACE)
ASSOCIATE_NEW = AssociateAddress(allocation_id=None, network_interface_id=INTERFACE)
DISASSOCIATE = DisassociateAddress(allocation_id=ALLOCATION, association_id=ASSOCIATION)
ON_INTERFACE = Observed(network_interface=associated(make_interface()), address=make_address(INTERFACE))
FREE = Observed(network_interface=make_interface(), address=make_address())
OTHER_FREE = Observed(
    network_interface=associated(make_interface()), address=make_address(allocation_id=OTHER, public_ip="198.51.100.2")
)
ALLOCATING = make_intent("AllocateAddress")


def owned(config, **fields):
    """A paused node with an address that was allocated for it."""
    return with_address(paused(config), allocated=True, **fields)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(paused(NONE), None, id="none wanted"),
        pytest.param(paused(GIVEN), ALLOCATION, id="the configured one"),
        pytest.param(paused(NEW), None, id="a new one, not allocated yet"),
        pytest.param(owned(NEW), ALLOCATION, id="the new one, once allocated"),
        pytest.param(with_address(paused(NEW)), None, id="one that the user gave earlier is not new"),
    ],
)
def test_which_address_is_wanted(record, expected):
    assert wanted_allocation_id(record) == expected


@pytest.mark.parametrize(
    ("record", "observed", "expected"),
    [
        pytest.param(paused(NONE), FREE, [], id="none wanted, none there"),
        pytest.param(paused(GIVEN), FREE, [ASSOCIATE], id="a free address is associated"),
        pytest.param(with_address(paused(GIVEN)), ON_INTERFACE, [], id="an associated one stays"),
        pytest.param(paused(GIVEN), ON_INTERFACE, [], id="an association that was not written down counts"),
        pytest.param(with_address(paused(GIVEN)), FREE, [ASSOCIATE], id="one that somebody took off is put back"),
        pytest.param(
            replace(paused(GIVEN), intent=make_intent("RunInstances")),
            FREE,
            [ASSOCIATE],
            id="an open launch is no obstacle",
        ),
        pytest.param(
            replace(with_address(paused(NONE)), intent=make_intent("RunInstances")),
            ON_INTERFACE,
            [DISASSOCIATE],
            id="nor is it one to taking an address off",
        ),
        pytest.param(
            owned(NEW, association_id=None),
            replace(FREE, network_interface=associated(make_interface(), None)),
            [ASSOCIATE],
            id="nor is a lent address to one of our own",
        ),
        pytest.param(
            paused(GIVEN),
            replace(FREE, address=make_address(instance_id="i-gone")),
            [ASSOCIATE],
            id="without an association nobody has it, whoever had it last",
        ),
        pytest.param(
            paused(GIVEN),
            replace(FREE, network_interface=associated(make_interface(), None)),
            [ASSOCIATE],
            id="a lent address is no obstacle",
        ),
        pytest.param(paused(NEW), FREE, [ALLOCATE, ASSOCIATE_NEW], id="a new one is allocated first"),
        pytest.param(owned(NEW), ON_INTERFACE, [], id="a new one is allocated once"),
        pytest.param(owned(NEW, association_id=None), FREE, [ASSOCIATE], id="one that is owned is used again"),
        pytest.param(
            replace(paused(NEW), intent=ALLOCATING),
            FREE,
            [ALLOCATE, ASSOCIATE_NEW],
            id="an open allocation is resolved",
        ),
        pytest.param(
            with_address(paused(NONE)), ON_INTERFACE, [DISASSOCIATE], id="one not wanted any more is taken off"
        ),
        pytest.param(owned(NONE), ON_INTERFACE, [DISASSOCIATE], id="one of our own is taken off and not released"),
        pytest.param(paused(NONE), ON_INTERFACE, [], id="a stranger stays where none is wanted"),
        pytest.param(
            with_address(paused(make_config(elastic_ip=OTHER))),
            OTHER_FREE,
            [DISASSOCIATE, AssociateAddress(allocation_id=OTHER, network_interface_id=INTERFACE)],
            id="an exchanged one is taken off first",
        ),
        pytest.param(
            with_address(paused(NEW)),
            ON_INTERFACE,
            [DISASSOCIATE, ALLOCATE, ASSOCIATE_NEW],
            id="one that was given is exchanged for a new one",
        ),
        pytest.param(
            make_record(GIVEN),
            Observed(address=make_address()),
            [AssociateAddress(allocation_id=ALLOCATION, network_interface_id=None)],
            id="the interface may have yet to be made",
        ),
    ],
)
def test_present(record, observed, expected):
    assert list(plan_elastic_ip(record, observed)) == expected


@pytest.mark.parametrize(
    ("holder", "words"),
    [
        pytest.param({"network_interface_id": "eni-foreign"}, "eni-foreign", id="another interface"),
        pytest.param({"instance_id": "i-foreign"}, "i-foreign", id="an instance without a known interface"),
        pytest.param(
            {"network_interface_id": "eni-foreign", "instance_id": INSTANCE},
            f"eni-foreign of instance {INSTANCE}",
            id="another interface of the node's own instance",
        ),
    ],
)
def test_an_address_in_use_is_not_taken_away(holder, words):
    address = make_address(**{"association_id": "eipassoc-9", **holder})
    with pytest.raises(NodeError, match=words) as raised:
        tuple(plan_elastic_ip(paused(GIVEN), replace(FREE, address=address)))
    assert raised.value.failure.code == "ElasticIpInUse"


def test_an_address_of_a_node_without_interface_is_not_its_own():
    """Nothing is not the interface that an address on nothing is on."""
    address = make_address(instance_id="i-foreign", association_id="eipassoc-9")
    with pytest.raises(NodeError, match="i-foreign"):
        tuple(plan_elastic_ip(make_record(GIVEN), Observed(address=address)))


@pytest.mark.parametrize("record", [paused(GIVEN), owned(NEW)], ids=["a given one", "one of our own"])
@pytest.mark.parametrize("address", [None, make_address(allocation_id=OTHER)], ids=["nothing", "another one"])
def test_an_address_that_was_released_is_told(record, address):
    with pytest.raises(NodeError, match=ALLOCATION) as raised:
        tuple(plan_elastic_ip(record, Observed(network_interface=make_interface(), address=address)))
    assert raised.value.failure.code == "ElasticIpMissing"


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(paused(make_config(elastic_ip=OTHER)), id="a given one is wanted"),
        pytest.param(owned(NEW, allocation_id=OTHER), id="our own is wanted"),
        pytest.param(
            paused(NEW),
            id="a new one is wanted",
        ),
    ],
)
def test_a_strangers_address_on_the_interface_is_not_pushed_off(record):
    """Somebody associated it by hand; the error names it."""
    with pytest.raises(NodeError, match=PUBLIC_IP) as raised:
        tuple(plan_elastic_ip(record, OTHER_FREE))
    assert raised.value.failure.code == "ElasticIpConflict"


@pytest.mark.parametrize(
    ("record", "observed", "release", "expected"),
    [
        pytest.param(with_address(paused(GIVEN)), ON_INTERFACE, False, [DISASSOCIATE], id="is taken off"),
        pytest.param(with_address(paused(GIVEN)), ON_INTERFACE, True, [DISASSOCIATE], id="a given one is not released"),
        pytest.param(owned(NEW), ON_INTERFACE, False, [DISASSOCIATE], id="one of our own is released only when told"),
        pytest.param(
            owned(NEW), ON_INTERFACE, True, [DISASSOCIATE, ReleaseAddress(allocation_id=ALLOCATION)], id="and then is"
        ),
        pytest.param(
            owned(NEW, association_id=None), FREE, True, [ReleaseAddress(allocation_id=ALLOCATION)], id="off already"
        ),
        pytest.param(paused(NONE), ON_INTERFACE, True, [], id="a stranger stays"),
        pytest.param(paused(NONE), FREE, True, [], id="there is none"),
        pytest.param(make_record(NEW), Observed(), True, [], id="there is no interface"),
        pytest.param(
            replace(owned(NEW, association_id=None), intent=make_intent("RunInstances")),
            FREE,
            True,
            [ReleaseAddress(allocation_id=ALLOCATION)],
            id="an open launch is no obstacle",
        ),
    ],
)
def test_absent(record, observed, release, expected):
    assert list(plan_elastic_ip_absent(record, observed, release=release)) == expected
