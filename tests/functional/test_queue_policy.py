# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy of the queue that `setup` deploys: what its rules send arrives, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, new_client
from tests.support.queue import EventQueue

from .account import launch

SOMEBODY = "AKIASOMEBODY"
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def queue(emulator: Emulator) -> EventQueue:
    return EventQueue(emulator)


@pytest.fixture
def somebody(emulator: Emulator) -> Iterator[Any]:
    """SQS as a user of the account sees it whose own policy allows everything."""
    emulator.configure(policies={SOMEBODY: [EVERYTHING]})
    yield new_client(emulator.endpoint, "sqs", {}, access_key_id=SOMEBODY)
    emulator.configure(policies={})


def test_a_user_who_may_do_everything_may_not_send(queue: EventQueue, somebody: Any) -> None:
    url = somebody.get_queue_url(QueueName=f"{TABLE}-events")["QueueUrl"]
    with pytest.raises(ClientError, match=r"sqs:SendMessage.*explicit deny in a resource-based policy"):
        somebody.send_message(QueueUrl=url, MessageBody="{}")
    entry = {"Id": "1", "MessageBody": "{}"}
    with pytest.raises(ClientError, match=r"sqs:SendMessage.*explicit deny in a resource-based policy"):
        somebody.send_message_batch(QueueUrl=url, Entries=[entry])
    assert queue.waiting == 0


def test_a_user_who_may_read_still_may(queue: EventQueue, somebody: Any) -> None:
    queue.send("{}")
    url = somebody.get_queue_url(QueueName=f"{TABLE}-events")["QueueUrl"]
    (message,) = somebody.receive_message(QueueUrl=url)["Messages"]
    somebody.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert queue.waiting == 0


def test_what_the_rules_send_arrives_and_what_another_rule_sends_does_not(
    emulator: Emulator, network: Network, queue: EventQueue
) -> None:
    events, sqs = emulator.client("events"), emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{TABLE}-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for name, pattern in (("forged", {"source": ["forged"]}), ("another", {"source": ["aws.ec2"]})):
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    entry = {"Source": "forged", "DetailType": "EC2 Spot Instance Interruption Warning", "Detail": "{}"}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    instance = launch(emulator, network, InstanceMarketOptions={"MarketType": "spot"})
    queue.forget()
    emulator.interrupt(instance, warning_seconds=600)
    assert queue.waiting == 1
