# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The queue of events as the role setup makes it, and what lies on it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import yaml

from tests.emulator.environment import REGION
from tests.emulator.process import CHECKOUT, Emulator
from tests.emulator.world import ACCOUNT_ID
from tests.support.collection import TABLE

TEMPLATE = CHECKOUT / "roles" / "setup" / "files" / "stateful_node.yml"
WARNING = "EC2 Spot Instance Interruption Warning"
REBALANCE = "EC2 Instance Rebalance Recommendation"
STATE_CHANGE = "EC2 Instance State-change Notification"


def an_event(instance_id: str, detail_type: str = WARNING, age: int = 0, **changes: Any) -> dict[str, Any]:
    """Compose an event as EventBridge sends it."""
    time = datetime.fromtimestamp(datetime.now(tz=timezone.utc).timestamp() - age, tz=timezone.utc)
    return {
        "version": "0",
        "source": "aws.ec2",
        "detail-type": detail_type,
        "account": ACCOUNT_ID,
        "region": REGION,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "detail": {"instance-id": instance_id},
        **changes,
    }


class EventQueue:
    """The queue of a table, its dead-letter queue and the rules that fill it."""

    def __init__(self, emulator: Emulator, table: str = TABLE, **settings: Any) -> None:
        """Deploy what the role's template says of them; `settings` change properties of the queue."""
        template = yaml.safe_load(TEMPLATE.read_text())
        template["Resources"]["EventQueue"]["Properties"].update(settings)
        resources = {name: item for name, item in template["Resources"].items() if "Condition" in item}
        emulator.client("cloudformation").create_stack(
            StackName=f"{table}-without-tables",
            TemplateBody=json.dumps({**template, "Resources": resources, "Outputs": {}}),
            Parameters=[{"ParameterKey": "TableName", "ParameterValue": table}],
        )
        self._client = emulator.client("sqs")
        self._url = self._client.get_queue_url(QueueName=f"{table}-events")["QueueUrl"]
        self._dead_url = self._client.get_queue_url(QueueName=f"{table}-events-dead-letter")["QueueUrl"]

    def send(self, *bodies: Any) -> None:
        """Send messages: texts as they are, everything else as JSON."""
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self._client.send_message(QueueUrl=self._url, MessageBody=text)

    def forget(self) -> None:
        """Empty the queue."""
        self._client.purge_queue(QueueUrl=self._url)

    @property
    def waiting(self) -> int:
        """How many messages are on the queue, those included that somebody has received a moment ago."""
        return self._count(self._url)

    @property
    def dead(self) -> int:
        """How many messages are on the dead-letter queue."""
        return self._count(self._dead_url)

    def _count(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)
