# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking EC2 whether a resource is the node's, right before an action ends or changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ..._aws.calls.waiters import Poller, WaitTimeoutError
from ..._core.actions.base_action import Action
from ..._core.actions.elastic_ip_actions import DisassociateAddress
from ..._core.actions.ownership_actions import CancelSpotRequest
from ..._core.lifecycle.ownership_confirmation import (
    anothers,
    association_not_confirmed,
    carries_tags,
    find_not_anothers,
    find_targets,
    is_adopting,
    is_anothers,
    is_disputed,
    not_confirmed,
    observed_tags,
    spot_request_not_confirmed,
    uses_interface,
)
from ..._core.model.observed import Address, Instance, NetworkInterface
from ..context.node import Node

Resource: TypeAlias = Instance | NetworkInterface | Address

VISIBLE_WITHIN = 5.0
"""Seconds for which tags that EC2 does not show may only be invisible still: they were set by the creating call.

Source: https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
"""


async def confirm(node: Node, action: Action) -> None:
    """Raise NodeError when EC2 does not show the node's tags on what the action ends, or on its interface.

    A Spot request has no tags of the node: EC2 must show it as that of the node's instance.
    """
    if isinstance(action, CancelSpotRequest):
        await _confirm_spot_request(node, action.spot_instance_request_id)
    if is_adopting(node.record):
        return
    for target in find_targets(node.record, action):
        await confirm_resource(node, target)
    if changed := find_not_anothers(node.record, action):
        await _confirm_not_anothers(node, changed)
    if isinstance(action, DisassociateAddress):
        await _confirm_association(node, action.association_id)
    interface_id = node.identity.network_interface_id
    if interface_id and uses_interface(action):
        await _confirm_interface(node, interface_id)


async def _confirm_spot_request(node: Node, request_id: str) -> None:
    launched = await node.context.ec2.describe_spot_instances([request_id])
    if request_id not in launched:
        return  # It launches nothing any more, and to cancel it once more changes nothing.
    instance_id = node.identity.instance_id
    if instance_id is None or launched[request_id] != instance_id:
        raise spot_request_not_confirmed(node.record, request_id, launched[request_id])
    if not is_adopting(node.record):
        await confirm_resource(node, instance_id)


async def _confirm_not_anothers(node: Node, resource_id: str) -> None:
    """Raise NodeError when the resource carries another node's tags; a volume is what EC2 shows of the instance."""
    if resource_id.partition("-")[0] not in _pollers(node):
        return
    tags = observed_tags(node.observed).get(resource_id)
    if tags is None:
        seen = await _poller(node, resource_id).wait_until(resource_id, lambda _seen: True, node.deadline)
        tags = seen.tags if seen else {}
    if is_anothers(tags, node.context.table, node.name):
        raise anothers(node.record, resource_id, tags)


async def _confirm_association(node: Node, association_id: str) -> None:
    """Raise NodeError when EC2 shows the association on an interface that is not the node's.

    One that EC2 does not show has ended, or was made a moment ago.
    """
    interface = node.observed.network_interface
    if interface and any(shown.association_id == association_id for shown in interface.associations):
        return
    for address in await node.context.ec2.describe_addresses("association-id", [association_id]):
        place = address.network_interface_id
        if place is None or place not in node.record.owns.network_interfaces:
            raise association_not_confirmed(node.record, association_id, place or str(address.instance_id))
        await _confirm_interface(node, place)


async def confirm_resource(node: Node, resource_id: str) -> None:
    """Raise NodeError unless the resource carries both tags of the node, or does not exist any more."""
    table = node.context.table
    tags = observed_tags(node.observed).get(resource_id)
    if tags is not None and carries_tags(tags, table, node.name):
        return
    await _look_for(node, resource_id, lambda tags: carries_tags(tags, table, node.name))


async def _confirm_interface(node: Node, interface_id: str) -> None:
    """One of the tags may be missing, since the operation sets it again."""
    table = node.context.table
    tags = observed_tags(node.observed).get(interface_id)
    if tags is not None and not is_disputed(tags, table, node.name):
        return
    await _look_for(node, interface_id, lambda tags: not is_disputed(tags, table, node.name))


async def _look_for(node: Node, resource_id: str, is_confirmed: Callable[[Mapping[str, str]], bool]) -> None:
    def is_settled(seen: Resource | None) -> bool:
        is_gone = seen is None or (isinstance(seen, Instance) and not seen.is_live)
        return is_gone or (seen is not None and is_confirmed(seen.tags))

    context = node.context
    until = min(node.deadline, context.clock.monotonic() + VISIBLE_WITHIN)
    try:
        await _poller(node, resource_id).wait_until(resource_id, is_settled, until)
    except WaitTimeoutError as error:
        raise not_confirmed(node.record, resource_id, context.table) from error


def _poller(node: Node, resource_id: str) -> Poller[Any]:
    return _pollers(node)[resource_id.partition("-")[0]]


def _pollers(node: Node) -> dict[str, Poller[Any]]:
    """Give the pollers by what the ids of their resources begin with."""
    return {
        "i": node.context.instances,
        "eni": node.context.interfaces,
        "eipalloc": node.context.addresses,
    }
