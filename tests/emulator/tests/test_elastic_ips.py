# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from tests.emulator.process import Emulator
from tests.support.waiting import until

from .account import Account, error_of


def associate(account: Account, allocation_id: str, interface_id: str, **options: Any) -> str:
    call = account.ec2.associate_address
    return call(AllocationId=allocation_id, NetworkInterfaceId=interface_id, **options)["AssociationId"]


def test_both_sides_show_the_association(account: Account) -> None:
    interface_id, address = account.create_interface(), account.allocate()
    association_id = associate(account, address["AllocationId"], interface_id)
    found = account.interface(interface_id)
    for shown in (found["Association"], found["PrivateIpAddresses"][0]["Association"]):
        assert (shown["AssociationId"], shown["PublicIp"]) == (association_id, address["PublicIp"])
    instance_id = account.run(interface_id)
    assert account.instance(instance_id)["PublicIpAddress"] == address["PublicIp"]
    shown = account.address(address["AllocationId"])
    assert (shown["InstanceId"], shown["NetworkInterfaceId"]) == (instance_id, interface_id)


def test_the_association_survives_the_instance(account: Account) -> None:
    interface_id, address = account.create_interface(), account.allocate()
    instance_id = account.run(interface_id)
    association_id = associate(account, address["AllocationId"], interface_id)
    account.terminate(instance_id)
    shown = account.address(address["AllocationId"])
    assert (shown["AssociationId"], shown.get("InstanceId")) == (association_id, None)


def test_it_moves_unless_that_is_forbidden(account: Account) -> None:
    first, second, address = account.create_interface(), account.create_interface(), account.allocate()
    associate(account, address["AllocationId"], first)
    wanted = {"AllocationId": address["AllocationId"], "NetworkInterfaceId": second}
    call = account.ec2.associate_address
    assert error_of(call, **wanted, AllowReassociation=False) == "Resource.AlreadyAssociated"
    assert error_of(call, **wanted) == "OK"
    assert "Association" not in account.interface(first)
    assert account.interface(second)["Association"]["PublicIp"] == address["PublicIp"]


def test_an_address_in_the_way_is_replaced_unless_that_is_forbidden(account: Account) -> None:
    interface_id, old, new = account.create_interface(), account.allocate(), account.allocate()
    associate(account, old["AllocationId"], interface_id)
    wanted = {"AllocationId": new["AllocationId"], "NetworkInterfaceId": interface_id}
    call = account.ec2.associate_address
    assert error_of(call, **wanted, AllowReassociation=False) == "Resource.AlreadyAssociated"
    assert error_of(call, **wanted) == "OK"
    assert "AssociationId" not in account.address(old["AllocationId"])


def test_the_same_again_changes_nothing(account: Account) -> None:
    interface_id, allocation_id = account.create_interface(), account.allocate()["AllocationId"]
    first = associate(account, allocation_id, interface_id)
    assert associate(account, allocation_id, interface_id, AllowReassociation=False) == first


def test_each_private_address_has_its_own(account: Account) -> None:
    interface_id = account.create_interface(PrivateIpAddress="10.0.1.20")
    account.ec2.assign_private_ip_addresses(NetworkInterfaceId=interface_id, PrivateIpAddresses=["10.0.1.21"])
    primary, secondary = account.allocate(), account.allocate()
    associate(account, primary["AllocationId"], interface_id)
    associate(account, secondary["AllocationId"], interface_id, PrivateIpAddress="10.0.1.21")
    shown = {
        each["PrivateIpAddress"]: each["Association"]["PublicIp"]
        for each in account.interface(interface_id)["PrivateIpAddresses"]
    }
    assert shown == {"10.0.1.20": primary["PublicIp"], "10.0.1.21": secondary["PublicIp"]}
    foreign = {"AllocationId": primary["AllocationId"], "NetworkInterfaceId": interface_id}
    code = error_of(account.ec2.associate_address, **foreign, PrivateIpAddress="10.0.1.99")
    assert code == "InvalidParameterValue"


def test_an_associated_address_is_not_released(account: Account) -> None:
    interface_id, address = account.create_interface(), account.allocate()
    association_id = associate(account, address["AllocationId"], interface_id)
    release = account.ec2.release_address
    assert error_of(release, AllocationId=address["AllocationId"]) == "InvalidIPAddress.InUse"
    account.ec2.disassociate_address(AssociationId=association_id)
    assert error_of(release, AllocationId=address["AllocationId"]) == "OK"
    assert "Association" not in account.interface(interface_id)


def test_only_a_released_address_is_recovered(account: Account) -> None:
    address = account.allocate()
    allocate = account.ec2.allocate_address
    assert error_of(allocate, Address=address["PublicIp"]) != "OK"
    account.ec2.release_address(AllocationId=address["AllocationId"])
    assert allocate(Address=address["PublicIp"])["PublicIp"] == address["PublicIp"]
    assert error_of(allocate, Address="8.8.8.8") == "InvalidAddress.NotFound"


def test_without_a_gateway_it_is_refused(account: Account) -> None:
    vpc_id = account.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet_id = account.ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    wanted = {
        "AllocationId": account.allocate()["AllocationId"],
        "NetworkInterfaceId": account.create_interface(subnet_id),
    }
    assert error_of(account.ec2.associate_address, **wanted) == "Gateway.NotAttached"


def test_a_deleted_interface_gives_its_address_back(account: Account) -> None:
    interface_id, address = account.create_interface(), account.allocate()
    associate(account, address["AllocationId"], interface_id)
    account.ec2.delete_network_interface(NetworkInterfaceId=interface_id)
    assert "AssociationId" not in account.address(address["AllocationId"])


def test_with_a_pending_instance_it_fails(account: Account) -> None:
    instance_id, allocation_id = account.launch(), account.allocate()["AllocationId"]
    call = account.ec2.associate_address
    assert error_of(call, AllocationId=allocation_id, InstanceId=instance_id) == "InvalidInstanceID"


def test_the_quota_counts_when_it_is_set(account: Account, emulator: Emulator) -> None:
    emulator.configure(address_quota=1)
    account.allocate()
    assert error_of(account.ec2.allocate_address) == "AddressLimitExceeded"


def test_an_association_can_take_its_time_to_show(account: Account, emulator: Emulator) -> None:
    emulator.configure(durations={"associating": 0.3})
    interface_id, address = account.create_interface(), account.allocate()
    association_id = associate(account, address["AllocationId"], interface_id)
    assert account.address(address["AllocationId"])["AssociationId"] == association_id
    assert "Association" not in account.interface(interface_id)
    until(lambda: "Association" in account.interface(interface_id))


def test_an_address_belongs_to_a_network_border_group(account: Account) -> None:
    """A Local Zone has one of its own, which its interfaces need, and which a release has to name."""
    zone = account.ec2.describe_availability_zones(ZoneNames=["us-east-1-bos-1a"])["AvailabilityZones"][0]
    group = zone["NetworkBorderGroup"]
    allocation_id = account.ec2.allocate_address(NetworkBorderGroup=group)["AllocationId"]
    wanted = {"AllocationId": allocation_id, "NetworkInterfaceId": account.create_interface()}
    assert error_of(account.ec2.associate_address, **wanted) == "InvalidParameterValue"
    assert error_of(account.ec2.release_address, AllocationId=allocation_id) == "InvalidAddress.NotFound"
    assert error_of(account.ec2.release_address, AllocationId=allocation_id, NetworkBorderGroup=group) == "OK"


def test_zones_that_are_not_asked_for_are_hidden(account: Account) -> None:
    zones = account.ec2.describe_availability_zones()["AvailabilityZones"]
    assert {zone["NetworkBorderGroup"] for zone in zones} == {"us-east-1"}


def test_an_address_of_a_pool_shows_it(account: Account) -> None:
    allocated = account.ec2.allocate_address(PublicIpv4Pool="ipv4pool-ec2-012345abc")
    assert account.address(allocated["AllocationId"])["PublicIpv4Pool"] == "ipv4pool-ec2-012345abc"
