# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 refuses of one instance type, or of parameters that do not go together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.process import Emulator
from tests.support.waiting import until

from .account import Account, error_of

SPOT = {"MarketType": "spot"}
TAGS = [{"ResourceType": "instance", "Tags": [{"Key": "Patch Group", "Value": "a"}]}]
KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def mapping(**volume: Any) -> dict[str, Any]:
    return {"DeviceName": "/dev/xvdf", "Ebs": {"VolumeSize": 8, **volume}}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"InstanceType": "t4g.small"}, "InvalidParameterValue"),
        ({"InstanceType": "u-3tb1.56xlarge", "InstanceMarketOptions": SPOT}, "InvalidParameterValue"),
        ({"MetadataOptions": {"HttpPutResponseHopLimit": 100}}, "InvalidParameterValue"),
        (
            {"MetadataOptions": {"InstanceMetadataTags": "enabled"}, "TagSpecifications": TAGS},
            "InvalidParameterValue",
        ),
        ({"BlockDeviceMappings": [mapping(), mapping()]}, "InvalidBlockDeviceMapping"),
        ({"BlockDeviceMappings": [mapping(KmsKeyId=KMS_KEY)]}, "InvalidParameterDependency"),
        (
            {
                "InstanceMarketOptions": SPOT,
                "CapacityReservationSpecification": {
                    "CapacityReservationTarget": {"CapacityReservationId": "cr-1234567890abcdef0"}
                },
            },
            "InvalidParameterCombination",
        ),
        ({"CpuOptions": {"CoreCount": 1}}, "InvalidParameterCombination"),
        ({"CpuOptions": {"CoreCount": 9, "ThreadsPerCore": 1}}, "InvalidParameterValue"),
        (
            {"InstanceType": "m5.large", "CreditSpecification": {"CpuCredits": "unlimited"}},
            "InstanceCreditSpecification.NotSupported",
        ),
        ({"Placement": {"GroupName": "a", "GroupId": "pg-1234"}}, "InvalidParameterCombination"),
        ({"Placement": {"PartitionNumber": 1}}, "InvalidParameterCombination"),
        (
            {
                "CapacityReservationSpecification": {
                    "CapacityReservationPreference": "open",
                    "CapacityReservationTarget": {"CapacityReservationId": "cr-1234567890abcdef0"},
                }
            },
            "InvalidParameterCombination",
        ),
        (
            {"InstanceMarketOptions": SPOT, "HibernationOptions": {"Configured": True}},
            "InvalidParameterCombination",
        ),
    ],
)
def test_a_launch_is_refused(account: Account, parameters: dict[str, Any], code: str) -> None:
    assert error_of(account.ec2.run_instances, **account.request(account.create_interface(), **parameters)) == code


@pytest.mark.parametrize(
    "parameters",
    [
        {"MetadataOptions": {"HttpPutResponseHopLimit": 64}},
        {"TagSpecifications": TAGS},
        {"BlockDeviceMappings": [mapping(KmsKeyId=KMS_KEY, Encrypted=True)]},
    ],
)
def test_a_launch_that_is_nearly_like_that_is_not(account: Account, parameters: dict[str, Any]) -> None:
    assert error_of(account.ec2.run_instances, **account.request(**parameters)) == "OK"


def test_an_interface_may_have_more_addresses_than_an_instance_type_takes(account: Account) -> None:
    """t3.micro takes two: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html"""
    interface_id = account.create_interface(SecondaryPrivateIpAddressCount=2)
    request = account.request(interface_id)
    assert error_of(account.ec2.run_instances, **request) == "InvalidInterface.IpAddressLimitExceeded"
    assert error_of(account.ec2.run_instances, **{**request, "InstanceType": "t3.small"}) == "OK"


def test_an_interface_is_in_use_for_a_while_after_a_refusal(account: Account, emulator: Emulator) -> None:
    emulator.configure(durations={"interface_hold": 0.4})
    emulator.set_capacity(instance_type="t3.micro", outcome="refused")
    request = account.request(account.create_interface())
    assert error_of(account.ec2.run_instances, **request) == "InsufficientInstanceCapacity"
    other = {**request, "InstanceType": "t3.small"}
    assert error_of(account.ec2.run_instances, **other) == "InvalidNetworkInterface.InUse"
    assert account.interface(request["NetworkInterfaces"][0]["NetworkInterfaceId"])["Status"] == "available"
    until(lambda: error_of(account.ec2.run_instances, **other) == "OK")


def test_what_a_launch_asked_for_is_shown(account: Account) -> None:
    request = account.request(
        CpuOptions={"CoreCount": 1, "ThreadsPerCore": 1},
        Placement={"GroupName": "ring", "PartitionNumber": 2},
        CapacityReservationSpecification={"CapacityReservationPreference": "none"},
        CreditSpecification={"CpuCredits": "standard"},
        Monitoring={"Enabled": True},
        EbsOptimized=True,
    )
    (launched,) = account.ec2.run_instances(**request)["Instances"]
    found = account.ec2.describe_instances(InstanceIds=[launched["InstanceId"]])
    shown = found["Reservations"][0]["Instances"][0]
    assert shown["CpuOptions"] == {"CoreCount": 1, "ThreadsPerCore": 1}
    assert (shown["Placement"]["GroupName"], shown["Placement"]["PartitionNumber"]) == ("ring", 2)
    assert shown["CapacityReservationSpecification"] == {"CapacityReservationPreference": "none"}
    assert shown["Monitoring"]["State"] in ("pending", "enabled")
    assert shown["EbsOptimized"]
    answer = account.ec2.describe_instance_credit_specifications(InstanceIds=[launched["InstanceId"]])
    assert [item["CpuCredits"] for item in answer["InstanceCreditSpecifications"]] == ["standard"]
