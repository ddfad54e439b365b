# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for the Elastic IP: each one a row, with the words that its message must have."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.validation import (
    check_config,
    check_values,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.support.configurations import FACTS, OWN_TAGS, PUBLIC_SUBNET, address, config, expect, facts, record, refusal

PUBLIC = {"elastic_ip": "eipalloc-1", "public_ip_assignment": "enabled"}

VALUES = {
    "an unknown way to assign public addresses": (
        config(public_ip_assignment="always"),
        ("InvalidChoice", "public_ip_assignment 'always'", "enabled, disabled, subnet_default"),
    ),
    "a pool that is none": (
        config(elastic_ip="new", elastic_ip_pool="mine", public_ip_assignment="enabled"),
        ("InvalidElasticIpPool", "elastic_ip_pool 'mine'", "ipv4pool-ec2-", "ipam-pool-"),
    ),
    "a pool for an address that is given": (
        config(elastic_ip="eipalloc-1", elastic_ip_pool="ipam-pool-0123456789abcdef0", public_ip_assignment="enabled"),
        ("ConflictingOptions", "elastic_ip_pool 'ipam-pool-0123456789abcdef0'", "elastic_ip is not 'new'"),
    ),
    "an Elastic IP that is none": (
        config(elastic_ip="mine", public_ip_assignment="enabled"),
        ("InvalidElasticIp", "elastic_ip 'mine'", "allocation id", "'new'"),
    ),
}


@pytest.mark.parametrize(("configured", "expected"), VALUES.values(), ids=VALUES)
def test_a_value_is_refused(configured, expected):
    """Before AWS is asked anything, and again with its answers."""
    expect(refusal(configured), *expected)
    with pytest.raises(NodeError):
        check_values("db-1", None, configured)


AGAINST_FACTS = {
    "an Elastic IP where public addresses are disabled": (
        config(elastic_ip="eipalloc-1", public_ip_assignment="disabled"),
        facts(address=address()),
        ("ElasticIpNotAllowed", "elastic_ip 'eipalloc-1'", "'disabled'", "public_ip_assignment: enabled"),
    ),
    "an Elastic IP in a subnet without public addresses": (
        config(elastic_ip="new"),
        FACTS,
        ("ElasticIpNotAllowed", "elastic_ip 'new'", "'subnet_default'", "subnet-1", "public_ip_assignment: enabled"),
    ),
    "an Elastic IP, public addresses disabled in a subnet that assigns them": (
        config(elastic_ip="new", public_ip_assignment="disabled"),
        facts(subnet=PUBLIC_SUBNET),
        ("ElasticIpNotAllowed", "elastic_ip 'new'", "'disabled'"),
    ),
    "an Elastic IP on an Outpost": (
        config(elastic_ip="new", public_ip_assignment="enabled"),
        facts(subnet_is_on_outpost=True),
        ("ElasticIpNotSupported", "elastic_ip 'new'", "Outpost", "customer's own pool"),
    ),
    "a carrier address": (
        config(**PUBLIC),
        facts(address=address(is_private_to_zone=True)),
        ("ElasticIpNotSupported", "elastic_ip", "carrier address"),
    ),
    "an unknown Elastic IP": (
        config(**PUBLIC),
        FACTS,
        ("UnknownElasticIp", "elastic_ip 'eipalloc-1'", "us-east-1", "'new'"),
    ),
    "an Elastic IP of an instance": (
        config(**PUBLIC),
        facts(address=address(association_id="eipassoc-1", network_interface_id="eni-9", instance_id="i-9")),
        (
            "ElasticIpInUse",
            "elastic_ip '198.51.100.7 (eipalloc-1)'",
            "network interface eni-9 and instance i-9",
            "Disassociate",
        ),
    ),
    "an Elastic IP of an interface": (
        config(**PUBLIC),
        facts(address=address(association_id="eipassoc-1", network_interface_id="eni-9")),
        ("ElasticIpInUse", "eipalloc-1", "network interface eni-9"),
    ),
    "an Elastic IP that is somewhere": (
        config(**PUBLIC),
        facts(address=address(association_id="eipassoc-1")),
        ("ElasticIpInUse", "eipalloc-1", "eipassoc-1"),
    ),
    "an Elastic IP of another node": (
        config(**PUBLIC),
        facts(address=address(tags={**OWN_TAGS, "stateful_node:name": "db-2"})),
        ("ElasticIpOfAnotherNode", "elastic_ip '198.51.100.7 (eipalloc-1)'", "is node db-2's", "another address"),
    ),
    "an Elastic IP of another table": (
        config(**PUBLIC),
        facts(address=address(tags={**OWN_TAGS, "stateful_node:table": "others"})),
        ("ElasticIpOfAnotherNode", "eipalloc-1", "db-1 of table others"),
    ),
}


@pytest.mark.parametrize(("configured", "known", "expected"), AGAINST_FACTS.values(), ids=AGAINST_FACTS)
def test_what_ec2_says_refuses_a_configuration(configured, known, expected):
    """Of a new node; by itself the configuration is good."""
    check_values("db-1", None, configured)
    expect(refusal(configured, known), *expected)


ACCEPTED = {
    "an Elastic IP that is free": (config(**PUBLIC), facts(address=address()), None),
    "an Elastic IP where the subnet assigns public addresses": (
        config(elastic_ip="eipalloc-1"),
        facts(subnet=PUBLIC_SUBNET, address=address()),
        None,
    ),
    "an Elastic IP to be allocated": (config(elastic_ip="new", public_ip_assignment="enabled"), FACTS, None),
    "the node's own Elastic IP": (
        config(**PUBLIC),
        facts(address=address(association_id="eipassoc-1", network_interface_id="eni-1", tags=OWN_TAGS)),
        record(),
    ),
}


@pytest.mark.parametrize(("configured", "known", "before"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_configuration_is_accepted(configured, known, before):
    """The edges of the rules."""
    check_config("db-1", before, configured, known)


def test_an_elastic_ip_is_refused_to_a_node_that_has_another_interface():
    """Its own interface is not the one that the address is on."""
    elsewhere = facts(address=address(association_id="eipassoc-1", network_interface_id="eni-9"))
    expect(refusal(config(**PUBLIC), elsewhere, record()), "ElasticIpInUse", "network interface eni-9")


def test_an_elastic_ip_may_be_given_by_its_address():
    """It is looked up afterwards."""
    check_values("db-1", None, config(elastic_ip="198.51.100.7", public_ip_assignment="enabled"))
