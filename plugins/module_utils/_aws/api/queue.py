# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The queue of events in SQS. Every method blocks and raises AwsError."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..._core.lifecycle.instance_events import LONGEST_MESSAGE
from ..calls.aws_error import translated
from ..calls.clients import READS, ClientFactory

MESSAGES_PER_CALL = 10
"""The most that a call takes or gives.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
"""

LONGEST_POLL = 20
"""Seconds that ReceiveMessage waits for a message at the most; with none it does not ask all of SQS's servers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message that was received: nobody else gets it for the queue's visibility timeout. `handle` deletes it."""

    message_id: str
    handle: str
    body: Any


class Queue:
    """A queue of this account, by its name."""

    def __init__(self, client_factory: ClientFactory, name: str) -> None:
        self.name, self._client_factory = name, client_factory

    @cached_property
    def _client(self) -> Any:
        # A receive that is repeated hides more messages for a while, a delete that is repeated has its effect once.
        return self._client_factory("sqs", READS)

    @cached_property
    def url(self) -> str:
        """The queue's URL. Raises AwsError where there is no queue, or it may not be asked about."""
        with translated("GetQueueUrl"):
            return str(self._client.get_queue_url(QueueName=self.name)["QueueUrl"])

    def get_url(self) -> str:
        """Return the queue's URL. Raises AwsError where there is no queue, or it may not be asked about."""
        return self.url

    @property
    def account(self) -> str | None:
        """The account that the queue belongs to, as its URL says."""
        found = re.search(r"/(\d{12})/[^/]+$", self.url)
        return found.group(1) if found else None

    def receive(self, wait_seconds: int) -> list[Message]:
        """Receive up to ten messages, waiting for the first one for up to `wait_seconds`."""
        url = self.url
        with translated("ReceiveMessage"):
            answer = self._client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=MESSAGES_PER_CALL, WaitTimeSeconds=wait_seconds
            )
        return [
            Message(
                message_id=item["MessageId"],
                handle=item["ReceiptHandle"],
                # What is cut is refused as too long: a message has up to a megabyte, and hundreds are held at a time.
                body=item["Body"][: LONGEST_MESSAGE + 1],
            )
            for item in answer.get("Messages", [])
        ]

    def delete(self, handles: Sequence[str]) -> None:
        """Delete messages that were received. One that cannot be deleted comes again, and is found to be done with."""
        url = self.url
        for start in range(0, len(handles), MESSAGES_PER_CALL):
            chunk = handles[start : start + MESSAGES_PER_CALL]
            entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(chunk)]
            with translated("DeleteMessageBatch"):
                self._client.delete_message_batch(QueueUrl=url, Entries=entries)
