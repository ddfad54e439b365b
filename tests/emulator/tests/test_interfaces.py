# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress

import pytest

from tests.support.waiting import until

from .account import Account, error_of


@pytest.mark.parametrize("address", ["192.168.1.9", "10.0.1.0", "10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.255"])
def test_an_address_outside_the_subnet_or_reserved_is_refused(account: Account, address: str) -> None:
    create, subnet_id = account.ec2.create_network_interface, account.network.subnet_a_id
    assert error_of(create, SubnetId=subnet_id, PrivateIpAddress=address) == "InvalidParameterValue"


def test_a_taken_address_is_refused_and_free_again_after_deletion(account: Account) -> None:
    create, wanted = account.ec2.create_network_interface, {"PrivateIpAddress": "10.0.1.50"}
    interface_id = account.create_interface(**wanted)
    assert error_of(create, SubnetId=account.network.subnet_a_id, **wanted) == "InvalidIPAddress.InUse"
    account.ec2.delete_network_interface(NetworkInterfaceId=interface_id)
    assert account.interface(account.create_interface(**wanted))["PrivateIpAddress"] == "10.0.1.50"


def test_addresses_come_unique_until_the_subnet_is_full(account: Account) -> None:
    subnet = account.ec2.create_subnet(VpcId=account.network.vpc_id, CidrBlock="10.0.9.0/28")["Subnet"]["SubnetId"]
    made = [account.interface(account.create_interface(subnet))["PrivateIpAddress"] for _ in range(11)]
    assert sorted(made, key=lambda address: int(address.rsplit(".", 1)[1])) == [f"10.0.9.{n}" for n in range(4, 15)]
    full = error_of(account.ec2.create_network_interface, SubnetId=subnet)
    assert full == "InsufficientFreeAddressesInSubnet"
    assert account.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"] == 0


def test_a_failed_creation_keeps_no_address(account: Account) -> None:
    wanted = [{"PrivateIpAddress": "10.0.1.60", "Primary": True}, {"PrivateIpAddress": "10.9.9.9", "Primary": False}]
    create, subnet_id = account.ec2.create_network_interface, account.network.subnet_a_id
    assert error_of(create, SubnetId=subnet_id, PrivateIpAddresses=wanted) == "InvalidParameterValue"
    account.create_interface(PrivateIpAddress="10.0.1.60")


def test_an_unknown_group_is_refused_and_not_made(account: Account) -> None:
    create, group_id = account.ec2.create_network_interface, "sg-0123456789abcdef0"
    assert error_of(create, SubnetId=account.network.subnet_a_id, Groups=[group_id]) == "InvalidGroup.NotFound"
    assert error_of(account.ec2.describe_security_groups, GroupIds=[group_id]) == "InvalidGroup.NotFound"


def test_an_attached_interface_is_not_deleted(account: Account) -> None:
    interface_id = account.create_interface()
    account.run(interface_id)
    delete = account.ec2.delete_network_interface
    assert error_of(delete, NetworkInterfaceId=interface_id) == "InvalidParameterValue"
    assert account.interface(interface_id)["Status"] == "in-use"


def test_one_attribute_a_call_is_modified(account: Account) -> None:
    interface_id, modify = account.create_interface(Description="old"), account.ec2.modify_network_interface_attribute
    modify(NetworkInterfaceId=interface_id, Description={"Value": ""})
    modify(NetworkInterfaceId=interface_id, SourceDestCheck={"Value": False})
    modify(NetworkInterfaceId=interface_id, Groups=[account.network.other_security_group_id])
    found = account.interface(interface_id)
    assert (found["Description"], found["SourceDestCheck"]) == ("", False)
    assert [group["GroupId"] for group in found["Groups"]] == [account.network.other_security_group_id]
    two = {"Description": {"Value": "x"}, "SourceDestCheck": {"Value": True}}
    assert error_of(modify, NetworkInterfaceId=interface_id, **two) == "InvalidParameterCombination"


def test_associate_public_ip_address_holds_while_an_instance_runs(account: Account) -> None:
    interface_id = account.create_interface()
    account.ec2.modify_network_interface_attribute(NetworkInterfaceId=interface_id, AssociatePublicIpAddress=True)
    assert "Association" not in account.interface(interface_id)
    instance_id = account.run(interface_id)
    association = account.interface(interface_id)["Association"]
    assert (association["IpOwnerId"], association.get("AllocationId")) == ("amazon", None)
    assert account.instance(instance_id)["PublicIpAddress"] == association["PublicIp"]
    account.terminate(instance_id)
    assert "Association" not in account.interface(interface_id)


def test_a_subnet_and_a_group_in_use_are_not_deleted(account: Account) -> None:
    account.create_interface(Groups=[account.network.security_group_id])
    assert error_of(account.ec2.delete_subnet, SubnetId=account.network.subnet_a_id) == "DependencyViolation"
    delete_group = account.ec2.delete_security_group
    assert error_of(delete_group, GroupId=account.network.security_group_id) == "DependencyViolation"
    assert error_of(account.ec2.delete_subnet, SubnetId=account.network.subnet_b_id) == "OK"


class TestAttaching:
    def test_takes_its_time_both_ways(self, account: Account) -> None:
        instance_id, interface_id = account.run(), account.create_interface()
        attach = account.ec2.attach_network_interface
        attachment_id = attach(NetworkInterfaceId=interface_id, InstanceId=instance_id, DeviceIndex=1)["AttachmentId"]
        assert account.interface(interface_id)["Attachment"]["Status"] == "attaching"
        until(lambda: account.interface(interface_id)["Attachment"]["Status"] == "attached")
        account.ec2.detach_network_interface(AttachmentId=attachment_id)
        assert account.interface(interface_id)["Attachment"]["Status"] == "detaching"
        until(lambda: account.interface(interface_id)["Status"] == "available")

    def test_is_refused_where_ec2_refuses(self, account: Account) -> None:
        instance_id, taken = account.run(), account.create_interface()
        account.run(taken)
        other_zone = account.create_interface(account.network.subnet_b_id)
        attach = account.ec2.attach_network_interface

        def error(interface_id: str, index: int) -> str:
            return error_of(attach, NetworkInterfaceId=interface_id, InstanceId=instance_id, DeviceIndex=index)

        assert error(taken, 1) == "InvalidNetworkInterface.InUse"
        assert error(other_zone, 1) == "InvalidParameterCombination"
        assert error(account.create_interface(), 0) == "InvalidParameterValue"

    def test_an_instance_takes_as_many_as_its_type_does(self, account: Account) -> None:
        """A t3.micro takes two."""
        instance_id, attach = account.run(), account.ec2.attach_network_interface

        def error(index: int) -> str:
            interface_id = account.create_interface()
            return error_of(attach, NetworkInterfaceId=interface_id, InstanceId=instance_id, DeviceIndex=index)

        assert [error(1), error(2)] == ["OK", "AttachmentLimitExceeded"]

    def test_an_instance_takes_none_before_it_runs(self, account: Account, emulator: object) -> None:
        emulator.configure(durations={"pending": 60})  # type: ignore[attr-defined]
        instance_id, interface_id = account.launch(), account.create_interface()
        attach = account.ec2.attach_network_interface
        assert (
            error_of(attach, NetworkInterfaceId=interface_id, InstanceId=instance_id, DeviceIndex=1) == "IncorrectState"
        )

    def test_force_does_not_wait_for_the_instance(self, account: Account, emulator: object) -> None:
        instance_id, interface_id = account.run(), account.create_interface()
        attach, detach = account.ec2.attach_network_interface, account.ec2.detach_network_interface
        attachment_id = attach(NetworkInterfaceId=interface_id, InstanceId=instance_id, DeviceIndex=1)["AttachmentId"]
        emulator.configure(durations={"detaching": 60})  # type: ignore[attr-defined]
        detach(AttachmentId=attachment_id)
        assert account.interface(interface_id)["Attachment"]["Status"] == "detaching"
        detach(AttachmentId=attachment_id, Force=True)
        assert account.interface(interface_id)["Status"] == "available"

    def test_a_primary_interface_stays_though_there_is_a_second(self, account: Account) -> None:
        primary, second = account.create_interface(), account.create_interface()
        instance_id = account.run(primary)
        attachment_id = account.interface(primary)["Attachment"]["AttachmentId"]
        attach = account.ec2.attach_network_interface
        attach(NetworkInterfaceId=second, InstanceId=instance_id, DeviceIndex=1)
        detach = account.ec2.detach_network_interface
        assert error_of(detach, AttachmentId=attachment_id, Force=True) == "OperationNotPermitted"
        assert len(account.instance(instance_id)["NetworkInterfaces"]) == 2


class TestSecondaryAddresses:
    def test_one_that_is_held_moves_only_when_allowed(self, account: Account) -> None:
        first, second = account.create_interface(), account.create_interface()
        assign = account.ec2.assign_private_ip_addresses
        assign(NetworkInterfaceId=first, PrivateIpAddresses=["10.0.1.150"])
        wanted = {"NetworkInterfaceId": second, "PrivateIpAddresses": ["10.0.1.150"]}
        assert error_of(assign, **wanted) == "InvalidParameterValue"
        assign(**wanted, AllowReassignment=True)
        assert len(account.interface(first)["PrivateIpAddresses"]) == 1
        assert len(account.interface(second)["PrivateIpAddresses"]) == 2

    def test_the_primary_one_stays(self, account: Account) -> None:
        interface_id = account.create_interface()
        primary = account.interface(interface_id)["PrivateIpAddress"]
        unassign = account.ec2.unassign_private_ip_addresses
        wanted = {"NetworkInterfaceId": interface_id, "PrivateIpAddresses": [primary]}
        assert error_of(unassign, **wanted) == "InvalidParameterValue"

    def test_an_ipv6_address_is_held_once(self, account: Account) -> None:
        vpc = account.ec2.create_vpc(CidrBlock="10.9.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
        described = account.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
        block = ipaddress.ip_network(described["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"])
        first_64 = str(next(block.subnets(new_prefix=64)))
        made = account.ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24", Ipv6CidrBlock=first_64)
        subnet_id = made["Subnet"]["SubnetId"]
        first, second = account.create_interface(subnet_id, Ipv6AddressCount=1), account.create_interface(subnet_id)
        assign = account.ec2.assign_ipv6_addresses
        [new] = assign(NetworkInterfaceId=first, Ipv6AddressCount=1)["AssignedIpv6Addresses"]
        assert len(account.interface(first)["Ipv6Addresses"]) == 2
        taken = {"NetworkInterfaceId": second, "Ipv6Addresses": [new]}
        assert error_of(assign, **taken) == "InvalidIPAddress.InUse"
        foreign = {"NetworkInterfaceId": second, "Ipv6Addresses": ["2001:db8::1"]}
        assert error_of(assign, **foreign) == "InvalidParameterValue"

    def test_the_answer_names_the_new_ones(self, account: Account) -> None:
        interface_id = account.create_interface()
        assign = account.ec2.assign_private_ip_addresses
        answer = assign(NetworkInterfaceId=interface_id, SecondaryPrivateIpAddressCount=2)
        new = {each["PrivateIpAddress"] for each in answer["AssignedPrivateIpAddresses"]}
        held = {each["PrivateIpAddress"] for each in account.interface(interface_id)["PrivateIpAddresses"]}
        assert len(new) == 2 and new < held
