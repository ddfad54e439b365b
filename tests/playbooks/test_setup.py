# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The setup playbook in check mode: it says what a run would change, and changes nothing."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.emulator.process import CHECKOUT, Emulator
from tests.support.playbooks import Playbooks

SETUP = "stateful_node.aws.setup"
TEMPLATE = CHECKOUT / "roles" / "setup" / "files" / "stateful_node.yml"


def _table_names(emulator: Emulator) -> list[str]:
    return emulator.client("dynamodb").list_tables()["TableNames"]


def test_check_mode_says_that_a_new_stack_would_be_made(playbooks: Playbooks, emulator: Emulator) -> None:
    checked = playbooks.run(SETUP, "--check")
    assert (checked.status, checked.changed) == (0, 1), checked.output
    assert _table_names(emulator) == []
    assert emulator.client("cloudformation").describe_stacks()["Stacks"] == []


@pytest.mark.thorough
def test_check_mode_says_that_an_unchanged_stack_would_stay(playbooks: Playbooks, emulator: Emulator) -> None:
    made = playbooks.run(SETUP)
    assert made.status == 0, made.output
    tables = _table_names(emulator)
    checked = playbooks.run(SETUP, "--check")
    assert (checked.status, checked.changed) == (0, 0), checked.output
    assert _table_names(emulator) == tables
    stack_name = tables[0]
    assert emulator.client("cloudformation").list_change_sets(StackName=stack_name)["Summaries"] == []


@pytest.mark.thorough
def test_check_mode_says_that_a_stack_with_another_template_would_change(
    playbooks: Playbooks, emulator: Emulator
) -> None:
    other = {"Queue": {"Type": "AWS::SQS::Queue"}}
    stacks = emulator.client("cloudformation")
    template = json.dumps({"Parameters": {"TableName": {"Type": "String"}}, "Resources": other})
    parameters = [{"ParameterKey": "TableName", "ParameterValue": "stateful-nodes"}]
    stacks.create_stack(StackName="stateful-nodes", TemplateBody=template, Parameters=parameters)
    checked = playbooks.run(SETUP, "--check")
    assert (checked.status, checked.changed) == (0, 1), checked.output
    assert _table_names(emulator) == []


EVENTS = ("EventQueueUrl", "EventQueueArn", "EventDeadLetterQueueArn")


def _outputs(emulator: Emulator) -> dict[str, str]:
    (stack,) = emulator.client("cloudformation").describe_stacks(StackName="stateful-nodes")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _deploy_as_before_there_were_events(emulator: Emulator) -> None:
    template = yaml.safe_load(TEMPLATE.read_text())
    tables = {name: item for name, item in template["Resources"].items() if item["Type"] == "AWS::DynamoDB::Table"}
    old = {"Parameters": {"TableName": template["Parameters"]["TableName"]}, "Resources": tables}
    emulator.client("cloudformation").create_stack(StackName="stateful-nodes", TemplateBody=json.dumps(old))


@pytest.mark.thorough
def test_a_stack_without_events_gets_them_and_gives_them_up_and_its_tables_keep_their_items(
    playbooks: Playbooks, emulator: Emulator
) -> None:
    _deploy_as_before_there_were_events(emulator)
    dynamodb = emulator.client("dynamodb")
    dynamodb.put_item(TableName="stateful-nodes", Item={"name": {"S": "a"}})
    for wanted, queues in (("true", 2), ("false", 0)):
        done = playbooks.run(SETUP, setup_events=wanted)
        assert (done.status, done.changed) == (0, 1), done.output
        assert len(emulator.client("sqs").list_queues().get("QueueUrls", [])) == queues
        assert len(emulator.client("events").list_rules()["Rules"]) == (3 if queues else 0)
        assert [name in _outputs(emulator) for name in EVENTS] == [queues > 0] * 3
        assert dynamodb.scan(TableName="stateful-nodes")["Items"] == [{"name": {"S": "a"}}]
    checked = playbooks.run(SETUP, "--check", setup_events="false")
    assert (checked.status, checked.changed) == (0, 0), checked.output


def test_the_queue_is_filled_by_the_three_rules_of_the_stack_alone(emulator: Emulator) -> None:
    emulator.client("cloudformation").create_stack(
        StackName="staging",
        TemplateBody=TEMPLATE.read_text(),
        Parameters=[{"ParameterKey": "TableName", "ParameterValue": "staging"}],
    )
    sqs, events = emulator.client("sqs"), emulator.client("events")
    url = sqs.get_queue_url(QueueName="staging-events")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    rules = events.list_rules()["Rules"]
    allowing, denying = json.loads(queue["Policy"])["Statement"]
    arns = sorted(rule["Arn"] for rule in rules)
    assert (allowing["Effect"], allowing["Principal"]) == ("Allow", {"Service": "events.amazonaws.com"})
    assert sorted(allowing["Condition"]["ArnEquals"]["aws:SourceArn"]) == arns
    assert (denying["Effect"], denying["Principal"]) == ("Deny", "*")
    assert sorted(denying["Condition"]["ArnNotEquals"]["aws:SourceArn"]) == arns
    assert queue["SqsManagedSseEnabled"] == "true"
    assert json.loads(queue["RedrivePolicy"])["deadLetterTargetArn"].endswith(":staging-events-dead-letter")
    patterns = [json.loads(rule["EventPattern"]) for rule in rules]
    assert {pattern["source"][0] for pattern in patterns} == {"aws.ec2"}
    assert [pattern["detail"] for pattern in patterns if "detail" in pattern] == [
        {"state": ["shutting-down", "terminated", "stopped"]}
    ]


def test_a_name_too_long_for_a_queue_is_refused_before_anything_is_made(
    playbooks: Playbooks, emulator: Emulator
) -> None:
    refused = playbooks.run(SETUP, stateful_node_table_name="n" * 62)
    assert refused.status != 0
    assert "-e setup_events=false" in refused.output
    assert _table_names(emulator) == []


def test_a_name_that_a_stack_cannot_have_is_refused_before_anything_is_made(
    playbooks: Playbooks, emulator: Emulator
) -> None:
    refused = playbooks.run(SETUP, stateful_node_table_name="my_nodes")
    assert refused.status != 0
    assert "setup_table_name 'my_nodes' is not a valid name for the table and its stack" in refused.output
    assert _table_names(emulator) == []


ROLE = "arn:aws:iam::123456789012:role/ansible"


@pytest.mark.thorough
def test_the_policy_that_protects_the_interfaces_is_written(playbooks: Playbooks, emulator: Emulator) -> None:
    """A relative name is one in the directory of whoever runs the playbook."""
    file = playbooks.directory / "policy.json"
    wanted = {"setup_protection_role_arn": ROLE, "setup_protection_file": file.name}
    checked = playbooks.run(SETUP, "--check", **wanted)
    assert checked.status == 0, checked.output
    assert not file.exists()
    done = playbooks.run(SETUP, stateful_node_table_name="staging", **wanted)
    assert done.status == 0, done.output
    policy = json.loads(file.read_text())
    conditions = [statement["Condition"] for statement in policy["Statement"]]
    tables = [list(item["StringEquals"].items()) for item in conditions]
    assert tables == [[(f"aws:{of}Tag/stateful_node:table", "staging")] for of in ["Resource"] * 3 + ["Request"]]
    assert [item["ArnNotLike"]["aws:PrincipalArn"] for item in conditions] == [[ROLE]] * 4
    again = playbooks.run(SETUP, stateful_node_table_name="staging", **wanted)
    assert (again.status, again.changed) == (0, 0), again.output


def test_a_policy_that_would_lock_the_automation_out_is_refused_before_anything_is_made(
    playbooks: Playbooks, emulator: Emulator
) -> None:
    file = str(playbooks.directory / "policy.json")
    for wrong, words in (
        ({}, "without setup_protection_role_arn"),
        ({"setup_protection_role_arn": "me"}, "'me' is no"),
    ):
        refused = playbooks.run(SETUP, setup_protection_file=file, **wrong)
        assert refused.status != 0
        assert words in refused.output
    assert _table_names(emulator) == []


@pytest.mark.thorough
def test_a_directory_for_policies_that_is_not_there_is_refused_before_anything_is_made(
    playbooks: Playbooks, emulator: Emulator
) -> None:
    refused = playbooks.run(SETUP, setup_policies_directory="policies")
    assert refused.status != 0
    assert f"mkdir -p {playbooks.directory}/policies" in " ".join(refused.output.split())
    assert _table_names(emulator) == []
