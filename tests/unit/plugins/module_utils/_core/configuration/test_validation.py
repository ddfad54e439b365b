# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for subnet, security groups and the configuration as a whole, with the words of their messages."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.lookups import SecurityGroup
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.validation import (
    check_config,
    check_values,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Identity
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.support.configurations import (
    CONFIG,
    FACTS,
    INTENT,
    OPERATION,
    SUBNET,
    config,
    expect,
    facts,
    record,
    refusal,
)

AGAINST_FACTS = {
    "an unknown subnet": (
        CONFIG,
        facts(subnet=None),
        ("UnknownSubnet", "subnet_id 'subnet-1'", "us-east-1", "region that it is in"),
    ),
    "an unknown security group": (
        config(security_groups=("sg-0a",)),
        FACTS,
        ("UnknownSecurityGroup", "security_groups 'sg-0a'", "is not the id of a security group", "us-east-1", "vpc-1"),
    ),
    "an unknown security group by name": (
        config(security_groups=("web",)),
        facts(security_groups=(SecurityGroup(group_id="sg-0b", group_name="db", vpc_id="vpc-2"),)),
        ("UnknownSecurityGroup", "security_groups 'web'", "is not the name of a security group", "vpc-1"),
    ),
    "a security group of another VPC": (
        config(security_groups=("sg-0a",)),
        facts(security_groups=(SecurityGroup(group_id="sg-0a", group_name="web", vpc_id="vpc-2"),)),
        ("ForeignSecurityGroup", "security_groups 'sg-0a'", "vpc-2", "vpc-1"),
    ),
    "a security group's name in another VPC": (
        config(security_groups=("web",)),
        facts(security_groups=(SecurityGroup(group_id="sg-0a", group_name="web", vpc_id="vpc-2"),)),
        ("ForeignSecurityGroup", "security_groups 'web'", "vpc-2", "vpc-1"),
    ),
}


@pytest.mark.parametrize(("configured", "known", "expected"), AGAINST_FACTS.values(), ids=AGAINST_FACTS)
def test_what_ec2_says_refuses_a_configuration(configured, known, expected):
    """Of a new node; by itself the configuration is good."""
    check_values("db-1", None, configured)
    expect(refusal(configured, known), *expected)


ACCEPTED = {
    "a group of the VPC": (
        config(security_groups=("sg-1",)),
        facts(security_groups=(SecurityGroup(group_id="sg-1", group_name="web", vpc_id="vpc-1"),)),
        None,
    ),
    "another subnet before there is an interface": (
        config(subnet_id="subnet-1"),
        FACTS,
        record(config=config(subnet_id="subnet-0"), identity=Identity()),
    ),
}


@pytest.mark.parametrize(("configured", "known", "before"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_configuration_is_accepted(configured, known, before):
    """The edges of the rules."""
    check_config("db-1", before, configured, known)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (record(), ("eni-1", "subnet-1", "allow_address_change=true")),
        (record(identity=Identity(), operation=OPERATION), ("subnet-1", "has not ended", "take_over=true")),
        (record(identity=Identity(), intent=INTENT), ("subnet-1", "has not ended", "take_over=true")),
    ],
    ids=["interface", "operation", "intent"],
)
def test_a_node_with_an_interface_stays_in_its_subnet(before, words):
    """Also one whose interface may be in the making."""
    other = facts(subnet=dataclasses.replace(SUBNET, subnet_id="subnet-2"))
    error = refusal(config(subnet_id="subnet-2"), other, before)
    expect(error, "SubnetInUse", "subnet_id 'subnet-2'", *words)


def test_a_node_moves_to_another_subnet_of_its_vpc_when_its_addresses_may_be_given_up():
    """Its security groups are the VPC's."""
    moved, beside = config(subnet_id="subnet-2"), facts(subnet=dataclasses.replace(SUBNET, subnet_id="subnet-2"))
    check_config("db-1", record(), moved, beside, may_move=True)
    elsewhere = facts(subnet=dataclasses.replace(SUBNET, subnet_id="subnet-2", vpc_id="vpc-2"))
    with pytest.raises(NodeError, match="vpc-2"):
        check_config("db-1", record(), moved, elsewhere, may_move=True)
    with pytest.raises(NodeError, match="has not ended"):
        check_config("db-1", record(operation=OPERATION), moved, FACTS, may_move=True)


@pytest.mark.parametrize("name", ["", "all", "-db", "db 1", "d" * 64])
def test_a_name_is_refused(name):
    """By the rules for names."""
    with pytest.raises(NodeError, match="name: "):
        check_config(name, None, CONFIG, FACTS)


def test_all_problems_are_told_at_once():
    """One line each, the code that of the first."""
    error = refusal(config(private_ip_address="10.0.9.9", security_groups=("sg-0a",)))
    assert error.failure.code == "PrivateIpAddressOutOfRange"
    assert len(str(error).splitlines()) == 2


def test_an_unknown_subnet_is_told_alone():
    """What depends on it cannot be judged."""
    configured = config(
        private_ip_address="10.0.9.9",
        ipv6_address_count=1,
        security_groups=("sg-0a",),
        elastic_ip="new",
        public_ip_assignment="disabled",
    )
    error = refusal(configured, facts(subnet=None))
    assert error.failure.code == "UnknownSubnet"
    assert len(str(error).splitlines()) == 1
