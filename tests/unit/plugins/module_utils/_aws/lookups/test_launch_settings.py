# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an instance was launched, from EC2's answers."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.lookups.launch_settings import (
    from_instance,
    read_launched,
    read_undescribed,
)

INSTANCE = {
    "InstanceId": "i-1",
    "ImageId": "ami-1",
    "InstanceType": "t3.micro",
    "KeyName": "key",
    "IamInstanceProfile": {"Arn": "arn:aws:iam::1:instance-profile/p", "Id": "x"},
    "Placement": {"Tenancy": "dedicated", "AvailabilityZone": "a"},
    "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpPutResponseHopLimit": 2},
}


class Client:
    def __init__(self, instance):
        self.instance = instance

    def describe_instance_types(self, **_types):
        return {"InstanceTypes": [{"VCpuInfo": {"DefaultCores": 1, "DefaultThreadsPerCore": 2}}]}

    def describe_instance_credit_specifications(self, **_ids):
        return {"InstanceCreditSpecifications": [{"CpuCredits": self.instance["Credits"]}]}

    def describe_instances(self, **_filters):
        return {"Reservations": [{"Instances": [self.instance]}]}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_settings_are_read_as_the_option_takes_them():
    launched = from_instance({**INSTANCE, "InstanceLifecycle": "spot"}, encoded("ü\n".encode()), {})
    assert launched.options == {
        "image_id": "ami-1",
        "instance_types": ["t3.micro"],
        "key_name": "key",
        "iam_instance_profile": "arn:aws:iam::1:instance-profile/p",
        "tenancy": "dedicated",
        "market": "spot",
        "metadata_options": {"http_tokens": "required", "http_put_response_hop_limit": 2},
        "user_data": "ü\n",
    }


def test_user_data_that_is_not_a_text_is_read_as_base64():
    launched = from_instance(INSTANCE, encoded(b"\xff\xfe"), {})
    assert "user_data" not in launched.options
    assert launched.options["user_data_base64"] == encoded(b"\xff\xfe")


def test_an_instance_on_demand_may_have_been_meant_for_spot():
    launched = from_instance(INSTANCE, None, {})
    assert [item.value for item in launched.assumed if item.option == "launch.market"] == ["on_demand"]


def test_a_template_says_all_but_what_stood_beside_it():
    tags = {"aws:ec2launchtemplate:id": "lt-1", "aws:ec2launchtemplate:version": "3"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    launched = read_launched(Client({**INSTANCE, "Tags": listed}), "i-1")
    assert launched.options["launch_template"] == {"id": "lt-1", "version": "3"}
    assert "image_id" not in launched.options
    assert launched.assumed[0].option == "launch.launch_template"


def test_what_is_described_as_it_is_without_a_request_is_not_taken_for_one():
    """So that other types of the node, or another account's defaults, have theirs."""
    plain = {
        "Placement": {"Tenancy": "default", "GroupName": ""},
        "Monitoring": {"State": "disabled"},
        "EbsOptimized": False,
        "CapacityReservationSpecification": {"CapacityReservationPreference": "open"},
    }
    options = from_instance({**INSTANCE, **plain}, None, {}).options
    named = {"tenancy", "placement_group", "monitoring", "ebs_optimized", "capacity_reservation"}
    assert not named & set(options)


def test_what_was_requested_is_read():
    requested = {
        "Placement": {"Tenancy": "default", "GroupName": "ring", "PartitionNumber": 2},
        "Monitoring": {"State": "pending"},
        "EbsOptimized": True,
        "CapacityReservationSpecification": {"CapacityReservationTarget": {"CapacityReservationId": "cr-1"}},
    }
    options = from_instance({**INSTANCE, **requested}, None, {}).options
    assert (options["placement_group"], options["placement_partition_number"]) == ("ring", 2)
    assert (options["monitoring"], options["ebs_optimized"]) == (True, True)
    assert options["capacity_reservation"] == {"id": "cr-1"}


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        ({"Credits": "unlimited"}, {}),
        ({"Credits": "standard"}, {"credit_specification": "standard"}),
        (
            {"InstanceType": "t2.micro", "Credits": "unlimited"},
            {"credit_specification": "unlimited"},
        ),
        ({"InstanceType": "trn1.2xlarge"}, {}),
        (
            {"InstanceType": "m5.large", "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2}},
            {},
        ),
        (
            {"InstanceType": "m5.large", "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 1}},
            {"cpu_options": {"core_count": 1, "threads_per_core": 1}},
        ),
        (
            {"InstanceType": "m6a.large", "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2, "AmdSevSnp": "enabled"}},
            {"cpu_options": {"amd_sev_snp": "enabled"}},
        ),
    ],
)
def test_what_differs_from_the_types_own_is_read(instance, expected):
    instance = {**INSTANCE, **instance}
    assert read_undescribed(Client(instance), instance) == expected
