# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deciding about messages: read, told whose they are in one read for all of them, and sorted by what comes of them.

Whoever may send to the queue may write anything into a message: it is read with patterns, compared with what EC2 shows,
and quoted in a few characters. A message of which nothing can be made keeps no other message from being dealt with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..._aws.api.queue import Message
from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import is_no_permission
from ..._core.lifecycle.instance_events import Event, OtherEventError, UnreadableEventError, parse_event
from ..._core.lifecycle.remediation import NOT_MARKED, Decision, decide_event
from ..._core.model.node_error import NodeError
from ..._core.model.observed import Instance
from ..._core.model.tags import NAME, TABLE
from ..._core.resources.spot_requests import is_marked_for_interruption
from ..context.context import Context
from ..context.failures import aws_message


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Why nothing was done about a message, and of which instance and node it is, as far as that is known."""

    message_id: str
    reason: str
    message: str
    instance_id: str | None = None
    name: str | None = None


@dataclass(kw_only=True, slots=True)
class Found:
    """What is to be done, by the names of nodes, with the handles of the messages that said so.

    `dropped` messages are off the queue. `later` ones come again, as do `unreadable` ones, which SQS moves to the
    dead-letter queue in the end. `deleted` are the ids of those that were deleted.

    `unmarked` are warnings of instances that EC2 has not marked for interruption: false ones, or ones that came before
    EC2 shows the mark. They are decided about again while there is time, and are `later` ones at the end.
    """

    exclude: Collection[str] = ()
    decisions: dict[str, Decision] = field(default_factory=dict)
    handles: dict[str, list[str]] = field(default_factory=dict)
    dropped: list[Note] = field(default_factory=list)
    later: list[Note] = field(default_factory=list)
    unreadable: list[Note] = field(default_factory=list)
    unmarked: list[tuple[Message, Note]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    warnings: dict[str, None] = field(default_factory=dict)
    """For the user, each of them once."""

    def take_unmarked(self) -> list[Message]:
        """Take the warnings out that are to be decided about again."""
        messages = [message for message, _note in self.unmarked]
        self.unmarked.clear()
        return messages

    def put_unmarked_off(self) -> None:
        """Leave the warnings for later whose instances are still not marked."""
        self.later += [note for _message, note in self.unmarked]
        self.unmarked.clear()

    def note(self, decision: Decision, message: Message | None) -> bool:
        """Note what is to be done; say whether that is anything. To replace a node goes further than to resume it."""
        if decision.operation is None:
            return False
        known = self.decisions.get(decision.name)
        if known is None or known.operation == "resume":
            self.decisions[decision.name] = decision
        self.handles.setdefault(decision.name, []).extend([message.handle] if message and message.handle else [])
        return True


async def decide(context: Context, found: Found, messages: Sequence[Message]) -> None:
    """Decide about messages; those of which nothing comes are deleted, in one call for ten of them."""
    events = [(message, event) for message in messages if (event := _read(context, found, message))]
    instances = await _nodes_instances(context, {event.instance_id for _message, event in events})
    # After EC2, so that the record is not older than what EC2 said.
    names = sorted({instance.tags[NAME] for instance in instances.values()})
    records = await context.store.get_with_unreadable(names)
    warned = {event.instance_id for _message, event in events if event.kind == "interruption"}
    marks = await _marks(context, found, [instances[item] for item in sorted(warned & instances.keys())])
    for message, event in events:
        instance = instances.get(event.instance_id)
        record = records.get(instance.tags[NAME]) if instance else None
        if instance and record:
            is_marked = marks.get(instance.instance_id)
            now = context.clock.now()
            _sort(found, message, decide_event(event, record, instance, now, is_marked=is_marked))
        elif instance and (error := records.unreadable.get(instance.tags[NAME])):
            found.later.append(_of_unreadable_record(message, event, instance.tags[NAME], error))
        else:
            found.dropped.append(_not_of_a_node(context, message, event))
    await _delete(context, found, messages)


async def _marks(context: Context, found: Found, warned: Sequence[Instance]) -> dict[str, bool]:
    """Ask EC2 which instances Spot takes; those about which EC2 does not say are left out."""
    requests = {
        item.instance_id: item.spot_instance_request_id
        for item in warned
        if item.is_live and item.spot_instance_request_id
    }
    codes = await _status_codes(context, found, requests.values()) if requests else {}
    marks = {item: is_marked_for_interruption(codes.get(request_id)) for item, request_id in requests.items()}
    return {item: mark for item, mark in marks.items() if mark is not None}


async def _status_codes(context: Context, found: Found, request_ids: Iterable[str]) -> dict[str, str]:
    asked = list(request_ids)
    try:
        return await context.ec2.describe_spot_status_codes(asked)
    except AwsError as error:
        if not is_no_permission(error):
            raise
        # A warning has two minutes: it counts without the mark rather than not at all, as before there was this check.
        told = aws_message(error, playbook="watch", explainer=context.explainer)
        found.warnings[
            f"Whether EC2 has marked instances for interruption is not known, and warnings count without it: {told}"
        ] = None
        return {}


def _read(context: Context, found: Found, message: Message) -> Event | None:
    """Read a message; one that is no event of this account and region is sorted at once."""
    try:
        event = parse_event(message.body)
    except UnreadableEventError as error:
        text = f"message {message.message_id} cannot be read: {error}."
        found.unreadable.append(Note(message_id=message.message_id, reason="unreadable", message=text))
        return None
    except OtherEventError as error:
        text = f"message {message.message_id} ignored: {error}."
        found.dropped.append(Note(message_id=message.message_id, reason="other_event", message=text))
        return None
    elsewhere = _elsewhere(context, message, event)
    if elsewhere:
        found.dropped.append(elsewhere)
    return None if elsewhere else event


def _elsewhere(context: Context, message: Message, event: Event) -> Note | None:
    account = context.queue.account if message.handle else None
    for kind, own, theirs in (("account", account, event.account), ("region", context.ec2.region, event.region)):
        if own and own != theirs:
            text = f"{event.instance_id} is an instance of {kind} {theirs}, not of {own}."
            return _note(message, event, f"other_{kind}", text)
    return None


async def _nodes_instances(context: Context, ids: Iterable[str]) -> dict[str, Instance]:
    """Ask EC2 about instances, and leave out those that do not carry the table's tags."""
    asked = set(ids)
    if not asked:
        return {}
    seen = await context.ec2.describe_instances("instance-id", asked)
    return {item.instance_id: item for item in seen if item.tags.get(TABLE) == context.table and item.tags.get(NAME)}


def _of_unreadable_record(message: Message, event: Event, name: str, error: NodeError) -> Note:
    """The message comes again, since the record may have been restored by then."""
    text = f"{event.instance_id} is an instance of {name}, whose record cannot be read. {error}"
    return replace(_note(message, event, "unreadable_record", text), name=name)


def _not_of_a_node(context: Context, message: Message, event: Event) -> Note:
    return _note(message, event, "not_a_node", f"{event.instance_id} is not an instance of a node of {context.table}.")


def _note(message: Message, event: Event, reason: str, text: str) -> Note:
    return Note(message_id=message.message_id, reason=reason, message=text, instance_id=event.instance_id)


def _sort(found: Found, message: Message, decision: Decision) -> None:
    note = Note(
        message_id=message.message_id,
        reason=decision.reason,
        message=decision.message,
        instance_id=decision.instance_id,
        name=decision.name,
    )
    if decision.name in found.exclude:
        # It has just been tried, or somebody else is at it: the message stays for whoever tries it next.
        found.later.append(note)
    elif decision.reason == NOT_MARKED:
        found.unmarked.append((message, note))
    elif not found.note(decision, message):
        (found.later if decision.later else found.dropped).append(note)


async def _delete(context: Context, found: Found, messages: Sequence[Message]) -> None:
    dropped = {note.message_id for note in found.dropped}
    gone = [message for message in messages if message.handle and message.message_id in dropped]
    if gone:
        await context.queue.delete([message.handle for message in gone])
        found.deleted += [message.message_id for message in gone]
