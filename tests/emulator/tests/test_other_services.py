# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DynamoDB, CloudFormation, volumes and target groups, as far as moto had to be corrected."""

from __future__ import annotations

import functools
import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.process import Emulator

from .account import Account, error_of

THREADS = 20
TABLE: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "name", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def at_once(call: Any) -> list[str]:
    """The outcomes of one call made by many threads at the same time."""
    barrier, outcomes = threading.Barrier(THREADS), []

    def run() -> None:
        barrier.wait(10)
        outcomes.append(error_of(call))

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


class TestDynamoDB:
    @pytest.fixture
    def table(self, emulator: Emulator) -> Any:
        client = emulator.client("dynamodb")
        client.create_table(TableName="t", **TABLE)
        return client

    def test_one_of_many_conditional_writes_wins(self, table: Any) -> None:
        padding = {f"k{number}": {"S": "x" * 100} for number in range(200)}
        table.put_item(TableName="t", Item={"name": {"S": "a"}, "v": {"N": "0"}, "padding": {"M": padding}})
        for version in range(10):
            change = {
                "UpdateExpression": "SET v = :new",
                "ConditionExpression": "v = :old",
                "ExpressionAttributeValues": {":new": {"N": str(version + 1)}, ":old": {"N": str(version)}},
            }
            update = functools.partial(table.update_item, TableName="t", Key={"name": {"S": "a"}}, **change)
            outcomes = at_once(update)
            assert sorted(set(outcomes)) == ["ConditionalCheckFailedException", "OK"]
            assert outcomes.count("OK") == 1

    def test_a_transaction_is_applied_once(self, table: Any) -> None:
        table.put_item(TableName="t", Item={"name": {"S": "a"}, "n": {"N": "0"}})
        add = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
        items = [{"Update": {"TableName": "t", "Key": {"name": {"S": "a"}}, **add}}]
        for _ in range(2):
            table.transact_write_items(TransactItems=items, ClientRequestToken="token")
        assert table.get_item(TableName="t", Key={"name": {"S": "a"}})["Item"]["n"]["N"] == "1"

    def test_a_cancelled_transaction_leaves_everything(self, table: Any) -> None:
        table.put_item(TableName="t", Item={"name": {"S": "a"}, "list": {"L": [{"S": "old"}]}})
        append = {
            "UpdateExpression": "SET #l = list_append(#l, :new)",
            "ExpressionAttributeNames": {"#l": "list"},
            "ExpressionAttributeValues": {":new": {"L": [{"S": "new"}]}},
        }
        items = [
            {"Update": {"TableName": "t", "Key": {"name": {"S": "a"}}, **append}},
            {"Put": {"TableName": "t", "Item": {"name": {"S": "b"}}}},
            {
                "ConditionCheck": {
                    "TableName": "t",
                    "Key": {"name": {"S": "c"}},
                    "ConditionExpression": "attribute_exists(#n)",
                    "ExpressionAttributeNames": {"#n": "name"},
                }
            },
        ]
        assert error_of(table.transact_write_items, TransactItems=items) == "TransactionCanceledException"
        assert table.scan(TableName="t")["Items"] == [{"name": {"S": "a"}, "list": {"L": [{"S": "old"}]}}]

    def test_a_cancelled_transaction_leaves_everything_of_a_range(self, emulator: Emulator) -> None:
        client = emulator.client("dynamodb")
        key = [{"AttributeName": "name", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
        types = [{"AttributeName": each["AttributeName"], "AttributeType": "S"} for each in key]
        client.create_table(TableName="h", KeySchema=key, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST")

        def item(at: str, value: str) -> dict[str, Any]:
            return {"name": {"S": "a"}, "at": {"S": at}, "value": {"S": value}}

        client.put_item(TableName="h", Item=item("1", "old"))
        refused = {"ConditionExpression": "attribute_exists(#v)", "ExpressionAttributeNames": {"#v": "value"}}
        items = [
            {"Put": {"TableName": "h", "Item": item("1", "new")}},
            {"Put": {"TableName": "h", "Item": item("2", "new")}},
            {"Put": {"TableName": "h", "Item": item("3", "new"), **refused}},
        ]
        assert error_of(client.transact_write_items, TransactItems=items) == "TransactionCanceledException"
        assert client.scan(TableName="h")["Items"] == [item("1", "old")]
        client.transact_write_items(TransactItems=items[:2])
        assert client.scan(TableName="h")["Count"] == 2

    def test_a_hundred_items_come_at_once(self, table: Any) -> None:
        padding = {f"k{number}": {"S": "x" * 30} for number in range(60)}
        for number in range(100):
            table.put_item(TableName="t", Item={"name": {"S": f"n{number}"}, "padding": {"M": padding}})
        keys = [{"name": {"S": f"n{number}"}} for number in range(100)]
        began = time.perf_counter()
        found = table.batch_get_item(RequestItems={"t": {"Keys": keys}})["Responses"]["t"]
        assert time.perf_counter() - began < 1
        assert len(found) == 100 and found[0]["padding"]["M"] == padding

    def test_binary_and_numbers_come_back_as_they_went(self, table: Any) -> None:
        item = {
            "name": {"S": "a"},
            "b": {"B": b"\x00\xff"},
            "n": {"N": "1.5"},
            "t": {"BOOL": False},
            "z": {"NULL": True},
        }
        table.put_item(TableName="t", Item=item)
        assert table.get_item(TableName="t", Key={"name": {"S": "a"}})["Item"] == item
        missing = table.get_item(TableName="t", Key={"name": {"S": "b"}})
        assert "Item" not in missing


def test_one_of_many_launches_gets_the_interface(account: Account) -> None:
    request = account.request(account.create_interface())
    outcomes = at_once(lambda: account.ec2.run_instances(**request))
    assert outcomes.count("OK") == 1
    assert outcomes.count("InvalidNetworkInterface.InUse") == THREADS - 1


class TestCloudFormation:
    @pytest.fixture
    def stacks(self, emulator: Emulator) -> Any:
        return emulator.client("cloudformation")

    @staticmethod
    def template(protected: bool = True) -> str:
        properties = {
            **TABLE,
            "TableName": "nodes",
            "SSESpecification": {"SSEEnabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "DeletionProtectionEnabled": protected,
            "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
        }
        policy = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        resources = {
            "Table": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": properties},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "warnings"}},
            "Policy": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [policy]}},
            },
        }
        return json.dumps({"Resources": resources})

    def test_a_table_has_everything_its_template_says(self, stacks: Any, emulator: Emulator) -> None:
        stacks.create_stack(StackName="s", TemplateBody=self.template())
        dynamodb = emulator.client("dynamodb")
        table = dynamodb.describe_table(TableName="nodes")["Table"]
        assert table["SSEDescription"]["Status"] == "ENABLED"
        assert table["DeletionProtectionEnabled"] is True
        time_to_live = dynamodb.describe_time_to_live(TableName="nodes")["TimeToLiveDescription"]
        assert time_to_live == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        backups = dynamodb.describe_continuous_backups(TableName="nodes")["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"

    def test_the_queue_has_its_policy(self, stacks: Any, emulator: Emulator) -> None:
        stacks.create_stack(StackName="s", TemplateBody=self.template())
        sqs = emulator.client("sqs")
        url = sqs.get_queue_url(QueueName="warnings")["QueueUrl"]
        policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        assert json.loads(policy)["Statement"][0]["Action"] == "sqs:SendMessage"

    def test_an_unchanged_stack_is_not_updated(self, stacks: Any) -> None:
        stacks.create_stack(StackName="s", TemplateBody=self.template())
        with pytest.raises(ClientError, match="No updates are to be performed") as caught:
            stacks.update_stack(StackName="s", TemplateBody=self.template())
        assert caught.value.response["Error"]["Code"] == "ValidationError"
        unchanged = stacks.create_change_set(StackName="s", ChangeSetName="c", TemplateBody=self.template())
        assert stacks.describe_change_set(ChangeSetName=unchanged["Id"])["Status"] == "FAILED"
        assert len(stacks.describe_stacks()["Stacks"]) == 1

    @pytest.mark.parametrize(
        ("name", "status", "reason"),
        [("nodes", "FAILED", "didn't contain changes"), ("others", "CREATE_COMPLETE", "")],
        ids=["unchanged", "changed"],
    )
    def test_a_change_set_says_whether_its_parameters_change_anything(
        self, stacks: Any, name: str, status: str, reason: str
    ) -> None:
        """As amazon.aws.cloudformation asks in check mode."""
        template = json.dumps({"Parameters": {"TableName": {"Type": "String"}}, **json.loads(self.template())})
        stack = {"StackName": "s", "TemplateBody": template}
        stacks.create_stack(**stack, Parameters=[{"ParameterKey": "TableName", "ParameterValue": "nodes"}])
        parameters = [{"ParameterKey": "TableName", "ParameterValue": name}]
        made = stacks.create_change_set(**stack, Parameters=parameters, ChangeSetName="c", ChangeSetType="UPDATE")
        change_set = stacks.describe_change_set(ChangeSetName=made["Id"])
        assert change_set["Status"] == status
        assert reason in change_set.get("StatusReason", "")
        stacks.delete_change_set(ChangeSetName=made["Id"])
        assert error_of(stacks.update_stack, **stack, Parameters=parameters) == (
            "ValidationError" if status == "FAILED" else "OK"
        )

    def test_a_changed_table_keeps_its_items_and_a_deleted_stack_its_table(
        self, stacks: Any, emulator: Emulator
    ) -> None:
        stacks.create_stack(StackName="s", TemplateBody=self.template())
        dynamodb = emulator.client("dynamodb")
        dynamodb.put_item(TableName="nodes", Item={"name": {"S": "a"}})
        stacks.update_stack(StackName="s", TemplateBody=self.template(protected=False))
        assert dynamodb.describe_table(TableName="nodes")["Table"]["DeletionProtectionEnabled"] is False
        stacks.delete_stack(StackName="s")
        assert dynamodb.scan(TableName="nodes")["Count"] == 1
        assert "QueueUrls" not in emulator.client("sqs").list_queues()

    def test_termination_protection_protects(self, stacks: Any) -> None:
        stacks.create_stack(StackName="s", TemplateBody=self.template())
        stacks.update_termination_protection(StackName="s", EnableTerminationProtection=True)
        assert error_of(stacks.delete_stack, StackName="s") == "ValidationError"


class TestVolumes:
    def test_one_instance_and_one_zone(self, account: Account) -> None:
        first, second = account.run(), account.run()
        elsewhere = account.run(SubnetId=account.network.subnet_b_id)
        volume = account.ec2.create_volume(AvailabilityZone=account.network.zone_a, Size=1)["VolumeId"]
        attach = account.ec2.attach_volume

        def error(instance_id: str) -> str:
            return error_of(attach, VolumeId=volume, InstanceId=instance_id, Device="/dev/sdf")

        assert error(elsewhere) == "InvalidVolume.ZoneMismatch"
        assert [error(first), error(second)] == ["OK", "VolumeInUse"]
        account.ec2.detach_volume(VolumeId=volume)
        assert error(second) == "OK"


class TestTargetGroups:
    def test_an_address_of_the_vpc_only(self, account: Account, emulator: Emulator) -> None:
        elbv2 = emulator.client("elbv2")
        made = elbv2.create_target_group(
            Name="nodes", Protocol="TCP", Port=9042, VpcId=account.network.vpc_id, TargetType="ip"
        )
        arn = made["TargetGroups"][0]["TargetGroupArn"]
        register = elbv2.register_targets
        assert error_of(register, TargetGroupArn=arn, Targets=[{"Id": "192.168.1.1"}]) == "InvalidTarget"
        register(TargetGroupArn=arn, Targets=[{"Id": "10.0.1.9"}])
        [health] = elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        assert health["TargetHealth"]["State"] == "unused"
