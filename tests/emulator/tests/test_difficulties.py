# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time, eventual consistency, throttling and capacity."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from tests.emulator.process import Emulator
from tests.support.waiting import until

from .account import Account, error_of


class TestTime:
    def test_a_state_lasts_as_long_as_is_set(self, account: Account, emulator: Emulator) -> None:
        emulator.configure(durations={"pending": 0.6})
        began = time.monotonic()
        account.run()
        assert time.monotonic() - began >= 0.6

    def test_speed_shortens_everything(self, emulator: Emulator) -> None:
        configured = emulator.configure(profile="ec2", speed=100)
        assert configured["durations"]["pending"] == 8.0
        began = time.monotonic()
        emulator.client("ec2").describe_vpcs()
        assert time.monotonic() - began < 1

    def test_a_call_takes_its_time_without_the_lock(self, account: Account, emulator: Emulator) -> None:
        emulator.configure(call_seconds={"AllocateAddress": 1.0})
        slow = threading.Thread(target=account.ec2.allocate_address)
        began = time.monotonic()
        slow.start()
        until(lambda: emulator.calls(action="AllocateAddress"))
        account.ec2.describe_addresses()
        assert time.monotonic() - began < 0.9
        slow.join(10)
        assert time.monotonic() - began >= 1.0

    def test_an_unknown_duration_is_refused(self, emulator: Emulator) -> None:
        with pytest.raises(ValueError, match="no such duration"):
            emulator.configure(durations={"pendign": 1})


class TestEventualConsistency:
    @pytest.fixture
    def late(self, account: Account, emulator: Emulator) -> Account:
        emulator.configure(consistency_seconds=0.4)
        return account

    def test_a_fresh_interface_is_missing_for_a_while(self, late: Account) -> None:
        interface_id = late.create_interface()
        describe = late.ec2.describe_network_interfaces
        assert error_of(describe, NetworkInterfaceIds=[interface_id]) == "InvalidNetworkInterfaceID.NotFound"
        assert describe()["NetworkInterfaces"] == []
        code = error_of(late.ec2.delete_network_interface, NetworkInterfaceId=interface_id)
        assert code == "InvalidNetworkInterfaceID.NotFound"
        until(lambda: error_of(describe, NetworkInterfaceIds=[interface_id]) == "OK")

    def test_a_fresh_instance_and_address_too(self, late: Account) -> None:
        instance_id, allocation_id = late.launch(), late.allocate()["AllocationId"]
        describe = late.ec2.describe_instances
        assert error_of(describe, InstanceIds=[instance_id]) == "InvalidInstanceID.NotFound"
        by_id = [{"Name": "instance-id", "Values": [instance_id]}]
        assert describe(Filters=by_id)["Reservations"] == []
        addresses = late.ec2.describe_addresses
        assert error_of(addresses, AllocationIds=[allocation_id]) == "InvalidAllocationID.NotFound"
        until(lambda: describe(Filters=by_id)["Reservations"] and addresses()["Addresses"])

    def test_a_token_knows_it_at_once(self, late: Account) -> None:
        first = late.create_interface(ClientToken="token")
        assert late.create_interface(ClientToken="token") == first

    def test_a_fresh_tag_is_missing_for_a_while(self, account: Account, emulator: Emulator) -> None:
        interface_id = account.create_interface()
        emulator.configure(consistency_seconds=0.4)
        account.ec2.create_tags(Resources=[interface_id], Tags=[{"Key": "k", "Value": "v"}])
        by_tag = [{"Name": "tag:k", "Values": ["v"]}]
        describe = account.ec2.describe_network_interfaces
        assert describe(Filters=by_tag)["NetworkInterfaces"] == []
        assert account.interface(interface_id)["TagSet"] == []
        until(lambda: describe(Filters=by_tag)["NetworkInterfaces"])


class TestThrottling:
    def test_the_bucket_of_launches_is_small(self, account: Account, emulator: Emulator) -> None:
        emulator.configure(throttling=True)
        codes = [error_of(account.ec2.run_instances, **account.request(KeyName="nobody")) for _ in range(8)]
        assert codes[:5] == ["InvalidKeyPair.NotFound"] * 5
        assert "RequestLimitExceeded" in codes[5:]
        assert error_of(account.ec2.describe_instances) == "OK"

    def test_instances_have_a_bucket_too(self, account: Account, emulator: Emulator) -> None:
        emulator.configure(throttling=True)
        wanted = account.request(MinCount=1001, MaxCount=1001)
        assert error_of(account.ec2.run_instances, **wanted) == "RequestLimitExceeded"

    def test_a_smaller_account_has_smaller_buckets(self, account: Account, emulator: Emulator) -> None:
        emulator.configure(throttling=True, throttling_scale=0.001)
        codes = [error_of(account.ec2.run_instances, **account.request(KeyName="nobody")) for _ in range(2)]
        assert codes == ["InvalidKeyPair.NotFound", "RequestLimitExceeded"]

    def test_it_is_off_by_default(self, account: Account) -> None:
        codes = {error_of(account.ec2.run_instances, **account.request(KeyName="nobody")) for _ in range(8)}
        assert codes == {"InvalidKeyPair.NotFound"}


class TestCapacity:
    def test_refused_on_one_market_in_one_zone(self, account: Account, emulator: Emulator) -> None:
        emulator.set_capacity(zone=account.network.zone_a, market="spot", outcome="refused")
        spot: dict[str, Any] = {"InstanceMarketOptions": {"MarketType": "spot"}}
        run = account.ec2.run_instances
        assert error_of(run, **account.request(**spot)) == "InsufficientInstanceCapacity"
        assert error_of(run, **account.request()) == "OK"
        assert error_of(run, **account.request(SubnetId=account.network.subnet_b_id, **spot)) == "OK"

    def test_the_rule_set_last_counts(self, account: Account, emulator: Emulator) -> None:
        emulator.set_capacity(outcome="refused", code="VcpuLimitExceeded")
        emulator.set_capacity(instance_type="t3.small")
        run = account.ec2.run_instances
        assert error_of(run, **account.request()) == "VcpuLimitExceeded"
        assert error_of(run, **account.request(InstanceType="t3.small")) == "OK"

    @pytest.mark.parametrize("code", [None, "Client.InternalError"])
    def test_a_launch_dies_and_frees_its_interface(
        self, account: Account, emulator: Emulator, code: str | None
    ) -> None:
        emulator.set_capacity(outcome="dies", code=code)
        interface_id = account.create_interface()
        instance_id = account.launch(interface_id)
        assert account.state(instance_id) == "pending"
        account.wait_for(instance_id, "terminated")
        reason = account.instance(instance_id)["StateReason"]["Code"]
        assert reason == (code or "Server.InsufficientInstanceCapacity")
        assert account.interface(interface_id)["Status"] == "available"

    def test_a_reset_forgets_it_all(self, account: Account, emulator: Emulator) -> None:
        emulator.set_capacity(outcome="refused")
        emulator.add_fault("DescribeVpcs", "500")
        emulator.configure(address_quota=0, durations={"pending": 9})
        emulator.reset()
        assert error_of(account.ec2.describe_vpcs) == "OK"
        assert account.ec2.describe_network_interfaces()["NetworkInterfaces"] == []
        assert emulator.configure()["durations"]["pending"] == 0.2
        assert emulator.configure()["address_quota"] is None

    def test_a_type_is_offered_in_its_zones_only(self, account: Account) -> None:
        subnet = account.ec2.create_subnet(
            VpcId=account.network.vpc_id, CidrBlock="10.0.8.0/24", AvailabilityZone="us-east-1e"
        )["Subnet"]["SubnetId"]
        arm_image_id = "ami-0a1b2c3d4e5f60002"
        wanted = account.request(SubnetId=subnet, InstanceType="m7g.large", ImageId=arm_image_id)
        assert error_of(account.ec2.run_instances, **wanted) == "Unsupported"
