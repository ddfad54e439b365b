# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding the nodes that need something done: by events, and by looking at all of them.

A message is deleted once nothing is to be done about it, or it has been done. Whoever is killed in between leaves it on
the queue, and what is decided when it comes again is decided from the node as it is then.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ..._aws.api.queue import LONGEST_POLL, MESSAGES_PER_CALL, Message
from ..._core.lifecycle.remediation import decide_state
from ..context.context import Context
from ..context.observe import observe_instances
from .event_triage import Found, decide

MESSAGES_AT_ONCE = 500
"""How many messages are decided about together at the most: all nodes of a zone may be interrupted at once."""

GATHER_SECONDS = 5
"""Seconds in which more messages are gathered once there is something to do, while they keep coming.

EC2 warns of a zone's instances one by one, and SQS gives fewer messages than it has. Whoever acts on the first alone
lets the others wait until that is done, which is as long as their two minutes.
"""

MARK_SECONDS = 10
"""Seconds that a look lasts at least while EC2 has not marked an instance that a warning is about.

EC2 sets the mark when it sends the warning, and shows it when its eventual consistency allows:
https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html. Events that were given come only once, and a
message is hidden for a while; what is not marked by then is left for later, and the instance's end is seen in any case.
"""

BETWEEN_MARKS = 2
"""Seconds between two questions whether EC2 has marked such an instance."""

BETWEEN_LOOKS = 60
"""Seconds between two looks at all nodes while messages are waited for: EC2 checks an instance once a minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Where to look: at the given `events`, at the queue (`receive`), at every node (`reconcile`), for so many seconds.

    `exclude` are nodes about which nothing is decided, as it has just been tried.
    """

    events: Sequence[Any] = ()
    receive: bool = True
    reconcile: bool = True
    wait_seconds: int = 0
    exclude: Collection[str] = ()


async def find(context: Context, sources: Sources) -> Found:
    """Look until there is something to do or the time is over.

    Raises AwsError at once where the queue does not exist or may not be used.
    """
    found = Found(exclude=sources.exclude)
    clock = context.clock
    if sources.receive:
        await context.queue.get_url()
    given = [Message(message_id="", handle="", body=event) for event in sources.events]
    await decide(context, found, given)
    began = clock.monotonic()
    until = began + sources.wait_seconds
    look_at = began if sources.reconcile else math.inf
    while True:
        if clock.monotonic() >= look_at:
            await _look_at_all(context, found)
            look_at = clock.monotonic() + BETWEEN_LOOKS
        patience = _patience(
            found, sources, elapsed=clock.monotonic() - began, left=min(until, look_at) - clock.monotonic()
        )
        unmarked = found.take_unmarked()
        if sources.receive:
            await _decide_received(context, found, patience)
        else:
            await clock.sleep(max(0, patience))
        await decide(context, found, unmarked)
        if _waits_for_marks(found, sources, clock.monotonic() - began):
            continue
        if found.decisions or clock.monotonic() >= until:
            found.put_unmarked_off()
            return found


def _patience(found: Found, sources: Sources, *, elapsed: float, left: float) -> float:
    """For how many seconds to wait for a message; `left` are those until something else is due."""
    if _waits_for_marks(found, sources, elapsed):
        return BETWEEN_MARKS
    return 0 if found.decisions else left


def _waits_for_marks(found: Found, sources: Sources, elapsed: float) -> bool:
    """Whether to ask again which instances are marked before anything else is done.

    Messages come again, so false ones on the queue do not hold up what is to be done by others. Events that were given
    do not come again.
    """
    if not found.unmarked:
        return False
    if found.decisions:
        return bool(sources.events) and elapsed < MARK_SECONDS
    return elapsed < max(MARK_SECONDS, sources.wait_seconds)


async def _decide_received(context: Context, found: Found, patience: float) -> None:
    """Decide about what is received, and, where something is to be done, about what comes right after it."""
    new = messages = await _receive(context, patience)
    await decide(context, found, messages)
    until = context.clock.monotonic() + GATHER_SECONDS
    while new and found.decisions and context.clock.monotonic() < until and len(messages) < MESSAGES_AT_ONCE:
        known = {message.message_id for message in messages}
        new = [message for message in await _receive(context, 0) if message.message_id not in known]
        await decide(context, found, new)
        messages = [*messages, *new]


async def _look_at_all(context: Context, found: Found) -> None:
    """Decide about every node that is to run: an event may have been lost, or none have been sent."""
    records = [
        record
        for record in (await context.store.all()).values()
        if record.desired == "running" and record.name not in found.exclude
    ]
    instances = await observe_instances(context, records)
    healed = {record.name for record in records if record.config.auto_heal}
    ids = [item.instance_id for name, item in instances.items() if name in healed and item.state == "running"]
    impaired = await context.ec2.describe_impaired_since(ids)
    for record in records:
        since = impaired.get(record.identity.instance_id or "")
        found.note(decide_state(record, instances.get(record.name), since, context.clock.now()), None)


async def _receive(context: Context, patience: float) -> list[Message]:
    """Receive what is on the queue, waiting up to `patience` seconds for the first message.

    It waits for one second at the least: without any SQS would ask only some of its servers.
    """
    messages: list[Message] = []
    wait = max(1, min(LONGEST_POLL, math.ceil(patience)))
    while len(messages) < MESSAGES_AT_ONCE:
        got = await context.queue.receive(wait)
        messages += got
        if len(got) < MESSAGES_PER_CALL:
            break
        wait = 1
    return messages
