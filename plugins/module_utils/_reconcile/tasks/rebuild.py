# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing a lost record anew. Nothing in EC2 is touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..._aws.api.store import Conflict
from ..._aws.lookups.launch_settings import read_launched
from ..._core.adoption.rebuilt_record import (
    NOT_TOLD,
    Assumption,
    Launched,
    Options,
    Remains,
    find_remains,
    rebuilt_options,
    rebuilt_record,
)
from ..._core.configuration.options import config_diff, merge_options, resolve
from ..._core.configuration.validation import check_config, check_values
from ..._core.model.names import check_name
from ..._core.model.node_error import NodeError
from ..._core.model.observed import Address
from ..._core.model.record import Record
from ..context.context import Context
from ..context.tagged_resources import read_tagged, still_unclaimed
from .configure import look_up


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebuilt:
    """The record that was made, or would be, and what of its configuration EC2 does not tell for sure."""

    record: Record
    assumed: tuple[Assumption, ...]

    @property
    def actions(self) -> list[dict[str, Any]]:
        """What was done, as a result shows it."""
        changes = config_diff(None, self.record.config)
        return [{"name": self.record.name, "action": "rebuild_record", "phase": "record", "changes": changes}]


async def rebuild(
    context: Context, name: str, launch: Mapping[str, Any] | None, *, confirmed: Collection[str]
) -> Rebuilt:
    """Write the record of a node again. Takes and raises what plan_rebuild does; nothing is written in that case."""
    planned = await plan_rebuild(context, name, launch, confirmed=confirmed)
    await _create(context, planned.record)
    return planned


async def plan_rebuild(
    context: Context, name: str, launch: Mapping[str, Any] | None, *, confirmed: Collection[str]
) -> Rebuilt:
    """Compose the record of a node again; `launch` are settings that replace what the running instance tells.

    `confirmed` are the ids of the resources that the user says are the node's. Raises NodeError when the node has a
    record, when what is left of it is not clear or not confirmed, and when the configuration that it tells may not be
    stored.
    """
    check_name(name)
    await _check_has_no_record(context, name)
    remains = await _find_remains(context, name, confirmed)
    launched = await _read_launched(context, remains, launch or {})
    record = await context.executor.run(partial(_compose, context, remains, launched, launch or {}))
    return Rebuilt(record=record, assumed=(*launched.assumed, *NOT_TOLD))


async def _check_has_no_record(context: Context, name: str) -> None:
    if await context.store.get_one(name):
        raise _record_exists(context, name)


def _record_exists(context: Context, name: str) -> NodeError:
    return NodeError(
        "RecordExists",
        f"{name}: table {context.table} has a record of the node, and it is left as it is. Edit it with "
        "stateful_node_config, or bring the node in line with the playbook stateful_node.aws.repair.",
    )


async def _create(context: Context, record: Record) -> None:
    try:
        await context.store.create(record)
    except Conflict as conflict:
        raise _record_exists(context, record.name) from conflict


async def _find_remains(context: Context, name: str, confirmed: Collection[str]) -> Remains:
    tagged = await read_tagged(context, [name])
    found = await still_unclaimed(context, tagged, [])
    holders = [interface.holder for interface in found.network_interfaces if interface.holder]
    live = await context.describe_instances(holders)
    remains = find_remains(name, found, live, confirmed)
    if remains.given_allocation_id:
        return replace(remains, address=await _given_address(context, remains.given_allocation_id))
    return remains


async def _given_address(context: Context, allocation_id: str) -> Address | None:
    return (await context.describe_addresses([allocation_id])).get(allocation_id)


async def _read_launched(context: Context, remains: Remains, given: Mapping[str, Any]) -> Launched:
    instance = remains.instance
    if instance is None:
        return Launched()
    read = await context.executor.run(partial(read_launched, context.ec2_client, instance.instance_id))
    stated = {f"launch.{option}" for option, value in given.items() if value is not None}
    return replace(read, assumed=tuple(item for item in read.assumed if item.option not in stated))


def _compose(context: Context, remains: Remains, launched: Launched, launch: Mapping[str, Any]) -> Record:
    name, stated = remains.name, {key: value for key, value in launch.items() if value is not None}
    _check_can_be_launched(remains, launched, stated)
    config = merge_options(name, None, _without_source(rebuilt_options(remains, launched), stated))
    config = merge_options(name, config, {"launch": stated})
    check_values(name, None, config)
    facts = look_up(config, context.table, context.lookup)
    config = resolve(config, facts)
    if facts.subnet is None:
        raise NodeError("UnknownSubnet", f"{name}: subnet {config.subnet_id} of its interface may not be looked up.")
    record = rebuilt_record(remains, config, facts.subnet)
    if not record.identity.allocation_id:
        # One that something else has now was the node's to have all the same: the next operation says where it is.
        check_config(name, record, replace(config, elastic_ip=None, elastic_ip_private_ip_address=None),
                     replace(facts, address=None))  # fmt: skip
    else:
        check_config(name, record, config, facts)
    return record


def _without_source(options: Options, stated: Mapping[str, Any]) -> Options:
    """Drop the image that was read where a launch template is given, which says another, and the other way round."""
    dropped = (
        {"launch_template"} if stated.get("image_id") else {"image_id"} if stated.get("launch_template") else set()
    )
    return {**options, "launch": {key: value for key, value in options["launch"].items() if key not in dropped}}


def _check_can_be_launched(remains: Remains, launched: Launched, stated: Mapping[str, Any]) -> None:
    if launched.options or stated.get("launch_template") or (stated.get("image_id") and stated.get("instance_types")):
        return
    raise NodeError(
        "LaunchUnknown",
        f"{remains.name}: no instance runs on interface {remains.interface.network_interface_id}, and so nothing tells "
        "how the node is launched. Give launch: an image_id with instance_types, or a launch_template, and whatever "
        "else it had (key_name, user_data, iam_instance_profile, market). With the playbook: "
        '-e \'{"repair_rebuild_launch": {"image_id": "ami-...", "instance_types": ["t3.small"]}}\'',
    )
