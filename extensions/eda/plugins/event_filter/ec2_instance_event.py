# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An event filter of Event-Driven Ansible: what the rules see is composed again from validated fields.

ansible-rulebook writes the events that a rule matched to an extra-vars file, and Ansible takes extra vars for trusted
templates. Text that somebody has put on the queue would so be run as Jinja by a playbook that reads it.
"""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
name: ec2_instance_event
short_description: Let only EC2's events about instances through, composed again from validated fields
description:
  - For a source that hands over the events of EventBridge in C(body), such as C(amazon.aws.aws_sqs_queue).
  - An interruption warning, a rebalance recommendation or a state change of an instance is composed again from its
    C(source), C(detail-type), C(account), C(region), C(time) and C(detail.instance-id), each of which has to match a
    pattern. Nothing else of the message is in the event.
  - Everything else becomes an event whose C(body) has C(dropped) alone, with the value V(true).
  - Of C(meta), C(MessageId) is kept when it consists of letters, digits and hyphens.
options: {}
"""

EXAMPLES = r"""
- amazon.aws.aws_sqs_queue:
    region: us-east-1
    name: stateful-nodes-events
  filters:
    - stateful_node.aws.ec2_instance_event:
"""

EVENTS_MODULE = Path(__file__).parents[4] / "plugins" / "module_utils" / "_core" / "lifecycle" / "instance_events.py"
"""What the collection's modules read events with. ansible-rulebook does not know the collection as a Python package."""

_EVENTS = runpy.run_path(str(EVENTS_MODULE))

MESSAGE_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
"""SQS's message ids are UUIDs: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Message.html."""


def main(event: dict[str, Any]) -> dict[str, Any]:
    """Compose an event again; raises nothing, whatever the event is."""
    message = event if isinstance(event, dict) else {}
    return {"body": _body(message.get("body")), "meta": _meta(message.get("meta"))}


def _body(body: Any) -> dict[str, Any]:
    try:
        rebuilt: dict[str, Any] = _EVENTS["rebuild_event"](body)
    except ValueError:
        # Both of the errors that say that a message is not an event to handle.
        return {"dropped": True}
    return rebuilt


def _meta(meta: Any) -> dict[str, Any]:
    message_id = meta.get("MessageId") if isinstance(meta, dict) else None
    if isinstance(message_id, str) and MESSAGE_ID.fullmatch(message_id):
        return {"MessageId": message_id}
    return {}
