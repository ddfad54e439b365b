# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tests.emulator.process import Emulator

from .account import Account, error_of


def test_every_call_is_there_with_its_outcome(account: Account, emulator: Emulator) -> None:
    emulator.clear_calls()
    interface_id = account.create_interface()
    account.interface(interface_id)
    error_of(account.ec2.delete_network_interface, NetworkInterfaceId="eni-0123456789abcdef0")
    calls = emulator.calls()
    assert [(call["number"], call["action"], call["mutating"], call["outcome"]) for call in calls] == [
        (1, "CreateNetworkInterface", True, "OK"),
        (2, "DescribeNetworkInterfaces", False, "OK"),
        (3, "DeleteNetworkInterface", True, "InvalidNetworkInterfaceID.NotFound"),
    ]
    assert interface_id in calls[0]["resource_ids"] and interface_id in calls[1]["resource_ids"]
    assert calls[0]["parameters"]["SubnetId"] == account.network.subnet_a_id
    assert emulator.calls(mutating=False) == [calls[1]]
    assert emulator.calls(since=1, mutating=True) == [calls[2]]


def test_a_node_is_known_by_its_tag(account: Account, emulator: Emulator) -> None:
    tags = [{"ResourceType": "network-interface", "Tags": [{"Key": "stateful_node:name", "Value": "one"}]}]
    interface_id = account.create_interface(TagSpecifications=tags)
    account.launch(interface_id)
    assert [emulator.calls(action=action)[0]["node"] for action in ("CreateNetworkInterface", "RunInstances")] == [
        "one",
        "one",
    ]


def test_user_data_is_not_kept(account: Account, emulator: Emulator) -> None:
    account.launch(UserData="secret")
    assert "UserData" not in emulator.calls(action="RunInstances")[0]["parameters"]


def test_reads_and_writes_of_other_services_are_told_apart(emulator: Emulator) -> None:
    dynamodb = emulator.client("dynamodb")
    dynamodb.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    emulator.clear_calls()
    dynamodb.put_item(TableName="t", Item={"name": {"S": "one"}})
    dynamodb.get_item(TableName="t", Key={"name": {"S": "one"}})
    dynamodb.batch_get_item(RequestItems={"t": {"Keys": [{"name": {"S": "one"}}]}})
    dynamodb.scan(TableName="t")
    dynamodb.update_item(
        TableName="t",
        Key={"name": {"S": "one"}},
        UpdateExpression="SET a = :a",
        ExpressionAttributeValues={":a": {"N": "1"}},
    )
    emulator.client("cloudformation").describe_stacks()
    assert [call["mutating"] for call in emulator.calls()] == [True, False, False, False, True, False]
    assert emulator.calls(action="PutItem")[0]["node"] == "one"
    assert len(emulator.calls(service="cloudformation")) == 1
