# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameters of creating calls: all of the node, and nothing that must not stand beside its interface."""

from __future__ import annotations

from dataclasses import replace

import botocore.session
import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.parameters import (
    allocate_address_parameters,
    dry_run_parameters,
    network_interface_parameters,
    run_instances_apart_parameters,
    run_instances_parameters,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import (
    Candidate,
    Launch,
    LaunchTemplate,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.config_tag import config_tag
from botocore.validate import ParamValidator

from tests.support.builders import (
    FIRST_CANDIDATE,
    INTERFACE,
    PRIMARY,
    make_config,
    make_operation,
    make_record,
    paused,
)

ON_DEMAND = Candidate(instance_type="t3.micro", market="on_demand")
EVERYTHING = Launch(
    launch_template=LaunchTemplate(id="lt-1", version="3"),
    image_id="ami-1",
    instance_types=("t3.micro",),
    key_name="key",
    user_data="#!/bin/sh",
    iam_instance_profile="profile",
    block_device_mappings=(
        {"device_name": "/dev/sda1", "ebs": {"volume_size": 8, "delete_on_termination": False, "kms_key_id": "k"}},
    ),
    metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 2},
    tenancy="dedicated",
    placement_group="ring",
    placement_partition_number=2,
    capacity_reservation={"id": "cr-1"},
    credit_specification="standard",
    cpu_options={"core_count": 1, "threads_per_core": 1, "amd_sev_snp": "enabled"},
    ebs_optimized=False,
    monitoring=True,
    spot_max_price="0.05",
)


@pytest.fixture(scope="module")
def ec2_model():
    return botocore.session.Session().get_service_model("ec2")


@pytest.fixture
def check(ec2_model):
    """Checks parameters as boto3 does before it sends them."""

    def check(action, parameters):
        shape = ec2_model.operation_model(action).input_shape
        assert not ParamValidator().validate(parameters, shape).has_errors()
        assert set(parameters) <= set(shape.members)

    return check


def interface_of(record):
    return network_interface_parameters("t", record, 2)


def launch_of(launch=EVERYTHING, candidate=FIRST_CANDIDATE):
    return run_instances_parameters("t", paused(make_config(launch=launch, tags={"a": "1"})), 2, candidate)


def tags_of(parameters, kind):
    (tags,) = [item["Tags"] for item in parameters["TagSpecifications"] if item["ResourceType"] == kind]
    return {tag["Key"]: tag["Value"] for tag in tags}


def lost(*secondary, **options):
    """A node whose interface was lost, and its addresses."""
    return paused(make_config(**options), private_ip_addresses=(PRIMARY, *secondary), ipv6_addresses=("::1", "::2"))


@pytest.mark.parametrize("record", [make_record(), lost("10.0.1.21", secondary_private_ip_address_count=1)])
def test_ec2_takes_the_creation_of_an_interface(check, record):
    check("CreateNetworkInterface", interface_of(record))


def test_a_first_interface():
    parameters = interface_of(make_record(make_config(ipv6_address_count=2, tags={"a": "1"})))
    assert parameters["SubnetId"] == "subnet-1"
    assert parameters["Groups"] == ["sg-1"]
    assert parameters["Ipv6AddressCount"] == 2
    assert not {"PrivateIpAddress", "PrivateIpAddresses", "SecondaryPrivateIpAddressCount"} & set(parameters)
    assert tags_of(parameters, "network-interface") == {
        "Name": "db-1",
        "a": "1",
        "stateful_node:table": "t",
        "stateful_node:name": "db-1",
        "stateful_node:config": config_tag(make_config(ipv6_address_count=2)),
    }


def test_what_is_not_wanted_is_left_out():
    """An empty list of groups would be an error; left out it means the default group."""
    assert not {"Groups", "Ipv6AddressCount"} & set(interface_of(make_record(make_config(security_groups=()))))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(
            make_record(make_config(private_ip_address="10.0.1.50")),
            {"PrivateIpAddress": "10.0.1.50"},
            id="as configured",
        ),
        pytest.param(lost(), {"PrivateIpAddress": PRIMARY}, id="as it was"),
        pytest.param(lost(persist_private_ip=False), {}, id="any, where it need not persist"),
        pytest.param(
            make_record(make_config(secondary_private_ip_address_count=2)),
            {"SecondaryPrivateIpAddressCount": 2},
            id="a first one gets so many more",
        ),
        pytest.param(
            make_record(make_config(private_ip_address="10.0.1.50", secondary_private_ip_address_count=2)),
            {"PrivateIpAddress": "10.0.1.50", "SecondaryPrivateIpAddressCount": 2},
            id="so many beside a particular one",
        ),
        pytest.param(
            make_record(make_config(private_ip_address="10.0.1.50", secondary_private_ip_addresses=("10.0.1.21",))),
            {
                "PrivateIpAddresses": [
                    {"PrivateIpAddress": "10.0.1.50", "Primary": True},
                    {"PrivateIpAddress": "10.0.1.21", "Primary": False},
                ]
            },
            id="named ones",
        ),
        pytest.param(
            make_record(make_config(secondary_private_ip_addresses=("10.0.1.21",))),
            {},
            id="named ones wait until EC2 has chosen the primary one",
        ),
        pytest.param(
            lost("10.0.1.30", secondary_private_ip_address_count=1),
            {
                "PrivateIpAddresses": [
                    {"PrivateIpAddress": PRIMARY, "Primary": True},
                    {"PrivateIpAddress": "10.0.1.30", "Primary": False},
                ]
            },
            id="counted ones as they were",
        ),
        pytest.param(lost("10.0.1.30"), {"PrivateIpAddress": PRIMARY}, id="none that are not wanted any more"),
        pytest.param(
            lost("10.0.1.30", "10.0.1.31", secondary_private_ip_address_count=1),
            {
                "PrivateIpAddresses": [
                    {"PrivateIpAddress": PRIMARY, "Primary": True},
                    {"PrivateIpAddress": "10.0.1.30", "Primary": False},
                ]
            },
            id="no more of them than are wanted by now",
        ),
        pytest.param(
            lost("10.0.1.30", persist_private_ip=False, secondary_private_ip_address_count=1),
            {"SecondaryPrivateIpAddressCount": 1},
            id="counted ones beside any primary one",
        ),
    ],
)
def test_private_addresses(record, expected):
    keys = ("PrivateIpAddress", "PrivateIpAddresses", "SecondaryPrivateIpAddressCount")
    assert {key: value for key, value in interface_of(record).items() if key in keys} == expected


def test_an_interface_made_anew_keeps_its_ipv6_addresses():
    parameters = interface_of(lost(ipv6_address_count=2))
    assert parameters.get("Ipv6Addresses") == [{"Ipv6Address": "::1"}, {"Ipv6Address": "::2"}]


def test_an_interface_made_anew_stays_in_its_subnet():
    assert interface_of(paused(make_config(subnet_id="subnet-2")))["SubnetId"] == "subnet-1"


@pytest.mark.parametrize("candidate", [FIRST_CANDIDATE, ON_DEMAND, replace(FIRST_CANDIDATE, instance_type=None)])
@pytest.mark.parametrize("launch", [EVERYTHING, Launch(image_id="ami-1", instance_types=("t3.micro",))])
def test_ec2_takes_the_launch(check, launch, candidate):
    check("RunInstances", {"MinCount": 1, "MaxCount": 1, **launch_of(launch, candidate)})


@pytest.mark.parametrize("candidate", [FIRST_CANDIDATE, ON_DEMAND])
def test_a_launch_is_on_the_interface_in_its_zone_and_names_nothing_of_the_interface(candidate):
    parameters = launch_of(candidate=candidate)
    assert parameters["NetworkInterfaces"] == [{"NetworkInterfaceId": INTERFACE, "DeviceIndex": 0}]
    assert parameters["Placement"]["AvailabilityZone"] == "us-east-1a"
    assert not {"SecurityGroupIds", "SecurityGroups", "SubnetId", "PrivateIpAddress", "Ipv6AddressCount"} & set(
        parameters
    )


def test_a_launch_as_configured():
    parameters = launch_of()
    expected = {
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "3"},
        "ImageId": "ami-1",
        "InstanceType": "t3.micro",
        "KeyName": "key",
        "UserData": "#!/bin/sh",
        "IamInstanceProfile": {"Name": "profile"},
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        "Placement": {
            "AvailabilityZone": "us-east-1a",
            "GroupName": "ring",
            "PartitionNumber": 2,
            "Tenancy": "dedicated",
        },
        "CapacityReservationSpecification": {"CapacityReservationTarget": {"CapacityReservationId": "cr-1"}},
        "CreditSpecification": {"CpuCredits": "standard"},
        "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 1, "AmdSevSnp": "enabled"},
        "EbsOptimized": False,
        "Monitoring": {"Enabled": True},
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "DeleteOnTermination": False, "KmsKeyId": "k"}}
        ],
    }
    assert {key: parameters.get(key) for key in expected} == expected


def test_a_launch_leaves_out_what_is_not_configured():
    """A template's own value would be overridden by an empty one."""
    parameters = launch_of(
        Launch(launch_template=LaunchTemplate(id="lt-1", version="3")), Candidate(market="on_demand")
    )
    assert set(parameters) == {"ClientToken", "LaunchTemplate", "NetworkInterfaces", "Placement", "TagSpecifications"}


def test_an_instance_profile_may_be_an_arn():
    profile = "arn:aws:iam::1:instance-profile/p"
    assert launch_of(replace(EVERYTHING, iam_instance_profile=profile))["IamInstanceProfile"] == {"Arn": profile}


def test_a_placement_group_may_be_an_id():
    """Which another account that shares it gives."""
    placement = launch_of(replace(EVERYTHING, placement_group="pg-0123456789abcdef0"))["Placement"]
    assert (placement["GroupId"], "GroupName" in placement) == ("pg-0123456789abcdef0", False)


def test_binary_user_data_is_kept_as_base64_until_the_call():
    """An intent is stored, and bytes cannot be."""
    parameters = launch_of(replace(EVERYTHING, user_data=None, user_data_base64="H4s="))
    assert (parameters["UserDataBase64"], "UserData" in parameters) == ("H4s=", False)


def with_template(data, **options):
    template = LaunchTemplate(id="lt-1", version="3", data=data)
    return launch_of(Launch(launch_template=template, **options))


def test_what_a_template_says_of_the_placement_is_given_with_the_zone():
    """EC2 may take the call's structure in place of the template's."""
    data = {"Placement": {"AvailabilityZone": "us-east-1b", "GroupName": "ring", "Tenancy": "dedicated"}}
    expected = {"AvailabilityZone": "us-east-1a", "GroupName": "ring", "Tenancy": "dedicated"}
    assert with_template(data)["Placement"] == expected
    assert with_template(data, tenancy="default")["Placement"] == {**expected, "Tenancy": "default"}


def test_a_placement_group_is_not_mixed_with_that_of_the_template():
    data = {"Placement": {"GroupName": "ring", "PartitionNumber": 3}}
    placement = with_template(data, placement_group="pg-0123456789abcdef0")["Placement"]
    assert placement == {"AvailabilityZone": "us-east-1a", "GroupId": "pg-0123456789abcdef0"}


def test_metadata_options_are_those_of_the_template_and_of_the_node():
    data = {"MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpPutResponseHopLimit": 1}}
    options = with_template(data, metadata_options={"http_put_response_hop_limit": 2})["MetadataOptions"]
    assert options == {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
    assert "MetadataOptions" not in with_template(data)


def test_tags_are_those_of_the_template_and_of_the_node():
    tags = [{"Key": "a", "Value": "template"}, {"Key": "cost", "Value": "7"}]
    data = {"TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in ("instance", "elastic-gpu")]}
    parameters = with_template(data)
    assert tags_of(parameters, "instance").items() >= {"a": "1", "cost": "7", "stateful_node:name": "db-1"}.items()
    assert tags_of(parameters, "elastic-gpu") == {"a": "template", "cost": "7"}
    assert "cost" not in tags_of(parameters, "volume")


def test_spot_is_asked_for_once_and_ends_by_termination():
    """A persistent request would launch again by itself."""
    options = launch_of()["InstanceMarketOptions"]
    expected = {"SpotInstanceType": "one-time", "InstanceInterruptionBehavior": "terminate", "MaxPrice": "0.05"}
    assert options == {"MarketType": "spot", "SpotOptions": expected}
    assert "MaxPrice" not in launch_of(Launch(image_id="ami-1"))["InstanceMarketOptions"]["SpotOptions"]
    assert "InstanceMarketOptions" not in launch_of(candidate=ON_DEMAND)


@pytest.mark.parametrize(
    ("candidate", "kinds"),
    [(FIRST_CANDIDATE, {"instance", "volume", "spot-instances-request"}), (ON_DEMAND, {"instance", "volume"})],
)
def test_all_that_a_launch_makes_is_tagged_and_nothing_else(candidate, kinds):
    """EC2 refuses tags for a spot request that there is not, and for an interface that exists."""
    parameters = launch_of(candidate=candidate)
    assert {item["ResourceType"] for item in parameters["TagSpecifications"]} == kinds
    for kind in kinds:
        assert tags_of(parameters, kind) == {
            "Name": "db-1", "a": "1", "stateful_node:table": "t", "stateful_node:name": "db-1",
            "stateful_node:generation": "2",
        }  # fmt: skip


def test_the_operations_snapshot_is_launched():
    held = replace(paused(make_config(launch=EVERYTHING)), operation=make_operation("resume"))
    assert "UserData" not in run_instances_parameters("t", held, 2, FIRST_CANDIDATE)


def test_the_tokens_differ_by_what_is_made():
    record, ways = paused(), [(number, candidate) for number in (2, 3) for candidate in (FIRST_CANDIDATE, ON_DEMAND)]
    made = [network_interface_parameters("t", record, number) for number in (2, 3)]
    made += [run_instances_parameters("t", record, *way) for way in ways]
    tokens = [parameters["ClientToken"] for parameters in made]
    assert len(set(tokens)) == len(tokens)


def test_an_allocation_can_be_found_by_its_intents_tag(check):
    """The call has no token of its own."""
    parameters = allocate_address_parameters("t", make_record(make_config(tags={"Name": "mine"})), "token")
    check("AllocateAddress", parameters)
    assert parameters["Domain"] == "vpc"
    assert tags_of(parameters, "elastic-ip") == {
        "Name": "mine",
        "stateful_node:table": "t",
        "stateful_node:name": "db-1",
        "stateful_node:intent": "token",
    }


def test_an_instance_apart_has_a_disposable_interface_at_device_0(check):
    record = paused(make_config(handover="prelaunch", launch=EVERYTHING))
    parameters = run_instances_apart_parameters("t", record, 2, FIRST_CANDIDATE)
    check("RunInstances", {**parameters, "MinCount": 1, "MaxCount": 1})
    (interface,) = parameters["NetworkInterfaces"]
    described = interface.pop("Description")
    assert "db-1" in described
    assert interface == {
        "DeviceIndex": 0,
        "SubnetId": "subnet-1",
        "Groups": ["sg-1"],
        "DeleteOnTermination": True,
    }
    tagged = {item["ResourceType"]: {tag["Key"]: tag["Value"] for tag in item["Tags"]}
              for item in parameters["TagSpecifications"]}  # fmt: skip
    assert tagged["network-interface"]["stateful_node:role"] == "disposable"
    assert tagged["network-interface"]["stateful_node:name"] == "db-1"
    assert "stateful_node:role" not in tagged["instance"]
    plain = run_instances_parameters("t", record, 2, FIRST_CANDIDATE)
    apart = ("NetworkInterfaces", "TagSpecifications")
    assert {**plain, **{key: parameters[key] for key in apart}} == parameters


def test_a_node_without_a_public_address_has_none_at_device_0_either():
    record = paused(make_config(handover="prelaunch", public_ip_assignment="disabled"))
    (interface,) = run_instances_apart_parameters("t", record, 2, FIRST_CANDIDATE)["NetworkInterfaces"]
    assert interface["AssociatePublicIpAddress"] is False


@pytest.mark.parametrize("handover", ["terminate", "prelaunch"])
def test_a_dry_run_has_a_new_interface_and_neither_token_nor_user_data(check, handover):
    record = paused(make_config(launch=EVERYTHING, handover=handover))
    parameters = dry_run_parameters("t", record, FIRST_CANDIDATE, ("subnet-9", "us-east-1b"))
    check("RunInstances", {"MinCount": 1, "MaxCount": 1, **parameters})
    assert not {"ClientToken", "UserData"} & set(parameters)
    (interface,) = parameters["NetworkInterfaces"]
    assert "NetworkInterfaceId" not in interface
    assert interface["SubnetId"] == "subnet-9"
    assert parameters["Placement"]["AvailabilityZone"] == "us-east-1b"
    assert parameters["KeyName"] == "key"
