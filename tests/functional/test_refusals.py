# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who lacks a permission is told which, on what and whose policy has it; what is encoded is never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.filter.iam_policy import iam_policy
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.call_failure import whole_call_failure
from ansible_collections.stateful_node.aws.plugins.module_utils._module.reach import reach_of

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection, checked_parameters

SOMEBODY = "AKIASOMEBODY"
USER = f"arn:aws:iam::123456789012:user/{SOMEBODY}"
DECODING = {"Statement": [{"Effect": "Allow", "Action": "sts:DecodeAuthorizationMessage", "Resource": "*"}]}
ENCODED = "eJ"
"""What zlib's output begins with in base64: the emulator encodes so."""


@pytest.fixture
def somebody(emulator: Emulator) -> Iterator[Collection]:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    emulator.client("iam").create_service_linked_role(AWSServiceName="spot.amazonaws.com")
    yield Collection(emulator.endpoint, access_key_id=SOMEBODY)
    emulator.configure(policies={})


def give(emulator: Emulator, *documents: Any) -> None:
    emulator.configure(policies={SOMEBODY: list(documents)})


def without(document: dict[str, Any], *actions: str) -> dict[str, Any]:
    """The policy less some actions."""
    left = []
    for statement in document["Statement"]:
        allowed = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        kept = [action for action in allowed if action not in actions]
        left += [{**statement, "Action": kept}] if kept else []
    return {**document, "Statement": left}


def for_instances_of(document: dict[str, Any], table: str) -> dict[str, Any]:
    """The policy with another table in the conditions on what it acts on."""
    condition = {"StringEquals": {"aws:ResourceTag/stateful_node:table": table}}
    statements = [
        {**statement, "Condition": condition} if statement["Sid"].startswith("Own") else statement
        for statement in document["Statement"]
    ]
    return {**document, "Statement": statements}


def decodings(emulator: Emulator) -> list[str]:
    return [call["outcome"] for call in emulator.calls(action="DecodeAuthorizationMessage")]


def test_the_error_names_permission_resource_policy_and_next_command(
    emulator: Emulator, network: Network, collection: Collection, somebody: Collection
) -> None:
    collection.configure("a", network)
    give(emulator, without(iam_policy("resume"), "ec2:CreateTags"))
    failed = somebody.operate("resume", ["a"])
    assert failed.message.startswith(
        f"a: RunInstances was not allowed (UnauthorizedOperation): {USER} lacks the permission "
        "ec2:CreateTags on arn:aws:ec2:us-east-1:123456789012:instance/*, because no identity-based policy "
        "allows the ec2:CreateTags action. The policy docs/iam/resume.json of the collection allows it when something "
        "is made with the table's tag stateful_node:table."
    )
    corrected = "Once that is corrected: ansible-playbook stateful_node.aws.resume -e stateful_nodes=a"
    assert failed.message.endswith(corrected)
    give(emulator, iam_policy("resume"))
    assert not somebody.operate("resume", ["a"]).failures


def test_the_encoded_part_reaches_no_result_and_no_table(
    emulator: Emulator, network: Network, collection: Collection, somebody: Collection
) -> None:
    """Not where it is kept as the reason of a launch, either."""
    collection.configure("a", network)
    give(emulator, without(iam_policy("resume"), "ec2:RunInstances"))
    failed = somebody.operate("resume", ["a"])
    assert "lacks the permission ec2:RunInstances" in failed.message
    tables = [emulator.client("dynamodb").scan(TableName=name)["Items"] for name in (TABLE, f"{TABLE}-history")]
    told = json.dumps(
        [failed.values, failed.message, failed.failures, *tables, collection.run("info").values], default=str
    )
    assert "Encoded" not in told
    assert ENCODED not in told


def test_what_may_be_decoded_says_by_what_aws_decided(
    emulator: Emulator, network: Network, collection: Collection, somebody: Collection
) -> None:
    """The caller's policy is for the nodes of another table; keys that no policy goes by are not shown."""
    collection.configure("a", network)
    (node,) = collection.operate("resume", ["a"]).values["nodes"]
    give(emulator, for_instances_of(iam_policy("pause"), "another"), DECODING)
    emulator.clear_calls()
    told = somebody.operate("pause", ["a"]).message
    assert f"ec2:TerminateInstances on arn:aws:ec2:us-east-1:123456789012:instance/{node['instance_id']}" in told
    assert "AWS decided by aws:resourcetag/stateful_node:table=stateful-nodes. The policy docs/iam/pause.json" in told
    assert "principalarn=" not in told
    assert decodings(emulator) == ["OK"]


def test_what_may_not_be_decoded_is_asked_for_once_and_told_without(
    emulator: Emulator, network: Network, collection: Collection, somebody: Collection
) -> None:
    names = ["a", "b", "c"]
    for name in names:
        collection.configure(name, network)
    collection.operate("resume", names)
    give(emulator, without(iam_policy("pause"), "ec2:TerminateInstances"))
    begun = somebody.run("operation", name=names, state="begun", operation="pause")
    emulator.clear_calls()
    failed = somebody.run("instance", name=names, state="terminated", operation_id=begun.values["operation_id"])
    assert len(failed.failures) == 3
    assert failed.message.count("lacks the permission ec2:TerminateInstances") == 3
    assert decodings(emulator) == ["AccessDenied"]


def test_a_denial_is_not_blamed_on_a_missing_permission(
    emulator: Emulator, network: Network, collection: Collection, somebody: Collection
) -> None:
    collection.configure("a", network)
    denial = {"Sid": "NoSpending", "Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*"}
    give(emulator, iam_policy("resume"), DECODING, {"Statement": [denial]})
    message = somebody.operate("resume", ["a"]).message
    assert "with an explicit deny in an identity-based policy. AWS decided by statement NoSpending" in message
    assert "A denial counts more than all policies that allow" in message


def test_a_role_that_may_not_be_passed_is_named(
    emulator: Emulator, network: Network, collection: Collection, somebody: Collection
) -> None:
    emulator.client("iam").create_instance_profile(InstanceProfileName="cassandra")
    launch = {"image_id": network.image_id, "instance_types": ["t3.micro"], "iam_instance_profile": "cassandra"}
    collection.configure("a", network, launch=launch)
    give(emulator, iam_policy("resume"))
    message = somebody.operate("resume", ["a"]).message
    assert "lacks the permission iam:PassRole on arn:aws:iam::123456789012:role/cassandra" in message
    assert "for the roles that it is composed with (instance_role_arns)" in message
    give(emulator, iam_policy("resume", instance_role_arns="arn:aws:iam::123456789012:role/cassandra"))
    assert not somebody.operate("resume", ["a"]).failures


def test_a_refusal_that_says_nothing_is_told_by_the_call(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """EC2's message has not always named user, action and resource."""
    collection.configure("a", network)
    emulator.add_fault("CreateNetworkInterface", "refuse", code="UnauthorizedOperation", status=403)
    message = collection.run("eni", name="a").message
    assert "(UnauthorizedOperation): the caller lacks the permission ec2:CreateNetworkInterface." in message


@pytest.mark.parametrize(
    ("module", "params", "command"),
    [
        ("operation", {"name": ["a", "b"], "state": "begun", "operation": "delete", "delete_instance": True,
                       "delete_confirm": ["a", "b"]},
         "delete -e stateful_nodes=a,b -e delete_confirm=a,b -e delete_instance=true"),
        ("instance", {"name": ["a"], "state": "terminated"}, "pause -e stateful_nodes=a"),
        ("adopt", {"name": "a", "instance_id": "i-0123456789abcdef0"},
         "adopt -e stateful_nodes=a -e adopt_instance_id=i-0123456789abcdef0"),
        ("rebuild", {"name": "a"}, "repair -e stateful_nodes=a -e repair_rebuild=true"),
        ("info", {"name": ["a"]}, None),
        ("eni", {"name": ["a"], "operation_id": "o"}, None),
    ],
)  # fmt: skip
def test_an_error_of_a_whole_call_names_the_nodes_and_what_to_type_next(
    emulator: Emulator, collection: Collection, somebody: Collection, module: str, params: dict[str, Any],
    command: str | None,
) -> None:  # fmt: skip
    give(emulator)
    emulator.configure(policies={SOMEBODY: [{"Statement": []}]})
    with pytest.raises(AwsError) as caught:
        somebody.run(module, **params)
    given = checked_parameters(module, params)
    failure = whole_call_failure(
        f"stateful_node_{module}", given, caught.value, client_factory=somebody.client, reach=reach_of(given, {})
    )
    names = params["name"] if isinstance(params["name"], str) else ",".join(params["name"])
    assert failure["msg"].startswith(f"{names}: ")
    assert "lacks the permission" in failure["msg"]
    playbook = command and f"ansible-playbook stateful_node.aws.{command}"
    assert failure["next_command"] == playbook
    assert failure["msg"].endswith(
        f"Next: {playbook}" if playbook else "Then run the same playbook, or this task, again."
    )
