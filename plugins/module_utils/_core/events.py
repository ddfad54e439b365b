# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 tells of instances through EventBridge, read from a message.

The forms: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html and
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["interruption", "rebalance", "state_change"]

KINDS: dict[str, Kind] = {
    "EC2 Spot Instance Interruption Warning": "interruption",
    "EC2 Instance Rebalance Recommendation": "rebalance",
    "EC2 Instance State-change Notification": "state_change",
}
"""What the rules of the setup playbook let into the queue, by `detail-type`."""

INSTANCE_ID = re.compile(r"i-[0-9a-f]{8,17}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event. `time` is when EC2 sent it, in seconds since the epoch."""

    kind: Kind
    instance_id: str
    account: str
    region: str
    time: int


class UnreadableEventError(Exception):
    """A message is no event at all: its text says why."""


class OtherEventError(Exception):
    """A message is an event, of something that is nobody's business here: its text says of what."""


def parse_event(body: Any) -> Event:
    """Read an event from the text of a message, or from what somebody else has read from it.

    Raises UnreadableEventError and OtherEventError.
    """
    event = _document(body)
    source, detail_type = event.get("source"), event.get("detail-type")
    if not isinstance(source, str) or not isinstance(detail_type, str):
        raise UnreadableEventError("it has no source and detail-type, so it is no event of EventBridge's")
    if source != "aws.ec2" or detail_type not in KINDS:
        raise OtherEventError(f"it is '{detail_type}' of {source}")
    return Event(
        kind=KINDS[detail_type],
        instance_id=_instance_id(event.get("detail")),
        account=str(event.get("account", "")),
        region=str(event.get("region", "")),
        time=_seconds(event.get("time")),
    )


def _document(body: Any) -> Mapping[str, Any]:
    try:
        document = json.loads(body) if isinstance(body, (str, bytes)) else body
    except (ValueError, RecursionError) as error:
        raise UnreadableEventError("it is no JSON") from error
    if not isinstance(document, Mapping):
        raise UnreadableEventError("it is no JSON object")
    return document


def _instance_id(detail: Any) -> str:
    found = detail.get("instance-id") if isinstance(detail, Mapping) else None
    if not isinstance(found, str) or not INSTANCE_ID.fullmatch(found):
        raise UnreadableEventError("its detail.instance-id is no id of an instance")
    return found


def _seconds(time: Any) -> int:
    try:
        return int(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())
    except (AttributeError, ValueError, OverflowError) as error:
        raise UnreadableEventError("its time is no time") from error
