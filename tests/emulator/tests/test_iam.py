# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM in the emulator: callers with policies, refused as AWS refuses them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.process import Emulator
from tests.support.collection import create_tables, new_client

from .account import Account, error_of

SOMEBODY = "AKIASOMEBODY"
USER = f"arn:aws:iam::123456789012:user/{SOMEBODY}"
SETTINGS: dict[str, Any] = {"retries": {"total_max_attempts": 1}}
TABLE_TAG = [{"Key": "stateful_node:table", "Value": "a"}]
OWN = {"StringEquals": {"aws:ResourceTag/stateful_node:table": "a"}}


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Statement": [{"Sid": "Given", "Effect": "Allow", "Action": list(actions), "Resource": resource, **more}]}


@pytest.fixture
def give(emulator: Emulator) -> Iterator[Callable[..., None]]:
    yield lambda *documents: emulator.configure(policies={SOMEBODY: list(documents)})
    emulator.configure(policies={})


@pytest.fixture(scope="module")
def clients(shared_emulator: Emulator) -> dict[str, Any]:
    services = ("ec2", "dynamodb", "sts", "cloudformation", "sqs", "events")
    return {service: new_client(shared_emulator.endpoint, service, SETTINGS, SOMEBODY) for service in services}


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_who_calls_is_told_whatever_the_policies_say(give: Any, clients: Any) -> None:
    """AWS documents that GetCallerIdentity needs no permission, and that not even a denial keeps it from answering."""
    give({"Statement": [{"Effect": "Deny", "Action": "sts:*", "Resource": "*"}]})
    assert clients["sts"].get_caller_identity()["Account"] == "123456789012"
    assert refusal(clients["sts"].decode_authorization_message, EncodedMessage="x")[0] == "AccessDenied"


def test_who_has_no_policies_may_do_everything(account: Account, give: Any, clients: Any) -> None:
    give(allow("ec2:DescribeInstances"))
    assert error_of(account.ec2.describe_network_interfaces) == "OK"
    assert error_of(clients["ec2"].describe_instances) == "OK"
    assert error_of(clients["ec2"].describe_network_interfaces) == "UnauthorizedOperation"


def test_ec2_names_what_is_refused_and_sts_decodes_it(account: Account, give: Any, clients: Any) -> None:
    interface_id = account.create_interface()
    arn = f"arn:aws:ec2:us-east-1:123456789012:network-interface/{interface_id}"
    account.ec2.create_tags(Resources=[interface_id], Tags=[{"Key": "stateful_node:table", "Value": "b"}])
    give(allow("ec2:DeleteNetworkInterface", Condition=OWN), allow("sts:DecodeAuthorizationMessage"))
    code, status, message = refusal(clients["ec2"].delete_network_interface, NetworkInterfaceId=interface_id)
    assert (code, status) == ("UnauthorizedOperation", 403)
    told, encoded = message.split(" Encoded authorization failure message: ")
    assert told == (
        f"You are not authorized to perform this operation. User: {USER} is not authorized to perform: "
        f"ec2:DeleteNetworkInterface on resource: {arn} because no identity-based policy allows the "
        "ec2:DeleteNetworkInterface action."
    )
    decoded = json.loads(clients["sts"].decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, False)
    context = decoded["context"]
    assert (context["action"], context["resource"]) == ("ec2:DeleteNetworkInterface", arn)
    seen = {item["key"]: item["values"]["items"] for item in context["conditions"]["items"]}
    assert seen["aws:resourcetag/stateful_node:table"] == [{"value": "b"}]
    assert account.interface(interface_id)
    give(allow("ec2:*"))
    assert refusal(clients["sts"].decode_authorization_message, EncodedMessage=encoded)[:2] == ("AccessDenied", 403)


def test_a_denial_is_told_from_a_permission_that_is_missing(account: Account, give: Any, clients: Any) -> None:
    denial = {"Statement": [{"Sid": "Keep", "Effect": "Deny", "Action": "ec2:Delete*", "Resource": "*"}]}
    give(allow("ec2:*"), denial)
    interface_id = account.create_interface()
    _code, _status, message = refusal(clients["ec2"].delete_network_interface, NetworkInterfaceId=interface_id)
    assert "with an explicit deny in an identity-based policy. Encoded" in message


@pytest.mark.parametrize(
    ("service", "call", "parameters", "code", "status", "resource"),
    [
        ("dynamodb", "get_item", {"TableName": "stateful-nodes", "Key": {"name": {"S": "a"}}}, "AccessDeniedException",
         400, "dynamodb:us-east-1:123456789012:table/stateful-nodes"),
        ("events", "delete_rule", {"Name": "r"}, "AccessDeniedException", 400, "events:us-east-1:123456789012:rule/r"),
        ("sqs", "create_queue", {"QueueName": "q"}, "AccessDenied", 403, "sqs:us-east-1:123456789012:q"),
        ("cloudformation", "delete_stack", {"StackName": "s"}, "AccessDenied", 403,
         "cloudformation:us-east-1:123456789012:stack/s/*"),
    ],
)  # fmt: skip
def test_other_services_refuse_in_their_own_way(
    emulator: Emulator, give: Any, clients: Any, service: str, call: str, parameters: dict[str, Any], code: str,
    status: int, resource: str,
) -> None:  # fmt: skip
    create_tables(emulator.client("dynamodb"))
    give(allow("ec2:*"))
    answered = refusal(getattr(clients[service], call), **parameters)
    assert answered[:2] == (code, status)
    assert f"User: {USER} is not authorized to perform: {service}:" in answered[2]
    assert f" on resource: arn:aws:{resource} because no identity-based policy allows" in answered[2]


KINDS = (
    "image", "instance", "key-pair", "network-interface", "security-group", "spot-instances-request", "subnet",
    "volume",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_launch_is_authorized_on_each_resource_that_it_touches(
    account: Account, give: Any, clients: Any, kind: str
) -> None:
    account.ec2.create_key_pair(KeyName="k")
    parameters = account.request(account.create_interface(), KeyName="k", InstanceMarketOptions={"MarketType": "spot"})
    give(
        allow("iam:*", "ec2:CreateTags"),
        allow("ec2:RunInstances", resource=[_arn(each) for each in KINDS if each != kind]),
    )
    code, _status, message = refusal(clients["ec2"].run_instances, **parameters)
    assert code == "UnauthorizedOperation"
    assert f"ec2:RunInstances on resource: {_arn(kind).rpartition('/')[0]}/" in message
    give(allow("iam:*"), allow("ec2:RunInstances", resource=[_arn(each) for each in KINDS]))
    assert error_of(clients["ec2"].run_instances, **parameters) == "OK"


def _arn(kind: str) -> str:
    return f"arn:aws:ec2:us-east-1:{'' if kind == 'image' else '123456789012'}:{kind}/*"


def test_a_launch_needs_more_than_its_own_action(account: Account, emulator: Emulator, give: Any, clients: Any) -> None:
    """The tags that it sets, the role that it passes, and once in an account EC2 Spot's service-linked role."""
    emulator.client("iam").create_instance_profile(InstanceProfileName="web")
    tags = [{"ResourceType": "instance", "Tags": TABLE_TAG}]
    parameters = account.request(
        TagSpecifications=tags, IamInstanceProfile={"Name": "web"}, InstanceMarketOptions={"MarketType": "spot"}
    )
    given = [allow("ec2:RunInstances")]
    for missing, more in (
        ("ec2:CreateTags", {"Condition": {"StringEquals": {"ec2:CreateAction": "RunInstances"}}}),
        ("iam:PassRole", {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}),
    ):
        give(*given)
        assert f"not authorized to perform: {missing} on" in refusal(clients["ec2"].run_instances, **parameters)[2]
        given.append(allow(missing, **more))
    give(*given)
    code, status, _message = refusal(clients["ec2"].run_instances, **parameters)
    assert (code, status) == ("AuthFailure.ServiceLinkedRoleCreationNotPermitted", 403)
    give(*given, allow("iam:CreateServiceLinkedRole"))
    assert error_of(clients["ec2"].run_instances, **parameters) == "OK"


def test_only_keys_that_ec2_gives_for_an_action_count(account: Account, give: Any, clients: Any) -> None:
    """RunInstances tells nothing of the tags of the interface that it is given."""
    interface_id = account.create_interface()
    account.ec2.create_tags(Resources=[interface_id], Tags=TABLE_TAG)
    others = allow("ec2:RunInstances", resource=[_arn(kind) for kind in KINDS if kind != "network-interface"])
    own = allow("ec2:RunInstances", "ec2:DeleteNetworkInterface", resource=_arn("network-interface"), Condition=OWN)
    give(others, own)
    message = refusal(clients["ec2"].run_instances, **account.request(interface_id))[2]
    assert f"ec2:RunInstances on resource: {_arn('network-interface')[:-1]}{interface_id} " in message
    assert error_of(clients["ec2"].delete_network_interface, NetworkInterfaceId=interface_id) == "OK"


def test_a_stack_calls_on_behalf_of_its_caller(emulator: Emulator, give: Any, clients: Any) -> None:
    template = json.dumps({"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": {
        "TableName": "t", "AttributeDefinitions": [{"AttributeName": "n", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}}}})  # fmt: skip
    via = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["cloudformation.amazonaws.com"]}}
    stack = {"StackName": "s", "TemplateBody": template}
    give(allow("cloudformation:*"))
    assert (
        "dynamodb:CreateTable on resource: arn:aws:dynamodb:us-east-1:123456789012:table/t"
        in refusal(clients["cloudformation"].create_stack, **stack)[2]
    )
    give(allow("cloudformation:*"), allow("dynamodb:*", Condition=via))
    assert error_of(clients["cloudformation"].create_stack, **stack) == "OK"
    assert error_of(clients["dynamodb"].describe_table, TableName="t") == "AccessDeniedException"


def test_what_is_asked_of_iam_is_in_the_log(account: Account, emulator: Emulator, give: Any, clients: Any) -> None:
    interface_id = account.create_interface()
    give(allow("ec2:*"))
    clients["ec2"].delete_network_interface(NetworkInterfaceId=interface_id)
    (call,) = emulator.calls(action="DeleteNetworkInterface")
    arn = f"arn:aws:ec2:us-east-1:123456789012:network-interface/{interface_id}"
    asked = {"action": "ec2:DeleteNetworkInterface", "resource": arn, "statements": ["Given"]}
    assert call["authorized"] == [asked]


def test_a_reset_ends_it_and_the_command_line_begins_it(
    emulator: Emulator, give: Any, clients: Any, tmp_path: Path
) -> None:
    give(allow("sqs:*"))
    assert error_of(clients["ec2"].describe_instances) == "UnauthorizedOperation"
    emulator.reset()
    assert error_of(clients["ec2"].describe_instances) == "OK"
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(allow("sqs:*")))
    with Emulator(arguments=["--policy", f"{SOMEBODY}={file}"]) as other:
        client = new_client(other.endpoint, "ec2", SETTINGS, SOMEBODY)
        assert error_of(client.describe_instances) == "UnauthorizedOperation"
        other.reset()
        assert error_of(client.describe_instances) == "UnauthorizedOperation"


def test_the_policy_of_a_queue_allows_and_denies_as_well(emulator: Emulator, give: Any, clients: Any) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    give(allow("sqs:GetQueueUrl"))
    assert error_of(clients["sqs"].send_message, QueueUrl=url, MessageBody="x") == "AccessDenied"
    allowing = {"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sqs:*", "Resource": "*"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [allowing]})})
    assert error_of(clients["sqs"].send_message, QueueUrl=url, MessageBody="x") == "OK"
    denying = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [allowing, denying]})})
    give(allow("sqs:*"))
    assert refusal(clients["sqs"].send_message, QueueUrl=url, MessageBody="x")[2].endswith(
        "with an explicit deny in a resource-based policy"
    )
    assert error_of(clients["sqs"].receive_message, QueueUrl=url) == "OK"
