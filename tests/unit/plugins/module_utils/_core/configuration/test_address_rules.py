# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for private and IPv6 addresses: each one a row, with the words that its message must have."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.lookups import AddressHolder
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.validation import (
    check_config,
    check_values,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Identity
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.support.configurations import (
    FACTS,
    INTENT,
    OPERATION,
    OWN_TAGS,
    config,
    expect,
    facts,
    holder,
    record,
    refusal,
)

VALUES = {
    "a private address that is none": (
        config(private_ip_address="10.0.1.300"),
        ("InvalidPrivateIpAddress", "private_ip_address '10.0.1.300'", "not an IPv4", "such as"),
    ),
    "a private address with a prefix length": (
        config(private_ip_address="10.0.1.15/24"),
        ("InvalidPrivateIpAddress", "private_ip_address '10.0.1.15/24'", "not an IPv4"),
    ),
    "a secondary address that is none": (
        config(secondary_private_ip_addresses=("fe80::1",)),
        ("InvalidPrivateIpAddress", "secondary_private_ip_addresses 'fe80::1'", "not an IPv4"),
    ),
    "a secondary address that is the primary one": (
        config(private_ip_address="10.0.1.15", secondary_private_ip_addresses=("10.0.1.15",)),
        ("DuplicatePrivateIpAddress", "secondary_private_ip_addresses '10.0.1.15'", "more than once"),
    ),
    "a particular address that does not persist": (
        config(private_ip_address="10.0.1.15", persist_private_ip=False),
        ("ConflictingOptions", "private_ip_address '10.0.1.15'", "persist_private_ip: true"),
    ),
    "a negative count of secondary addresses": (
        config(secondary_private_ip_address_count=-1),
        ("InvalidCount", "secondary_private_ip_address_count '-1'", "negative"),
    ),
    "a negative count of IPv6 addresses": (
        config(ipv6_address_count=-2),
        ("InvalidCount", "ipv6_address_count '-2'", "negative"),
    ),
    "secondary addresses named and counted": (
        config(secondary_private_ip_addresses=("10.0.1.16",), secondary_private_ip_address_count=2),
        (
            "ConflictingOptions",
            "secondary_private_ip_address_count '2'",
            "secondary_private_ip_addresses '10.0.1.16'",
            "Clear one",
        ),
    ),
}


@pytest.mark.parametrize(("configured", "expected"), VALUES.values(), ids=VALUES)
def test_a_value_is_refused(configured, expected):
    """Before AWS is asked anything, and again with its answers."""
    expect(refusal(configured), *expected)
    with pytest.raises(NodeError):
        check_values("db-1", None, configured)


AGAINST_FACTS = {
    "an address outside the subnet": (
        config(private_ip_address="10.0.1.64"),
        FACTS,
        ("PrivateIpAddressOutOfRange", "private_ip_address '10.0.1.64'", "outside 10.0.1.0/26", "subnet-1"),
    ),
    "an address below the subnet": (
        config(private_ip_address="10.0.0.255"),
        FACTS,
        ("PrivateIpAddressOutOfRange", "private_ip_address '10.0.0.255'", "outside"),
    ),
    **{
        f"the reserved address {last}": (
            config(private_ip_address=f"10.0.1.{last}"),
            FACTS,
            ("PrivateIpAddressOutOfRange", f"private_ip_address '10.0.1.{last}'", "reserved", "first four"),
        )
        for last in (0, 1, 2, 3, 63)
    },
    "a reserved secondary address": (
        config(secondary_private_ip_addresses=("10.0.1.20", "10.0.1.3")),
        FACTS,
        ("PrivateIpAddressOutOfRange", "secondary_private_ip_addresses '10.0.1.3'", "reserved"),
    ),
    "an address of another instance": (
        config(private_ip_address="10.0.1.15"),
        holder(),
        (
            "PrivateIpAddressInUse",
            "private_ip_address '10.0.1.15'",
            "network interface eni-9 (attached to i-9)",
            "another address",
        ),
    ),
    "an address of an interface that is attached to nothing": (
        config(secondary_private_ip_addresses=("10.0.1.15",)),
        holder(attached_to=None),
        ("PrivateIpAddressInUse", "secondary_private_ip_addresses '10.0.1.15'", "eni-9", "attached to nothing"),
    ),
    "an address of an interface that only says to be ours": (
        config(private_ip_address="10.0.1.15"),
        holder(tags=OWN_TAGS),
        ("PrivateIpAddressInUse", "eni-9"),
    ),
    "IPv6 addresses without a range": (
        config(ipv6_address_count=1),
        FACTS,
        ("SubnetWithoutIpv6", "ipv6_address_count '1'", "subnet-1", "or give 0"),
    ),
}


@pytest.mark.parametrize(("configured", "known", "expected"), AGAINST_FACTS.values(), ids=AGAINST_FACTS)
def test_what_ec2_says_refuses_a_configuration(configured, known, expected):
    """Of a new node; by itself the configuration is good."""
    check_values("db-1", None, configured)
    expect(refusal(configured, known), *expected)


ACCEPTED = {
    "secondary addresses that are counted": (config(secondary_private_ip_address_count=2), FACTS, None),
    "no address in particular, and none that persists": (config(persist_private_ip=False), FACTS, None),
    "the first address that EC2 does not reserve": (config(private_ip_address="10.0.1.4"), FACTS, None),
    "the last address that EC2 does not reserve": (config(private_ip_address="10.0.1.62"), FACTS, None),
    "the node's own address": (
        config(private_ip_address="10.0.1.15"),
        facts(holders={"10.0.1.15": AddressHolder(network_interface_id="eni-1", attached_to="i-1")}),
        record(),
    ),
    "the address of an interface that is being created": (
        config(private_ip_address="10.0.1.15"),
        holder(tags=OWN_TAGS),
        record(identity=Identity(), intent=INTENT),
    ),
    "the address of an interface that an operation created": (
        config(private_ip_address="10.0.1.15"),
        holder(tags=OWN_TAGS),
        record(identity=Identity(), operation=OPERATION),
    ),
    "IPv6 addresses": (config(ipv6_address_count=2), facts(subnet_has_ipv6=True), None),
}


@pytest.mark.parametrize(("configured", "known", "before"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_configuration_is_accepted(configured, known, before):
    """The edges of the rules."""
    check_config("db-1", before, configured, known)


def test_an_interface_of_others_is_refused_also_during_an_operation():
    """Only what is tagged as the node's may be in the making."""
    during = record(identity=Identity(), operation=OPERATION)
    expect(refusal(config(private_ip_address="10.0.1.15"), holder(), during), "PrivateIpAddressInUse", "eni-9")


def test_an_interface_that_only_says_to_be_the_nodes_is_refused():
    """Nothing of this node is in the making."""
    idle = record(identity=Identity())
    expect(refusal(config(private_ip_address="10.0.1.15"), holder(tags=OWN_TAGS), idle), "PrivateIpAddressInUse")
