# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of a configuration when options are merged into it, and how it is shown."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.lookups import (
    Facts,
    LaunchTemplateVersion,
    SecurityGroup,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.options import (
    config_diff,
    merge_options,
    public_config,
    resolve,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import (
    Config,
    Launch,
    LaunchTemplate,
    Subnet,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Address

STORED = Config(
    subnet_id="subnet-1",
    persist_private_ip=False,
    private_ip_address="10.0.1.15",
    secondary_private_ip_addresses=("10.0.1.16",),
    secondary_private_ip_address_count=2,
    ipv6_address_count=1,
    elastic_ip="eipalloc-1",
    public_ip_assignment="enabled",
    security_groups=("sg-1",),
    source_dest_check=False,
    rebalance="replace",
    auto_heal=True,
    unhealthy_after=300,
    launch=Launch(
        launch_template=LaunchTemplate(id="lt-1", version="3"),
        image_id="ami-1",
        instance_types=("m6i.large",),
        key_name="ops",
        user_data="#!/bin/sh",
        iam_instance_profile="node",
        block_device_mappings=({"device_name": "/dev/xvda", "ebs": {"volume_size": 20}},),
        metadata_options={"http_tokens": "required"},
        tenancy="dedicated",
        market="on_demand",
        fallback_to_on_demand=False,
        spot_max_price="0.05",
    ),
    tags={"team": "data"},
)


def merged(**options):
    return merge_options("db-1", STORED, options)


def test_a_new_node_gets_the_defaults():
    """What is left out at creation is Config's default."""
    assert merge_options("db-1", None, {"subnet_id": "subnet-1", "launch": None}) == Config(subnet_id="subnet-1")


def test_a_new_node_gets_what_is_given():
    """There is nothing to merge it with."""
    options = {"subnet_id": "subnet-1", "launch": {"image_id": "ami-1"}, "tags": {"a": "b"}, "purge_tags": False}
    expected = Config(subnet_id="subnet-1", launch=Launch(image_id="ami-1"), tags={"a": "b"})
    assert merge_options("db-1", None, options) == expected


@pytest.mark.parametrize("options", [{}, {"subnet_id": None}, {"subnet_id": ""}])
def test_a_new_node_needs_a_subnet(options):
    """The error names the node and the option."""
    with pytest.raises(NodeError, match="db-1: subnet_id is missing"):
        merge_options("db-1", None, options)


def test_a_stored_subnet_cannot_be_cleared():
    """An empty subnet_id is no subnet."""
    with pytest.raises(NodeError, match="db-1: subnet_id is missing or empty"):
        merged(subnet_id="")


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Config)])
def test_an_option_left_out_keeps_its_value(field):
    """None is what AnsibleModule makes of an option that was left out."""
    assert merged(**{field: None}) == STORED


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Launch)])
def test_a_launch_option_left_out_keeps_its_value(field):
    """`launch` merges per key."""
    assert merged(launch={field: None}) == STORED


@pytest.mark.parametrize(
    ("option", "given", "expected"),
    [
        ("subnet_id", " subnet-2 ", "subnet-2"),
        ("persist_private_ip", True, True),
        ("private_ip_address", "10.0.1.20", "10.0.1.20"),
        ("private_ip_address", "", None),
        ("secondary_private_ip_addresses", ["10.0.1.30", " 10.0.1.31"], ("10.0.1.30", "10.0.1.31")),
        ("secondary_private_ip_addresses", [], ()),
        ("secondary_private_ip_addresses", [""], ()),
        ("secondary_private_ip_address_count", 0, 0),
        ("secondary_private_ip_address_count", 3, 3),
        ("ipv6_address_count", 0, 0),
        ("elastic_ip", "new", "new"),
        ("elastic_ip", "", None),
        ("public_ip_assignment", "disabled", "disabled"),
        ("security_groups", ["web", "sg-2"], ("web", "sg-2")),
        ("security_groups", [""], ()),
        ("source_dest_check", True, True),
        ("rebalance", "ignore", "ignore"),
        ("auto_heal", False, False),
        ("unhealthy_after", 0, 0),
    ],
)
def test_an_option_given_replaces_or_clears(option, given, expected):
    """An empty value clears; only the option given changes."""
    assert merged(**{option: given}) == dataclasses.replace(STORED, **{option: expected})


@pytest.mark.parametrize(
    ("option", "given", "expected"),
    [
        ("image_id", "", None),
        ("instance_types", ["t3.micro", "t3.small"], ("t3.micro", "t3.small")),
        ("instance_types", [""], ()),
        ("key_name", "", None),
        ("user_data", "", None),
        ("user_data", " \n", " \n"),
        ("iam_instance_profile", "", None),
        ("block_device_mappings", [], ()),
        (
            "block_device_mappings",
            [{"device_name": "/dev/xvdb", "no_device": None, "ebs": {"volume_size": 5, "iops": None}}],
            ({"device_name": "/dev/xvdb", "ebs": {"volume_size": 5}},),
        ),
        ("metadata_options", {"http_endpoint": "disabled", "http_tokens": None}, {"http_endpoint": "disabled"}),
        ("metadata_options", {"http_endpoint": None}, {}),
        ("tenancy", "default", "default"),
        ("market", "spot", "spot"),
        ("fallback_to_on_demand", True, True),
        ("spot_max_price", "", None),
        ("launch_template", {"id": None, "name": "web", "version": None}, LaunchTemplate(id="web", version="$Default")),
        ("launch_template", {"id": "lt-2", "version": "7"}, LaunchTemplate(id="lt-2", version="7")),
        ("launch_template", {"version": "$Latest"}, LaunchTemplate(id="lt-1", version="$Latest")),
        ("launch_template", {}, None),
        ("launch_template", {"id": "", "name": None, "version": None}, None),
    ],
)
def test_a_launch_option_given_replaces_or_clears(option, given, expected):
    """Only the key given changes."""
    expected_launch = dataclasses.replace(STORED.launch, **{option: expected})
    assert merged(launch={option: given}) == dataclasses.replace(STORED, launch=expected_launch)


def test_a_version_needs_a_launch_template():
    """The error names the node, the option, its value and what to give."""
    with pytest.raises(NodeError, match=r"db-1: launch.launch_template.version '4' .*launch.launch_template.name"):
        merge_options("db-1", None, {"subnet_id": "subnet-1", "launch": {"launch_template": {"version": "4"}}})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"tags": {"env": "prod"}}, {"env": "prod"}),
        ({"tags": {"env": "prod"}, "purge_tags": True}, {"env": "prod"}),
        ({"tags": {"env": "prod"}, "purge_tags": False}, {"team": "data", "env": "prod"}),
        ({"tags": {"team": "ops"}, "purge_tags": False}, {"team": "ops"}),
        ({"tags": {}}, {}),
        ({"tags": {}, "purge_tags": False}, {"team": "data"}),
        ({"tags": {"cost": 7, "spot": True, "note": None}}, {"cost": "7", "spot": "True", "note": ""}),
    ],
)
def test_tags_replace_or_add(options, expected):
    """Values become text, as EC2 has them."""
    assert merged(**options).tags == expected


FACTS = Facts(
    region="us-east-1",
    table_name="nodes",
    subnet=Subnet(
        subnet_id="subnet-1", vpc_id="vpc-1", availability_zone="a", cidr_block="10.0.1.0/24", assigns_public_ip=False
    ),
    security_groups=(
        SecurityGroup(group_id="sg-1", group_name="web", vpc_id="vpc-1"),
        SecurityGroup(group_id="sg-9", group_name="web", vpc_id="vpc-2"),
        SecurityGroup(group_id="sg-8", group_name="db", vpc_id="vpc-2"),
    ),
    address=Address(allocation_id="eipalloc-7", public_ip="198.51.100.7"),
    launch_template=LaunchTemplateVersion(id="lt-1", name="web", version="5"),
)


def test_references_are_resolved():
    """A name becomes the id of this VPC's group, an address its allocation, `$Latest` a number."""
    config = Config(
        subnet_id="subnet-1",
        elastic_ip="198.51.100.7",
        security_groups=("web", "sg-1", "db", "sg-3"),
        launch=Launch(launch_template=LaunchTemplate(id="web", version="$Latest")),
    )
    resolved = resolve(config, FACTS)
    assert resolved.elastic_ip == "eipalloc-7"
    assert resolved.security_groups == ("sg-1", "db", "sg-3")
    assert resolved.launch.launch_template == LaunchTemplate(id="lt-1", version="5")


def test_what_ec2_does_not_have_stays_as_it_is():
    """So that validation can name it."""
    config = Config(subnet_id="subnet-1", elastic_ip="new", security_groups=("web",), launch=STORED.launch)
    assert resolve(config, Facts(region="us-east-1", table_name="nodes")) == config


def test_user_data_is_shown_as_a_hash_only():
    """Neither the configuration shown nor a diff has the secret."""
    secret = "password=hunter2"
    config = dataclasses.replace(STORED, launch=dataclasses.replace(STORED.launch, user_data=secret))
    shown, changes = public_config(config), config_diff(STORED, config)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    assert shown["launch"]["user_data_sha256"] == digest
    assert set(changes) == {"launch.user_data_sha256"}
    assert changes["launch.user_data_sha256"]["after"] == digest
    assert "hunter2" not in str((shown, changes, config_diff(None, config), config_diff(config, None)))


def test_every_option_is_shown_as_plain_data():
    """A user can rely on each key, also of an option without a value."""
    shown = public_config(Config(subnet_id="subnet-1"))
    assert set(shown) == {field.name for field in dataclasses.fields(Config)}
    assert shown["private_ip_address"] is None
    assert shown["security_groups"] == []
    assert shown["launch"]["user_data_sha256"] is None
    assert "user_data" not in shown["launch"]


def test_a_diff_names_what_changed():
    """Nothing else, and launch options by their path."""
    after = merged(private_ip_address="", launch={"image_id": "ami-2"})
    assert config_diff(STORED, after) == {
        "private_ip_address": {"before": "10.0.1.15", "after": None},
        "launch.image_id": {"before": "ami-1", "after": "ami-2"},
    }
    assert config_diff(STORED, STORED) == {}


def test_a_new_and_a_forgotten_configuration_differ_from_none():
    """Options without a value are no difference."""
    assert config_diff(None, STORED)["subnet_id"] == {"before": None, "after": "subnet-1"}
    assert config_diff(STORED, None)["subnet_id"] == {"before": "subnet-1", "after": None}
    assert "elastic_ip" not in config_diff(None, Config(subnet_id="subnet-1"))
