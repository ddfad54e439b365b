# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for how instances are launched: each one a row, with the words that its message must have."""

from __future__ import annotations

from base64 import b64encode

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.validation import (
    check_config,
    check_values,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Launch, LaunchTemplate
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.support.configurations import CONFIG, FACTS, TEMPLATE, config, expect, launching, refusal, template

WITH_TEMPLATE = config(launch=Launch(launch_template=TEMPLATE))
UNUSABLE = {
    "SecurityGroupIds": ["sg-1"],
    "SecurityGroups": ["web"],
    "NetworkInterfaces": [{"DeviceIndex": 0}],
    "InstanceMarketOptions": {"MarketType": "spot"},
    "InstanceRequirements": {"VCpuCount": {"Min": 2}},
}

VALUES = {
    "nothing to launch": (
        config(launch=Launch()),
        ("NothingToLaunch", "launch '{}'", "launch.launch_template, or launch.image_id together"),
    ),
    "an image without instance types": (
        config(launch=Launch(image_id="ami-1")),
        ("NothingToLaunch", "launch.image_id 'ami-1'", "together with launch.instance_types"),
    ),
    "instance types without an image": (
        config(launch=Launch(instance_types=("m6i.large", "m5.large"))),
        ("NothingToLaunch", "launch.instance_types 'm6i.large, m5.large'", "launch.image_id together"),
    ),
    "a version that is none": (
        config(launch=Launch(launch_template=LaunchTemplate(id="lt-1", version="latest"))),
        ("InvalidLaunchTemplateVersion", "launch.launch_template.version 'latest'", "$Latest"),
    ),
    "an unknown market": (
        launching(market="reserved"),
        ("InvalidChoice", "launch.market 'reserved'", "spot, on_demand"),
    ),
    "an unknown tenancy": (
        launching(tenancy="shared"),
        ("InvalidChoice", "launch.tenancy 'shared'", "default, dedicated, host"),
    ),
    "a dedicated host on spot": (
        launching(tenancy="host"),
        ("ConflictingOptions", "launch.tenancy 'host'", "launch.market: on_demand"),
    ),
    "an instance type twice": (
        launching(instance_types=("m5.large", "m6i.large", "m5.large")),
        ("DuplicateInstanceType", "launch.instance_types 'm5.large'", "once"),
    ),
    "a price that is no number": (
        launching(spot_max_price="cheap"),
        ("InvalidSpotMaxPrice", "launch.spot_max_price 'cheap'", "0.05"),
    ),
    "a negative price": (launching(spot_max_price="-1"), ("InvalidSpotMaxPrice", "launch.spot_max_price '-1'")),
    "a price of nothing": (launching(spot_max_price="0"), ("InvalidSpotMaxPrice", "launch.spot_max_price '0'")),
    "a price that EC2 does not take": (
        launching(spot_max_price="0.001"),
        ("InvalidSpotMaxPrice", "launch.spot_max_price '0.001'", "above 0.001"),
    ),
    "a hop limit that EC2 does not take": (
        launching(metadata_options={"http_put_response_hop_limit": 100}),
        ("InvalidMetadataOptions", "http_put_response_hop_limit '100'", "from 1 to 64"),
    ),
    "cores without threads": (
        launching(cpu_options={"core_count": 2}),
        ("InvalidCpuOptions", "launch.cpu_options.core_count '2'", "threads_per_core"),
    ),
    "threads without cores": (
        launching(cpu_options={"threads_per_core": 1}),
        ("InvalidCpuOptions", "launch.cpu_options.threads_per_core '1'", "core_count"),
    ),
    "no cores": (
        launching(cpu_options={"core_count": 0, "threads_per_core": 1}),
        ("InvalidCpuOptions", "launch.cpu_options.core_count '0'", "1 or more"),
    ),
    "credits that are not known": (
        launching(credit_specification="some"),
        ("InvalidChoice", "launch.credit_specification 'some'", "standard, unlimited"),
    ),
    "a capacity reservation on spot": (
        launching(capacity_reservation={"id": "cr-1"}),
        ("ConflictingOptions", "launch.capacity_reservation.id 'cr-1'", "launch.market: on_demand"),
    ),
    "a preference that could ignore the reservation": (
        launching(market="on_demand", capacity_reservation={"id": "cr-1", "preference": "open"}),
        ("ConflictingOptions", "launch.capacity_reservation.preference 'open'", "cr-1"),
    ),
    "a partition that EC2 does not have": (
        launching(placement_group="ring", placement_partition_number=8),
        ("InvalidPartition", "launch.placement_partition_number '8'", "from 1 to 7"),
    ),
    "a partition of no group": (
        launching(placement_partition_number=2),
        ("ConflictingOptions", "launch.placement_partition_number '2'", "launch.placement_group"),
    ),
    "hibernation": (
        launching(hibernation=True),
        ("HibernationNotSupported", "launch.hibernation 'true'", "a pause and a replace terminate the instance"),
    ),
    "a device twice": (
        launching(block_device_mappings=({"device_name": "/dev/xvdf"}, {"device_name": "/dev/xvdf"})),
        ("InvalidBlockDeviceMapping", "launch.block_device_mappings '/dev/xvdf'", "once"),
    ),
    "a KMS key for a volume that is not encrypted": (
        launching(block_device_mappings=({"device_name": "/dev/xvdf", "ebs": {"kms_key_id": "k"}},)),
        ("InvalidBlockDeviceMapping", "launch.block_device_mappings '/dev/xvdf'", "encrypted: true"),
    ),
    "user data that is too long": (
        launching(user_data="é" * 8193),
        ("UserDataTooLong", "launch.user_data '16386 bytes'", "16384"),
    ),
}


@pytest.mark.parametrize(("configured", "expected"), VALUES.values(), ids=VALUES)
def test_a_value_is_refused(configured, expected):
    """Before AWS is asked anything, and again with its answers."""
    expect(refusal(configured), *expected)
    with pytest.raises(NodeError):
        check_values("db-1", None, configured)


AGAINST_FACTS = {
    "an unknown launch template": (
        WITH_TEMPLATE,
        FACTS,
        ("UnknownLaunchTemplate", "launch.launch_template 'lt-1'", "version 4", "us-east-1"),
    ),
    **{
        f"a launch template with {field}": (
            WITH_TEMPLATE,
            template(**{field: value}),
            ("LaunchTemplateNotUsable", "launch.launch_template 'web (lt-1)'", field, "version 4", "Make a version"),
        )
        for field, value in UNUSABLE.items()
    },
    "a launch template with tags for an interface": (
        WITH_TEMPLATE,
        template(TagSpecifications=[{"ResourceType": "instance"}, {"ResourceType": "network-interface"}]),
        ("LaunchTemplateNotUsable", "'web (lt-1)'", "TagSpecifications for network-interface", "version 4"),
    ),
    "a launch template with tags for a spot request, on demand": (
        config(launch=Launch(launch_template=TEMPLATE, market="on_demand", fallback_to_on_demand=False)),
        template(TagSpecifications=[{"ResourceType": "spot-instances-request"}]),
        ("LaunchTemplateNotUsable", "'web (lt-1)'", "TagSpecifications for spot-instances-request", "version 4"),
    ),
    "a launch template with tags for a spot request, falling back": (
        WITH_TEMPLATE,
        template(TagSpecifications=[{"ResourceType": "spot-instances-request"}]),
        ("LaunchTemplateNotUsable", "TagSpecifications for spot-instances-request"),
    ),
    "a launch template that protects instances from termination": (
        WITH_TEMPLATE,
        template(DisableApiTermination=True),
        ("LaunchTemplateNotUsable", "'web (lt-1)'", "DisableApiTermination", "a pause terminates"),
    ),
    "a launch template that hibernates, on spot": (
        WITH_TEMPLATE,
        template(HibernationOptions={"Configured": True}),
        ("LaunchTemplateNotUsable", "HibernationOptions", "on spot capacity", "launch.market: on_demand"),
    ),
    "a launch template for a capacity reservation, on spot": (
        WITH_TEMPLATE,
        template(CapacityReservationSpecification={"CapacityReservationTarget": {"CapacityReservationId": "cr-1"}}),
        ("LaunchTemplateNotUsable", "CapacityReservationTarget", "launch.market: on_demand"),
    ),
    "a launch template without an image": (
        WITH_TEMPLATE,
        template(ImageId=None),
        ("LaunchTemplateIncomplete", "'web (lt-1)'", "no ImageId", "version 4", "launch.image_id"),
    ),
    "a launch template without an instance type": (
        WITH_TEMPLATE,
        template(InstanceType=""),
        ("LaunchTemplateIncomplete", "'web (lt-1)'", "no InstanceType", "version 4", "launch.instance_types"),
    ),
}


@pytest.mark.parametrize(("configured", "known", "expected"), AGAINST_FACTS.values(), ids=AGAINST_FACTS)
def test_what_ec2_says_refuses_a_configuration(configured, known, expected):
    """Of a new node; by itself the configuration is good."""
    check_values("db-1", None, configured)
    expect(refusal(configured, known), *expected)


ACCEPTED = {
    "image and instance types": (CONFIG, FACTS, None),
    "a launch template": (WITH_TEMPLATE, template(), None),
    "a launch template, image and types given": (
        launching(launch_template=TEMPLATE),
        template(ImageId=None, InstanceType=None),
        None,
    ),
    "a launch template with empty fields": (WITH_TEMPLATE, template(SecurityGroupIds=[], NetworkInterfaces=[]), None),
    "a launch template with tags for a spot request, on spot only": (
        config(launch=Launch(launch_template=TEMPLATE, fallback_to_on_demand=False)),
        template(TagSpecifications=[{"ResourceType": "spot-instances-request"}]),
        None,
    ),
    "a launch template for a capacity reservation, on demand": (
        config(launch=Launch(launch_template=TEMPLATE, market="on_demand")),
        template(CapacityReservationSpecification={"CapacityReservationTarget": {"CapacityReservationId": "cr-1"}}),
        None,
    ),
    "the largest hop limit": (launching(metadata_options={"http_put_response_hop_limit": 64}), FACTS, None),
    "an encrypted volume with a KMS key": (
        launching(block_device_mappings=({"device_name": "/dev/xvdf", "ebs": {"kms_key_id": "k", "encrypted": True}},)),
        FACTS,
        None,
    ),
    "a dedicated host on demand": (launching(tenancy="host", market="on_demand"), FACTS, None),
    "a price": (launching(spot_max_price=".05"), FACTS, None),
    "as much user data as EC2 takes": (launching(user_data="x" * 16384), FACTS, None),
}


@pytest.mark.parametrize(("configured", "known", "before"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_configuration_is_accepted(configured, known, before):
    """The edges of the rules."""
    check_config("db-1", before, configured, known)


def test_user_data_never_stands_in_an_error():
    """Not even when it is what is wrong."""
    assert "hunter2" not in str(refusal(launching(user_data="hunter2" * 3000)))


def test_user_data_is_counted_before_it_is_encoded():
    """Base64 takes a third more."""
    allowed = launching(user_data_base64=b64encode(bytes(16384)).decode())
    check_values("db-1", None, allowed)
    too_long = launching(user_data_base64=b64encode(bytes(16385)).decode())
    expect(refusal(too_long), "UserDataTooLong", "launch.user_data_base64 '16385 bytes'")


def test_what_is_not_base64_is_refused_and_not_shown():
    error = refusal(launching(user_data_base64="hunter2!"))
    expect(error, "InvalidUserData", "launch.user_data_base64 '(not shown)' is not base64")
    assert "hunter2" not in str(error)
