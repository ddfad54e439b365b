# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out the actions on a node's Elastic IP address."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from ..._aws.api.parameters import allocate_address_parameters
from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import is_already_associated, is_instance_pending, is_refusal
from ..._aws.calls.executor import VISIBLE_AFTER
from ..._core.actions import elastic_ip_actions
from ..._core.model import tags
from ..._core.model.config import NEW_ADDRESS
from ..._core.model.identity import RecordedElasticIp, without_association
from ..._core.model.node_error import NodeError
from ..._core.model.observed import Address
from ..._core.model.record import Intent
from ..._core.plan.plan_elastic_ip import wanted_allocation_id
from ..context.address_holders import find_interfaces, to_holder
from ..context.node import Node

LOOKS, BETWEEN_LOOKS = 10, 1.0
"""How often, and every how many seconds, an address that may have been allocated is looked for by its tag."""

ALLOCATIONS = 3
"""How often an allocation whose outcome stayed unknown is tried at the most."""


async def allocate(node: Node, _action: elastic_ip_actions.AllocateAddress) -> None:
    """Allocate an address."""
    await _record_allocation(node, await _allocate(node, await _intend_allocation(node)))


async def settle_allocation(node: Node) -> None:
    """Find the address that an interrupted run may have allocated, since the call has no token to make it again with.

    One that was not made is planned anew; one that is not wanted any more is given back.
    """
    intent = node.record.intent
    address = await _find_allocated(node, intent) if intent else None
    if address and node.record.wanted.elastic_ip == NEW_ADDRESS:
        await _record_allocation(node, address)
    else:
        await _give_back(node, address)


async def abandon_allocation(node: Node) -> None:
    """Find the address that an interrupted run may have allocated, and give it back: the node is not to have one."""
    if intent := node.record.intent:
        await _give_back(node, await _find_allocated(node, intent))


async def _record_allocation(node: Node, address: Address) -> None:
    allocated = RecordedElasticIp(allocation_id=address.allocation_id, public_ip=address.public_ip, allocated=True)
    await node.save(intent=None, elastic_ip=allocated)
    node.observed = replace(node.observed, address=address)


async def _give_back(node: Node, address: Address | None) -> None:
    """Release what an interrupted run allocated and what is not wanted any more; nothing has ever used it."""
    if address:
        await node.ec2.release_address(address.allocation_id, address.network_border_group)
    await node.save(intent=None)


async def _intend_allocation(node: Node) -> Intent:
    # An address belongs to the node and not to an interface, so its number is that of the configuration asking for it.
    number = node.record.config_version
    # It is found again by this token, as a tag. So the token must not be one that EC2 has ever shown on an address.
    token = secrets.token_hex(32)
    parameters = allocate_address_parameters(node.context.table, node.record, token)
    wanted = node.record.wanted
    intent = Intent(action="AllocateAddress", token=token, parameters=parameters, number=number, config=wanted)
    async with node.ec2.reserve(intent.action):
        await node.save(intent=intent)
    return intent


async def _allocate(node: Node, intent: Intent) -> Address:
    for attempt in range(ALLOCATIONS):
        try:
            return await node.ec2.allocate_address(intent.parameters)
        except AwsError as error:
            if is_refusal(error, first=attempt == 0):
                await node.save(intent=None)
                raise
            unknown = error
        if address := await _find_allocated(node, intent):
            return address
    raise unknown


async def _find_allocated(node: Node, intent: Intent) -> Address | None:
    context = node.context
    for _look in range(LOOKS):
        found = await context.ec2.describe_addresses(f"tag:{tags.INTENT}", [intent.token])
        if made := _made_by(node, intent, found):
            return made
        await context.clock.sleep(BETWEEN_LOOKS)
    return None


def _made_by(node: Node, intent: Intent, found: Sequence[Address]) -> Address | None:
    """Tell the address that the intent's call allocated, which nothing uses yet.

    The intent's token is random, and EC2 shows it on nothing before the call. Raises NodeError where another address
    carries it too: somebody has copied it, and EC2 does not say which address is older.
    """
    own = {tags.TABLE: node.context.table, tags.NAME: node.name, tags.INTENT: intent.token}
    made = [address for address in found if own.items() <= address.tags.items() and not address.association_id]
    if len(made) > 1:
        listed = ", ".join(address.allocation_id for address in made)
        raise NodeError(
            "AllocationUnclear",
            f"{node.name}: elastic_ip: {listed} carry the tag {tags.INTENT} of one allocation, and it made only one "
            "of them. Find in CloudTrail which one AllocateAddress returned to this automation, remove the tag "
            "from the others, and run the playbook again.",
            phase="elastic_ip",
        )
    return made[0] if made else None


async def associate(node: Node, action: elastic_ip_actions.AssociateAddress) -> None:
    """Associate the address with the interface's private address; never take it from somebody else."""
    allocation_id = action.allocation_id or node.identity.allocation_id or ""
    private_ip = action.private_ip_address or node.identity.private_ip_address or ""
    if allocation_id != node.identity.allocation_id:
        # Noted first: an association that is made and not written down is then known for our own.
        await _record_association(node, Address(allocation_id=allocation_id, public_ip=_public_ip(node, allocation_id)))
    made = await _associate(node, allocation_id, private_ip)
    node.observed = replace(node.observed, address=made)
    await _record_association(node, made)


async def _associate(node: Node, allocation_id: str, private_ip: str) -> Address:
    """Make the association; what is said to be associated already is looked at, and tried again for a while.

    It may be where it is to be, by an attempt before this one; or where it was, as EC2 saw it a moment ago.
    """
    clock, interface_id = node.context.clock, node.network_interface_id
    until = min(node.deadline, clock.monotonic() + VISIBLE_AFTER)
    while True:
        try:
            association_id = await node.ec2.associate_address(allocation_id, interface_id, private_ip)
        except AwsError as error:
            if is_instance_pending(error) and clock.monotonic() < node.deadline:
                await _wait_while_pending(node)
                continue
            if not is_already_associated(error):
                raise
        else:
            return Address(
                allocation_id=allocation_id, public_ip=_public_ip(node, allocation_id), association_id=association_id,
                network_interface_id=interface_id, private_ip_address=private_ip or None,
            )  # fmt: skip
        seen = await _look_at(node, allocation_id)
        if seen and seen.network_interface_id == interface_id:
            return seen
        if _is_elsewhere(node, seen) or clock.monotonic() >= until:
            raise await _associated_elsewhere(node, allocation_id, seen)
        node.tell(stage="retrying")
        await clock.sleep(BETWEEN_LOOKS)


async def _wait_while_pending(node: Node) -> None:
    """Wait until the instance on the interface is past `pending`: EC2 associates no address before that."""
    node.tell(stage="retrying")
    instance_id = node.identity.instance_id
    if instance_id:
        await node.context.instances.wait_until(
            instance_id, lambda seen: seen is None or seen.state != "pending", node.deadline
        )
    await node.context.clock.sleep(BETWEEN_LOOKS)


def _is_elsewhere(node: Node, seen: Address | None) -> bool:
    """Whether the address is on an interface that was never the node's; one of its own may have just lost it."""
    place = seen.network_interface_id if seen else None
    return place is not None and place not in node.record.owns.network_interfaces


async def _look_at(node: Node, allocation_id: str) -> Address | None:
    return await node.context.addresses.wait_until(allocation_id, lambda _seen: True, node.deadline)


def _public_ip(node: Node, allocation_id: str) -> str:
    address = node.observed.address
    if address and address.allocation_id == allocation_id:
        return address.public_ip
    return node.identity.public_ip or ""


async def _associated_elsewhere(node: Node, allocation_id: str, seen: Address | None) -> NodeError:
    place = seen.network_interface_id if seen else None
    found = await find_interfaces(node.context, {place}) if place else {}
    holder = to_holder(node.record, found[place], node.context.table) if place in found else None
    shown = (place or seen.instance_id) if seen else None
    where = holder.add_owner(place) if holder and place else shown or "nothing, or the interface has another one"
    return NodeError(
        "Resource.AlreadyAssociated",
        f"{node.name}: elastic_ip: {seen.public_ip if seen else allocation_id} could not be associated with "
        f"{node.identity.network_interface_id}: it is on {where}.",
        action="AssociateAddress",
        next_command=holder.next_command if holder else None,
    )


async def _record_association(node: Node, address: Address) -> None:
    ours = node.record.owns.addresses
    await node.save_identity(
        spare_allocation_ids=tuple(sorted(item for item in ours if item != address.allocation_id)),
        elastic_ip=RecordedElasticIp(
            allocation_id=address.allocation_id,
            association_id=address.association_id,
            public_ip=address.public_ip,
            allocated=address.allocation_id in ours,
        ),
    )


async def record_association(node: Node) -> None:
    """Catch up with an association that was made, or ended, and not written down."""
    address, wanted = node.observed.address, wanted_allocation_id(node.record)
    if wanted is None:
        await _forget_ended(node)
    elif address and address.allocation_id == wanted and _is_on_own_interface(node, address):
        await _record_association(node, address)


def _is_on_own_interface(node: Node, address: Address) -> bool:
    interface_id = node.identity.network_interface_id
    return interface_id is not None and address.network_interface_id == interface_id


async def _forget_ended(node: Node) -> None:
    """Forget an association that somebody else has ended, where none is wanted any more."""
    interface, identity = node.observed.network_interface, node.identity
    present = [association.allocation_id for association in interface.associations] if interface else []
    if identity.association_id and identity.allocation_id not in present:
        await _record_disassociation(node)


async def disassociate(node: Node, action: elastic_ip_actions.DisassociateAddress) -> None:
    """End the association; one that has ended already counts as ended."""
    await node.ec2.disassociate_address(action.association_id)
    await _record_disassociation(node)


async def _record_disassociation(node: Node) -> None:
    elastic_ip = node.identity.elastic_ip
    # One that was allocated for the node stays allocated, and the record is what accounts for it.
    is_kept = elastic_ip is not None and elastic_ip.allocated
    await node.save_identity(elastic_ip=without_association(elastic_ip) if is_kept else None)


async def release(node: Node, action: elastic_ip_actions.ReleaseAddress) -> None:
    """Give the address back to Amazon; one that is gone already counts as released."""
    address = await _look_at(node, action.allocation_id)
    border_group = address.network_border_group if address else node.record.subnet.network_border_group
    await node.ec2.release_address(action.allocation_id, border_group)
    if action.allocation_id == node.identity.allocation_id:
        await node.save_identity(elastic_ip=None)
    spare = node.identity.spare_allocation_ids
    await node.save_identity(spare_allocation_ids=tuple(item for item in spare if item != action.allocation_id))
