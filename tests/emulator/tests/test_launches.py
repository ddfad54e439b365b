# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from .account import Account, error_of


def error(account: Account, interface_id: str | None = None, **parameters: Any) -> str:
    return error_of(account.ec2.run_instances, **account.request(interface_id, **parameters))


def test_an_interface_brings_address_zone_and_groups(account: Account) -> None:
    interface_id = account.create_interface(
        account.network.subnet_b_id, PrivateIpAddress="10.0.2.44", Groups=[account.network.other_security_group_id]
    )
    found = account.instance(account.run(interface_id))
    assert found["PrivateIpAddress"] == "10.0.2.44"
    assert found["SubnetId"] == account.network.subnet_b_id
    assert found["Placement"]["AvailabilityZone"] == account.network.zone_b
    assert [group["GroupId"] for group in found["SecurityGroups"]] == [account.network.other_security_group_id]
    attachment = account.interface(interface_id)["Attachment"]
    assert (attachment["DeviceIndex"], attachment["DeleteOnTermination"]) == (0, False)


def test_an_interface_in_use_is_refused_and_stays(account: Account) -> None:
    interface_id = account.create_interface()
    instance_id = account.launch(interface_id)
    assert error(account, interface_id) == "InvalidNetworkInterface.InUse"
    assert account.interface(interface_id)["Attachment"]["InstanceId"] == instance_id


@pytest.mark.parametrize("parameter", ["SecurityGroupIds", "SubnetId", "PrivateIpAddress"])
def test_nothing_stands_beside_an_interface(account: Account, parameter: str) -> None:
    values: dict[str, Any] = {
        "SecurityGroupIds": [account.network.security_group_id],
        "SubnetId": account.network.subnet_a_id,
        "PrivateIpAddress": "10.0.1.77",
    }
    given = {parameter: values[parameter]}
    assert error(account, account.create_interface(), **given) == "InvalidParameterCombination"


@pytest.mark.parametrize("option", ["Groups", "SubnetId", "AssociatePublicIpAddress", "DeleteOnTermination"])
def test_options_of_new_interfaces_are_refused_for_existing_ones(account: Account, option: str) -> None:
    values: dict[str, Any] = {"Groups": [account.network.security_group_id], "SubnetId": account.network.subnet_a_id}
    nic = {"NetworkInterfaceId": account.create_interface(), "DeviceIndex": 0, option: values.get(option, True)}
    request = {**account.request("unused"), "NetworkInterfaces": [nic]}
    assert error_of(account.ec2.run_instances, **request) == "InvalidParameterCombination"


def test_two_instances_do_not_share_an_interface(account: Account) -> None:
    assert error(account, account.create_interface(), MinCount=2, MaxCount=2) == "InvalidParameterCombination"


def test_another_zone_is_refused(account: Account) -> None:
    interface_id = account.create_interface(account.network.subnet_b_id)
    placement = {"AvailabilityZone": account.network.zone_a}
    assert error(account, interface_id, Placement=placement) == "InvalidParameterCombination"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ImageId": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
        ({"InstanceType": "zz9.huge"}, "InvalidParameterValue"),
        ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
        ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound"),
    ],
)
def test_what_does_not_exist_is_refused(account: Account, wrong: dict[str, str], code: str) -> None:
    assert error(account, **wrong) == code


def test_a_refused_launch_leaves_nothing(account: Account) -> None:
    assert error(account, "eni-0123456789abcdef0") == "InvalidNetworkInterfaceID.NotFound"
    taken = account.interface(account.create_interface())["PrivateIpAddress"]
    assert error(account, PrivateIpAddress=taken) == "InvalidIPAddress.InUse"
    assert account.ec2.describe_instances()["Reservations"] == []


def test_as_many_as_possible_are_launched(account: Account) -> None:
    launched = account.ec2.run_instances(**account.request(MinCount=1, MaxCount=3))
    assert len(launched["Instances"]) == 3


def test_tags_for_what_the_launch_does_not_create_are_refused(account: Account) -> None:
    def tags(kind: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": [{"Key": "k", "Value": "v"}]}]

    interface_id = account.create_interface()
    refused = "InvalidParameterCombination"
    assert error(account, interface_id, TagSpecifications=tags("network-interface")) == refused
    assert error(account, interface_id, TagSpecifications=tags("spot-instances-request")) == refused
    instance = account.instance(account.run(TagSpecifications=tags("network-interface")))
    created = instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
    assert account.interface(created)["TagSet"] == [{"Key": "k", "Value": "v"}]


class TestLaunchTemplate:
    @pytest.fixture
    def template(self, account: Account) -> Any:
        def create(**data: Any) -> dict[str, str]:
            made = account.ec2.create_launch_template(LaunchTemplateName="node", LaunchTemplateData=data)
            return {"LaunchTemplateId": made["LaunchTemplate"]["LaunchTemplateId"]}

        return create

    def test_gives_what_the_request_leaves_out(self, account: Account, template: Any) -> None:
        given = template(
            ImageId=account.network.image_id,
            InstanceType="t3.small",
            InstanceMarketOptions={"MarketType": "spot"},
            NetworkInterfaces=[{"NetworkInterfaceId": account.create_interface(), "DeviceIndex": 0}],
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "from", "Value": "template"}]}],
        )
        interface_id = account.create_interface()
        nics = [{"NetworkInterfaceId": interface_id, "DeviceIndex": 0}]
        launched = account.ec2.run_instances(MinCount=1, MaxCount=1, LaunchTemplate=given, NetworkInterfaces=nics)
        found = account.instance(launched["Instances"][0]["InstanceId"])
        assert (found["InstanceType"], found["InstanceLifecycle"]) == ("t3.small", "spot")
        assert found["NetworkInterfaces"][0]["NetworkInterfaceId"] == interface_id
        assert {"Key": "from", "Value": "template"} in found["Tags"]

    def test_with_groups_at_its_top_fails_beside_an_interface(self, account: Account, template: Any) -> None:
        given = template(SecurityGroupIds=[account.network.security_group_id])
        code = error(account, account.create_interface(), LaunchTemplate=given)
        assert code == "InvalidParameterCombination"


class TestClientToken:
    def test_gives_the_same_instance_again(self, account: Account) -> None:
        interface_id = account.create_interface()
        first = account.launch(interface_id, ClientToken="token")
        assert account.launch(interface_id, ClientToken="token") == first

    def test_is_shown_by_every_description_of_the_instance(self, account: Account) -> None:
        """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html (clientToken)"""
        instance_id = account.launch(ClientToken="token")
        other = account.launch()
        assert account.instance(instance_id)["ClientToken"] == "token"
        assert account.instance(other)["ClientToken"] not in ("token", "ABCDE")

    def test_with_other_parameters_is_a_mismatch(self, account: Account) -> None:
        account.launch(ClientToken="token")
        code = error(account, ClientToken="token", InstanceType="t3.large")
        assert code == "IdempotentParameterMismatch"

    def test_of_a_terminated_instance_is_an_error(self, account: Account) -> None:
        instance_id = account.launch(ClientToken="token")
        account.ec2.terminate_instances(InstanceIds=[instance_id])
        assert error(account, ClientToken="token") == "IdempotentInstanceTerminated"
        account.wait_for(instance_id, "terminated")
        assert error(account, ClientToken="token") == "IdempotentInstanceTerminated"

    def test_of_a_refused_launch_is_free(self, account: Account) -> None:
        assert error(account, ClientToken="token", KeyName="nobody") == "InvalidKeyPair.NotFound"
        assert error(account, ClientToken="token") == "OK"

    def test_too_long_is_refused(self, account: Account) -> None:
        assert error(account, ClientToken="x" * 65) == "InvalidParameterValue"

    def test_of_an_interface(self, account: Account) -> None:
        first = account.create_interface(ClientToken="token", Description="a")
        assert account.create_interface(ClientToken="token", Description="a") == first
        create = account.ec2.create_network_interface
        changed = {"SubnetId": account.network.subnet_a_id, "ClientToken": "token", "Description": "b"}
        assert error_of(create, **changed) == "IdempotentParameterMismatch"
