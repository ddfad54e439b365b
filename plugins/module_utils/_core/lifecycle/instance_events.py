# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EC2's events about instances, as EventBridge delivers them, read from a message.

A message is text that others may have written. What is read from it is checked against a pattern, and what is quoted
from it goes through `excerpt`.

The formats: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html and
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html

This file imports the standard library alone: the event filter in extensions/eda loads it by its path, in a process
that does not know the collection.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["interruption", "rebalance", "state_change"]

SOURCE = "aws.ec2"
"""Only AWS itself can send events with this source through EventBridge."""

KINDS: dict[str, Kind] = {
    "EC2 Spot Instance Interruption Warning": "interruption",
    "EC2 Instance Rebalance Recommendation": "rebalance",
    "EC2 Instance State-change Notification": "state_change",
}
"""The events that the rules of the setup playbook let into the queue, by `detail-type`."""

LONGEST_MESSAGE = 16_384
"""Characters of the longest message that is read; EC2's events have fewer than a thousand, SQS takes a million."""

EXCERPT_LENGTH = 60
"""Characters of a message that are quoted at most."""

INSTANCE_ID = re.compile(r"i-[0-9a-f]{8,17}")
ACCOUNT = re.compile(r"[0-9]{12}")
REGION = re.compile(r"[a-z]{2,9}(-[a-z]{2,12}){1,3}-[0-9]{1,2}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.([0-9]{3}){1,2})?(Z|[+-][0-9]{2}:[0-9]{2})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event, each field of which has been validated."""

    kind: Kind

    instance_id: str

    account: str
    """The account of the instance, twelve digits."""

    region: str

    time: int
    """When EC2 sent the event, by its own account, in seconds since the epoch."""


class UnreadableEventError(ValueError):
    """A message is not an event about an instance. The text says why."""


class OtherEventError(ValueError):
    """A message is an event, of a type that is not handled. The text says which one."""


def parse_event(body: Any) -> Event:
    """Read an event from the text of a message, or from the document that was parsed from it.

    Raises UnreadableEventError and OtherEventError.
    """
    event = _document(body)
    return Event(
        kind=_kind(event),
        instance_id=_instance_id(event.get("detail")),
        account=_matching(event, "account", ACCOUNT, "not an AWS account id"),
        region=_matching(event, "region", REGION, "not a region"),
        time=_seconds(_matching(event, "time", TIME, "not an ISO 8601 timestamp")),
    )


def rebuild_event(body: Any) -> dict[str, Any]:
    """Compose the document of an event again from its validated fields: nothing else of the message is in it.

    Raises UnreadableEventError and OtherEventError.
    """
    event = _document(body)
    parse_event(event)
    return {
        "source": SOURCE,
        "detail-type": _plain(event["detail-type"]),
        "account": _plain(event["account"]),
        "region": _plain(event["region"]),
        "time": _plain(event["time"]),
        "detail": {"instance-id": _plain(event["detail"]["instance-id"])},
    }


def excerpt(text: str) -> str:
    """Quote the beginning of a text that others have written, in ASCII.

    Logs, terminals and JSON take what comes of it: line breaks, control characters and lone surrogates are escaped.
    """
    escaped = ascii(str(text[:EXCERPT_LENGTH]))[1:-1]
    if len(text) <= EXCERPT_LENGTH and len(escaped) <= EXCERPT_LENGTH:
        return f"'{escaped}'"
    return f"'{escaped[:EXCERPT_LENGTH]}...'"


def _document(body: Any) -> Mapping[str, Any]:
    if isinstance(body, (str, bytes)) and len(body) > LONGEST_MESSAGE:
        raise UnreadableEventError(f"it is longer than {LONGEST_MESSAGE} characters")
    try:
        document = json.loads(body) if isinstance(body, (str, bytes)) else body
    except (ValueError, RecursionError) as error:
        raise UnreadableEventError("it is not valid JSON") from error
    if not isinstance(document, Mapping):
        raise UnreadableEventError("it is not a JSON object")
    return document


def _kind(event: Mapping[str, Any]) -> Kind:
    source = event.get("source")
    detail_type = event.get("detail-type")
    if not isinstance(source, str) or not isinstance(detail_type, str):
        raise UnreadableEventError("it has no source and detail-type, so it is not an event of EventBridge")
    if source != SOURCE or detail_type not in KINDS:
        raise OtherEventError(f"event type {excerpt(detail_type)} from {excerpt(source)} is not handled")
    return KINDS[detail_type]


def _instance_id(detail: Any) -> str:
    found = detail.get("instance-id") if isinstance(detail, Mapping) else None
    if not isinstance(found, str) or not INSTANCE_ID.fullmatch(found):
        raise UnreadableEventError("its detail.instance-id is not an instance id")
    return _plain(found)


def _matching(event: Mapping[str, Any], field: str, pattern: re.Pattern[str], wrong: str) -> str:
    found = event.get(field)
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise UnreadableEventError(f"its {field} is {wrong}")
    return _plain(found)


def _seconds(time: str) -> int:
    try:
        return int(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())
    except (ValueError, OverflowError) as error:
        raise UnreadableEventError("its time is not an ISO 8601 timestamp") from error


def _plain(text: str) -> str:
    """Take a text out of the kind of string that ansible-core marks as a trusted template."""
    return "".join(text)
