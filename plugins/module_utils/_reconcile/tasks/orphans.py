# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding orphans, and deleting those that somebody names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..._aws.api.async_ec2 import FencedEc2
from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.executor import VISIBLE_AFTER
from ..._aws.calls.waiters import WaitTimeoutError
from ..._core.model.names import is_name
from ..._core.model.node_error import NodeError
from ..._core.model.observed import Address, Instance, NetworkInterface
from ..._core.model.record import Failure
from ..._core.model.tags import DISPOSABLE, NAME, ROLE, TABLE
from ..._core.resources.orphan_rules import ACTIONS, check_unused
from ..._core.resources.tagged import Tagged, Thing, unclaimed
from ..context.context import Context
from ..context.failures import aws_message
from ..context.tagged_resources import look_at, read_all_tagged, still_unclaimed, without_unreadable


@dataclass(kw_only=True, slots=True)
class Deletion:
    """What has become of the orphans that somebody named; `gone` were not there any more."""

    actions: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


class _GoneError(Exception):
    """What is to be deleted is not there (any more)."""


async def find_orphans(context: Context) -> Tagged:
    """Find what carries the table's tag and belongs to none of its records."""
    tagged = await read_all_tagged(context)
    records = await context.store.all()
    return await still_unclaimed(context, tagged, list(records.values()))


async def delete_orphans(context: Context, ids: Sequence[str]) -> Deletion:
    """Delete the orphans of these ids, one after the other; one that cannot be deleted leaves the others alone."""

    async def delete(item: str, deleted: Sequence[str]) -> Thing:
        thing = await _orphan(context, item, ids)
        await _wait_until_unused(context, thing, deleted)
        await _delete(context, thing, item, ids)
        return thing

    return await _decide_each(context, ids, delete)


async def plan_deletion(context: Context, ids: Sequence[str]) -> Deletion:
    """Say what delete_orphans would do."""

    async def check(item: str, deleted: Sequence[str]) -> Thing:
        thing = await _orphan(context, item, ids)
        check_unused(thing, deleted)
        return thing

    return await _decide_each(context, ids, check)


async def _decide_each(
    context: Context, ids: Sequence[str], decide: Callable[[str, Sequence[str]], Awaitable[Thing]]
) -> Deletion:
    deletion = Deletion()
    for item in ids:
        try:
            thing = await decide(item, deletion.deleted)
        except _GoneError:
            deletion.gone.append(item)
        except (NodeError, AwsError, WaitTimeoutError) as error:
            deletion.failures.append(_failure(context, item, error))
        else:
            deletion.deleted.append(item)
            name = thing.tags.get(NAME)
            done = {"name": name if is_name(name) else None, "action": ACTIONS[type(thing)], "id": item}
            deletion.actions.append(done)
    return deletion


async def _delete(context: Context, thing: Thing, item: str, named: Sequence[str]) -> None:
    async def fence() -> None:
        # Right before each call: a record may have been written, or somebody have come to use it, in between.
        check_unused(await _orphan(context, item, named), ())

    with suppress(_GoneError):
        await _end(context.fenced_ec2(fence), thing, item)
        if isinstance(thing, Instance):
            await context.instances.wait_until(
                item, lambda seen: not seen or seen.state == "terminated", context.deadline
            )


async def _end(ec2: FencedEc2, thing: Thing, item: str) -> None:
    if isinstance(thing, Instance):
        await ec2.terminate_instances_if_present([item])
    elif isinstance(thing, NetworkInterface):
        await ec2.delete_network_interface(item)
    else:
        await ec2.release_address(item, thing.network_border_group)


async def _orphan(context: Context, item: str, named: Sequence[str]) -> Thing:
    """Look at an orphan. Raises NodeError for what is none, _GoneError for what is not there."""
    tagged = await look_at(context, [item])
    thing = next(iter(tagged.things), None)
    if thing is None:
        raise _GoneError
    if thing.tags.get(TABLE) != context.table or NAME not in thing.tags:
        raise NodeError("NotAnOrphan", f"{item} does not carry the tags of table {context.table}. It is left alone.")
    # After EC2, so that whatever an operation has made or taken meanwhile is in a record.
    records = await context.store.all()
    if not without_unreadable(unclaimed(tagged, records.values()), records).things:
        raise NodeError("NotAnOrphan", f"{item} belongs to a node of table {context.table}. It is left alone.")
    if isinstance(thing, Instance):
        await _check_takes_nothing_along(context, thing, named)
    return thing


async def _check_takes_nothing_along(context: Context, instance: Instance, named: Sequence[str]) -> None:
    """Raise NodeError when an interface that was made for a node and is not named would go with the instance."""
    attached = await context.ec2.describe_network_interfaces("attachment.instance-id", [instance.instance_id])
    for interface in attached:
        is_disposable = interface.tags.get(ROLE) == DISPOSABLE
        own = TABLE in interface.tags and not is_disposable and interface.network_interface_id not in named
        if own and interface.attachment and interface.attachment.delete_on_termination:
            interface_id, attachment_id = interface.network_interface_id, interface.attachment.attachment_id
            raise NodeError(
                "OrphanInUse",
                f"{instance.instance_id} holds interface {interface_id}, which was made for a node and would be "
                "deleted with it. Switch its DeleteOnTermination off first: aws ec2 modify-network-interface-attribute "
                f"--network-interface-id {interface_id} "
                f"--attachment AttachmentId={attachment_id},DeleteOnTermination=false",
            )


async def _wait_until_unused(context: Context, thing: Thing, deleted: Sequence[str]) -> None:
    """Wait for what the end of another orphan frees; whatever else uses this one is an error at once."""
    check_unused(thing, deleted)
    if isinstance(thing, NetworkInterface) and thing.attachment:
        await context.interfaces.wait_until(
            thing.network_interface_id, lambda seen: not seen or seen.is_available, context.deadline
        )
    if isinstance(thing, Address) and thing.association_id:
        until = min(context.deadline, context.clock.monotonic() + VISIBLE_AFTER)
        await context.addresses.wait_until(thing.allocation_id, lambda seen: not seen or not seen.association_id, until)


def _failure(context: Context, item: str, error: Exception) -> Failure:
    if isinstance(error, NodeError):
        return error.failure
    if isinstance(error, AwsError):
        return Failure(
            code=error.code,
            message=f"{item}: {aws_message(error, playbook='orphans', explainer=context.explainer)}",
            action=error.action,
        )
    return Failure(code="WaitTimeout", message=f"{item} was not free within wait_timeout. Run it again.")
