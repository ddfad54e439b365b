# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tests.support.waiting import until

from .account import Account, error_of


def test_an_instance_shuts_down_before_it_is_terminated(account: Account) -> None:
    instance_id = account.run()
    answer = account.ec2.terminate_instances(InstanceIds=[instance_id])["TerminatingInstances"][0]
    assert (answer["PreviousState"]["Name"], answer["CurrentState"]["Name"]) == ("running", "shutting-down")
    assert account.state(instance_id) == "shutting-down"
    assert error_of(account.ec2.terminate_instances, InstanceIds=[instance_id]) == "OK"
    account.wait_for(instance_id, "terminated")
    assert account.instance(instance_id)["StateReason"]["Code"] == "Client.UserInitiatedShutdown"


def test_the_interface_is_free_only_when_the_instance_is_gone(account: Account) -> None:
    interface_id = account.create_interface()
    instance_id = account.run(interface_id)
    account.ec2.terminate_instances(InstanceIds=[instance_id])
    again = account.request(interface_id)
    assert error_of(account.ec2.run_instances, **again) == "InvalidNetworkInterface.InUse"
    account.wait_for(instance_id, "terminated")
    found = account.interface(interface_id)
    assert found["Status"] == "available" and "Attachment" not in found
    account.run(interface_id)


def test_an_interface_can_be_released_later_than_the_instance(account: Account, emulator: object) -> None:
    emulator.configure(durations={"interface_release": 0.3})  # type: ignore[attr-defined]
    interface_id = account.create_interface()
    account.terminate(account.run(interface_id))
    assert account.interface(interface_id)["Attachment"]["Status"] == "detaching"
    until(lambda: account.interface(interface_id)["Status"] == "available")


def test_a_terminated_instance_has_no_network(account: Account) -> None:
    interface_id = account.create_interface()
    instance_id = account.run(interface_id)
    account.terminate(instance_id)
    found = account.instance(instance_id)
    assert found["NetworkInterfaces"] == [] and "PrivateIpAddress" not in found
    account.run(interface_id)
    by_interface = [{"Name": "network-interface.network-interface-id", "Values": [interface_id]}]
    [reservation] = account.ec2.describe_instances(Filters=by_interface)["Reservations"]
    assert reservation["Instances"][0]["InstanceId"] != instance_id


def test_an_interface_goes_with_the_instance_that_made_it(account: Account) -> None:
    instance_id = account.run()
    created = account.instance(instance_id)["NetworkInterfaces"][0]["NetworkInterfaceId"]
    account.terminate(instance_id)
    describe = account.ec2.describe_network_interfaces
    assert error_of(describe, NetworkInterfaceIds=[created]) == "InvalidNetworkInterfaceID.NotFound"


def test_delete_on_termination_is_what_was_set_last(account: Account) -> None:
    kept, lost = account.create_interface(), account.create_interface()
    instances = [account.run(kept), account.run(lost)]
    attachment_id = account.interface(lost)["Attachment"]["AttachmentId"]
    account.ec2.modify_network_interface_attribute(
        NetworkInterfaceId=lost, Attachment={"AttachmentId": attachment_id, "DeleteOnTermination": True}
    )
    for instance_id in instances:
        account.terminate(instance_id)
    left = account.ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert [each["NetworkInterfaceId"] for each in left] == [kept]


def test_one_unknown_id_and_none_is_terminated(account: Account) -> None:
    instance_id = account.run()
    terminate = account.ec2.terminate_instances
    assert error_of(terminate, InstanceIds=[instance_id, "i-0123456789abcdef0"]) == "InvalidInstanceID.NotFound"
    assert account.state(instance_id) == "running"


def test_one_protected_instance_and_none_in_its_zone_is_terminated(account: Account) -> None:
    protected, beside = account.run(DisableApiTermination=True), account.run()
    elsewhere = account.run(SubnetId=account.network.subnet_b_id)
    terminate = account.ec2.terminate_instances
    assert error_of(terminate, InstanceIds=[beside, protected, elsewhere]) == "OperationNotPermitted"
    assert [account.state(each) for each in (protected, beside)] == ["running", "running"]
    assert account.state(elsewhere) == "shutting-down"


def test_a_terminated_instance_does_not_come_back(account: Account) -> None:
    instance_id = account.run()
    account.terminate(instance_id)
    for call in (account.ec2.start_instances, account.ec2.stop_instances):
        assert error_of(call, InstanceIds=[instance_id]) == "IncorrectInstanceState"


def test_the_state_check_is_initializing_first(account: Account) -> None:
    instance_id = account.run()

    def status() -> str:
        described = account.ec2.describe_instance_status(InstanceIds=[instance_id])["InstanceStatuses"]
        return described[0]["InstanceStatus"]["Status"]

    assert status() == "initializing"
    until(lambda: status() == "ok")


def test_stop_and_start_take_their_time_and_keep_the_interface(account: Account) -> None:
    interface_id = account.create_interface()
    instance_id = account.run(interface_id)
    account.ec2.stop_instances(InstanceIds=[instance_id])
    assert account.state(instance_id) == "stopping"
    account.wait_for(instance_id, "stopped")
    assert account.interface(interface_id)["Status"] == "in-use"
    account.ec2.start_instances(InstanceIds=[instance_id])
    assert account.state(instance_id) == "pending"
    account.wait_for(instance_id, "running")
