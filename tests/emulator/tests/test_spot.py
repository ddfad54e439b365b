# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.process import Emulator
from tests.support.waiting import until

from .account import Account, error_of

SPOT = {"MarketType": "spot"}


def request_of(account: Account, instance_id: str) -> dict[str, Any]:
    by_instance = [{"Name": "instance-id", "Values": [instance_id]}]
    [request] = account.ec2.describe_spot_instance_requests(Filters=by_instance)["SpotInstanceRequests"]
    return request


def status_of(account: Account, instance_id: str) -> str:
    return str(request_of(account, instance_id)["Status"]["Code"])


def test_a_launch_has_a_request_that_ends_with_it(account: Account) -> None:
    tags = [{"ResourceType": "spot-instances-request", "Tags": [{"Key": "k", "Value": "v"}]}]
    instance_id = account.run(account.create_interface(), InstanceMarketOptions=SPOT, TagSpecifications=tags)
    found, request = account.instance(instance_id), request_of(account, instance_id)
    assert (found["InstanceLifecycle"], found["SpotInstanceRequestId"]) == ("spot", request["SpotInstanceRequestId"])
    assert (request["State"], request["Tags"]) == ("active", [{"Key": "k", "Value": "v"}])
    account.terminate(instance_id)
    assert request_of(account, instance_id)["State"] == "closed"


def test_a_persistent_request_launches_again(account: Account) -> None:
    specification = {key: value for key, value in account.request().items() if key not in ("MinCount", "MaxCount")}
    made = account.ec2.request_spot_instances(
        Type="persistent", InstanceInterruptionBehavior="stop", LaunchSpecification=specification
    )
    request_id = made["SpotInstanceRequests"][0]["SpotInstanceRequestId"]

    def current() -> dict[str, Any]:
        described = account.ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[request_id])
        return described["SpotInstanceRequests"][0]

    first = current()["InstanceId"]
    account.terminate(first)
    until(lambda: current()["State"] == "active" and current()["InstanceId"] != first)
    account.ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request_id])
    assert current()["State"] == "cancelled"


def test_there_is_room_for_so_many_launches_on_a_market(account: Account, emulator: Emulator) -> None:
    """A refused launch takes none, nor does one on the other market."""
    emulator.set_capacity(market="spot", outcome="refused", room=2)
    on_spot = account.request(InstanceMarketOptions=SPOT)
    assert error_of(account.ec2.run_instances, **{**on_spot, "ImageId": "ami-0"}) == "InvalidAMIID.NotFound"
    account.run()
    codes = [error_of(account.ec2.run_instances, **on_spot) for _launch in range(3)]
    assert codes == ["OK", "OK", "InsufficientInstanceCapacity"]
    emulator.set_capacity(market="spot", outcome="dies", room=1)
    states = [account.launch(InstanceMarketOptions=SPOT) for _launch in range(2)]
    account.wait_for(states[0], "running")
    account.wait_for(states[1], "terminated")


def test_the_log_of_states_tells_what_became_of_an_instance_and_its_interface(
    account: Account, emulator: Emulator
) -> None:
    interface_id = account.create_interface()
    instance_id = account.run(interface_id, InstanceMarketOptions=SPOT)
    emulator.interrupt(instance_id)
    account.wait_for(instance_id, "terminated")
    until(lambda: account.interface(interface_id)["Status"] == "available")
    entries = emulator.states()
    assert [entry["state"] for entry in entries if entry["id"] == instance_id] == [
        "pending", "running", "interruption-warning", "shutting-down", "terminated",
    ]  # fmt: skip
    attachment = [(entry["state"], entry["instance_id"]) for entry in entries if entry["id"] == interface_id]
    assert attachment == [(state, instance_id) for state in ("attaching", "attached", "detached")]
    assert sorted(entry["time"] for entry in entries) == [entry["time"] for entry in entries]
    assert emulator.states(since=entries[-1]["time"]) == entries[-1:]


def test_illegal_combinations_are_refused(account: Account) -> None:
    def error(**options: str) -> str:
        request = account.request(InstanceMarketOptions={**SPOT, "SpotOptions": options})
        return error_of(account.ec2.run_instances, **request)

    assert error(SpotInstanceType="persistent", InstanceInterruptionBehavior="terminate") != "OK"
    assert error(SpotInstanceType="one-time", InstanceInterruptionBehavior="stop") != "OK"
    assert error(MaxPrice="0.0001") == "SpotMaxPriceTooLow"
    assert error(MaxPrice="9") == "OK"


def test_a_one_time_instance_is_not_stopped(account: Account) -> None:
    instance_id = account.run(InstanceMarketOptions=SPOT)
    assert error_of(account.ec2.stop_instances, InstanceIds=[instance_id]) == "UnsupportedOperation"


class TestInterruption:
    @pytest.fixture
    def messages(self, emulator: Emulator) -> Any:
        """Reads what EventBridge delivers of EC2's events."""
        sqs, events = emulator.client("sqs"), emulator.client("events")
        url = sqs.create_queue(QueueName="events")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [allow]})})
        events.put_rule(Name="ec2", EventPattern=json.dumps({"source": ["aws.ec2"]}))
        events.put_targets(Rule="ec2", Targets=[{"Id": "queue", "Arn": arn}])

        def receive() -> list[dict[str, Any]]:
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

        return receive

    def test_warns_and_then_terminates(self, account: Account, emulator: Emulator, messages: Any) -> None:
        interface_id = account.create_interface()
        instance_id = account.run(interface_id, InstanceMarketOptions=SPOT)
        messages()
        emulator.interrupt(instance_id, warning_seconds=0.3)
        [warning] = messages()
        assert warning["detail-type"] == "EC2 Spot Instance Interruption Warning"
        assert warning["detail"] == {"instance-id": instance_id, "instance-action": "terminate"}
        assert warning["resources"] == [f"arn:aws:ec2:{account.network.zone_a}:instance/{instance_id}"]
        assert account.state(instance_id) == "running"
        account.wait_for(instance_id, "terminated")
        assert account.instance(instance_id)["StateReason"]["Code"] == "Server.SpotInstanceTermination"
        assert account.interface(interface_id)["Status"] == "available"

    def test_the_request_shows_it_while_the_instance_runs(self, account: Account, emulator: Emulator) -> None:
        at_once, later = (account.run(InstanceMarketOptions=SPOT) for _instance in range(2))
        assert status_of(account, at_once) == "fulfilled"
        emulator.interrupt(at_once, warning_seconds=60)
        emulator.interrupt(later, warning_seconds=60, marked_after=0.3)
        assert status_of(account, later) == "fulfilled"
        assert status_of(account, at_once) == "instance-terminated-no-capacity"
        assert account.state(at_once) == "running"
        until(lambda: status_of(account, later) == "instance-terminated-no-capacity")

    def test_every_state_change_is_announced(self, account: Account, messages: Any) -> None:
        instance_id = account.run()
        account.terminate(instance_id)
        states = [message["detail"]["state"] for message in messages()]
        assert states == ["pending", "running", "shutting-down", "terminated"]

    def test_a_rebalance_recommendation_ends_nothing(self, account: Account, emulator: Emulator, messages: Any) -> None:
        instance_id = account.run(InstanceMarketOptions=SPOT)
        messages()
        emulator.rebalance(instance_id)
        [recommendation] = messages()
        assert recommendation["detail-type"] == "EC2 Instance Rebalance Recommendation"
        assert account.state(instance_id) == "running"

    def test_an_on_demand_instance_is_not_interrupted(self, account: Account, emulator: Emulator) -> None:
        with pytest.raises(ValueError, match="no spot instance"):
            emulator.interrupt(account.run())

    def test_a_queue_without_a_policy_gets_nothing(self, account: Account, emulator: Emulator, messages: Any) -> None:
        sqs = emulator.client("sqs")
        url = sqs.get_queue_url(QueueName="events")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
        account.run()
        assert messages() == []

    def test_nobody_else_sends_for_aws(self, emulator: Emulator) -> None:
        entry = {"Source": "aws.ec2", "DetailType": "x", "Detail": "{}"}
        answer = emulator.client("events").put_events(Entries=[entry])
        assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
