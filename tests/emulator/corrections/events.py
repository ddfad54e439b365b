# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The events EC2 sends by itself, and what EventBridge does with them.

events/models.py put_events accepts aws.* from anyone, delivers to queues whose policy does not allow it and leaves
`account` out (events/utils.py EventTemplateParser); no EC2 model emits anything.
"""

from __future__ import annotations

import json
from typing import Any

from moto.events.models import Rule, events_backends
from moto.events.responses import EventsHandler
from moto.events.utils import EventTemplateParser
from moto.sqs.models import sqs_backends

from ..iam import queue_policies
from .patching import corrects

STATE_CHANGE = "EC2 Instance State-change Notification"


def state_changed(instance: Any) -> None:
    emit(instance, STATE_CHANGE, {"instance-id": instance.id, "state": instance.state})


def emit(instance: Any, detail_type: str, detail: dict[str, Any]) -> None:
    backend = instance.ec2_backend
    account = events_backends[backend.account_id]
    if backend.region_name not in account or not any(
        bus.rules for bus in account[backend.region_name].event_buses.values()
    ):
        return
    # An interruption's ARN carries the zone and no account; the state change's is an ordinary one.
    where = f"{backend.region_name}:{backend.account_id}" if detail_type == STATE_CHANGE else instance.availability_zone
    account[backend.region_name].put_events(
        [
            {
                "Source": "aws.ec2",
                "DetailType": detail_type,
                "Detail": json.dumps(detail),
                "Resources": [f"arn:aws:ec2:{where}:instance/{instance.id}"],
            }
        ]
    )


@corrects(EventsHandler, "put_events")
def _put_events(_original: Any, self: Any) -> str:
    """Only AWS itself may send aws.*: what EC2 emits does not come this way."""
    entries = self._get_param("Entries")
    mine = [entry for entry in entries if not str(entry.get("Source", "")).startswith("aws.")]
    answers = iter(self.events_backend.put_events(mine) if mine else [])
    results = [next(answers) if entry in mine else NOT_AUTHORIZED for entry in entries]
    failed = sum("ErrorCode" in result for result in results)
    return json.dumps({"FailedEntryCount": failed, "Entries": results})


NOT_AUTHORIZED = {
    "ErrorCode": "NotAuthorizedForSourceException",
    "ErrorMessage": "Not authorized for the source.",
}


@corrects(Rule, "_send_to_sqs_queue")
def _send_to_sqs_queue(original: Any, self: Any, resource_id: str, event: dict[str, Any], group_id: Any = None) -> None:
    queue = sqs_backends[self.account_id][self.region_name].queues.get(resource_id)
    if queue is not None and queue_policies.lets_service_send(queue, SERVICE, source_arn=self.arn):
        original(self, resource_id, event, group_id)


SERVICE = "events.amazonaws.com"


_parse = EventTemplateParser.parse


def _event_as_it_is(input_template: str, input_paths_map: dict[str, Any], event: Any) -> dict[str, Any]:
    if input_template:
        return _parse(input_template, input_paths_map, event)
    return {name: value for name, value in event.items() if name != "ingestion-time"}


EventTemplateParser.parse = staticmethod(_event_as_it_is)  # type: ignore[method-assign]
