# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adopting: the record first, with all that is known and the lease on it; then what protects and tags.

From the record on the node is one like any other, so that whatever operation comes next finds what it needs, also
when the adoption was cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..._aws.api.store import Conflict
from ..._aws.lookups.adoption_lookup import Adoptees
from ..._core.actions.record_actions import CreateRecord
from ..._core.adoption.adoption_request import Adoptee, Request, adopted_config, adopted_record
from ..._core.adoption.adoption_rules import Case, adoption_warnings, check_adoption
from ..._core.configuration.lookups import FoundSubnet
from ..._core.configuration.options import public_config, resolve
from ..._core.configuration.validation import check_config, check_values
from ..._core.lifecycle.takeover import check_free, new_operation
from ..._core.model.claims import addresses_of, claims_of, claims_on
from ..._core.model.names import check_name
from ..._core.model.node_error import NodeError
from ..._core.model.observed import NetworkInterface
from ..._core.model.record import Record
from ..._core.model.serialization import to_dict
from ..._core.plan.plan_adopt import plan_adopt
from ..context.context import Context
from ..context.failures import EXPECTED, hinted, to_failure
from ..context.node import Node
from ..context.observe import observe
from ..context.refresh import look_again
from ..operation.leases import acquire, kept, new_operation_id, release
from ..operation.phase import HANDLERS
from .configure import find_remains_of, look_up


@dataclass(frozen=True, kw_only=True, slots=True)
class Adopted:
    """The node, and how its configuration came to be, as Ansible's --diff takes it; empty where it was there."""

    node: Node
    diff: dict[str, Any] = field(default_factory=dict)


async def adopt(context: Context, request: Request, *, take_over: bool) -> Adopted:
    """Adopt, go on with an adoption that was cut off, or leave alone what was adopted.

    Raises NodeError when that cannot be, before anything is changed, and AwsError. What goes wrong once the record is
    written is the node's `failure`.
    """
    found = await plan_adoption(context, request, take_over=take_over)
    node, planned = found.node, list(found.node.done)
    node.done.clear()
    if not _is_left(node, planned):
        return found
    await _take(node, planned, take_over=take_over)
    await _carry_out(node)
    return found


async def plan_adoption(context: Context, request: Request, *, take_over: bool) -> Adopted:
    """Say what `adopt` would do, in the node's `done`. Writes nothing; raises as adopt does."""
    check_name(request.name)
    record = await context.store.get_one(request.name)
    if record is None:
        return await _plan_new(context, request)
    _check_is_this(request, record, context.table)
    observed = (await observe(context, [record]))[record.name]
    node = Node(context=context, name=record.name, record=record, observed=observed)
    node.done += plan_adopt(record, observed)
    if _is_left(node, node.done):
        _check_free(node, take_over=take_over)
    return Adopted(node=node)


def _check_free(node: Node, *, take_over: bool) -> None:
    """Raise NodeError when another operation holds the node, and say where its playbook has ended on this host."""
    try:
        check_free(node.record, take_over=take_over, now=node.context.clock.now())
    except NodeError as error:
        raise hinted(node, error) from error


def _is_left(node: Node, planned: list[Any]) -> bool:
    record = node.record
    return bool(planned) or any(left and left.operation == "adopt" for left in (record.operation, record.unfinished))


def _check_is_this(request: Request, record: Record, table: str) -> None:
    if request.is_of(record.identity.adoption):
        return
    has = record.identity.network_interface_id
    raise NodeError(
        "NodeExists",
        f"{record.name}: table {table} has a node of this name{f' with interface {has}' if has else ''}, which was not "
        f"adopted from {request.given[1]}. Take another name, or delete that node first.",
    )


async def _plan_new(context: Context, request: Request) -> Adopted:
    adoptee = await context.executor.run(partial(_look_up_adoptee, context, request))
    remains = await find_remains_of(context, request.name)
    records = tuple((await context.store.all()).values())
    case = Case(request=request, adoptee=adoptee, table_name=context.table, records=records, remains=remains)
    check_adoption(case)
    record = await context.executor.run(partial(_compose, context, request, adoptee, records))
    observed = (await observe(context, [record]))[record.name]
    node = Node(context=context, name=record.name, record=record, observed=observed)
    node.done += (CreateRecord(), *plan_adopt(record, observed))
    node.warnings += adoption_warnings(request, adoptee)
    return Adopted(node=node, diff={"before": {}, "after": {"name": record.name, **public_config(record.config)}})


def _look_up_adoptee(context: Context, request: Request) -> Adoptee:
    adoptees = Adoptees(context.ec2_client)
    if request.instance_id:
        return adoptees.find_with_instance(request.instance_id)
    return adoptees.find_interface(request.network_interface_id or "")


def _compose(context: Context, request: Request, adoptee: Adoptee, records: Sequence[Record]) -> Record:
    """Compose the record, its configuration checked like any other."""
    name = request.name
    interface: NetworkInterface = adoptee.network_interface  # type: ignore[assignment] # it was checked
    found_subnet: FoundSubnet = context.lookup.find_subnet(interface.subnet_id)  # type: ignore[assignment] # it is in it
    subnet = found_subnet.subnet
    merged = adopted_config(request, adoptee, interface, subnet)
    stays = replace(merged, subnet_id=interface.subnet_id)
    own = adopted_record(name, stays, adoptee, interface, subnet)
    check_values(name, own, merged)
    found = look_up(merged, context.table, context.lookup)
    config = resolve(merged, found)
    claims = [claim for record in records for claim in claims_of(to_dict(record))]
    facts = replace(found, claims=claims_on(addresses_of(config), name, claims))
    check_config(name, own, config, facts)
    return replace(own, config=config, subnet=facts.subnet or own.subnet)


async def _take(node: Node, planned: list[Any], *, take_over: bool) -> None:
    """Write the record under the lease, or take the lease of the one that is there. Raises NodeError."""
    operation_id = new_operation_id()
    if not any(isinstance(action, CreateRecord) for action in planned):
        try:
            await acquire(node, operation="adopt", operation_id=operation_id, take_over=take_over)
        except NodeError as error:
            raise hinted(node, error) from error
        return
    context = node.context
    taken = new_operation(
        node.record, operation="adopt", operation_id=operation_id, owner=context.owner, now=context.clock.now(),
        seconds=context.limits.lease_seconds, playbook_pid=context.playbook_pid,
    )  # fmt: skip
    record = replace(node.record, operation=taken)
    try:
        await context.store.create(record)
    except Conflict as conflict:
        raise NodeError(
            "NodeExists", f"{node.name}: somebody else has just made a node of this name. Nothing was changed."
        ) from conflict
    node.record, node.operation_id = record, operation_id
    context.held[node.name] = operation_id
    node.done.append(CreateRecord())


async def _carry_out(node: Node) -> None:
    try:
        await _withdraw_if_shared(node)
        async with kept(node):
            await _apply(node)
        failure = await release(node)
        node.record = replace(node.record, operation=None)
    except EXPECTED as error:
        if node.is_deleted:
            raise
        node.failure = to_failure(node, error, phase="adopt", operation="adopt")
        await _give_back(node)
    else:
        node.failure = failure
    await look_again([node])


async def _apply(node: Node) -> None:
    for action in plan_adopt(node.record, node.observed):
        await HANDLERS[type(action)](node, action)
        node.done.append(action)
    await node.save_operation(done=True, error=None)


async def _give_back(node: Node) -> None:
    """Give the lease back with the failure, as far as that still can be done."""
    with suppress(*EXPECTED):
        await node.save_operation(error=node.failure)
        await release(node)
    node.record = replace(node.record, operation=None)


async def _withdraw_if_shared(node: Node) -> None:
    """Forget the node again where another one has its interface: both were adopted at the same time.

    Each looks once its own record is written, so that at least one of the two sees the other. Nothing in EC2 has been
    touched by then. Raises NodeError in that case.
    """
    context, own = node.context, node.network_interface_id
    records = await context.store.all()
    others = [record.name for record in records.values() if record.name != node.name and own in record.owns.ids]
    if not others:
        return
    await context.store.remove(node.name, node.operation_id or "")
    node.is_deleted = True
    node.done.clear()
    raise NodeError(
        "OfAnotherNode",
        f"{node.name}: {own} was adopted as {', '.join(others)} at the same time. This adoption was withdrawn; if the "
        "other one was withdrawn as well, run it again.",
    )
