# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out a hand-over: the interface leaves one instance for another that runs, and the record follows it.

AttachNetworkInterface and DetachNetworkInterface have no token. EC2 attaches an interface to one instance at a time
all the same, so that after a lost reply, as after a refusal, a look at the interface tells what is left to do.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import fields, replace

from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import is_gone, is_in_use, is_invalid_value
from ..._aws.calls.executor import VISIBLE_AFTER
from ..._aws.calls.waiters import WaitTimeoutError
from ..._core.actions import hand_over_actions, interface_actions
from ..._core.lifecycle.downtime import back_in_service, find_out_of_service_since
from ..._core.model.identity import Identity, promoted
from ..._core.model.node_error import NodeError
from ..._core.model.observed import Attachment, Instance, NetworkInterface
from ..._core.plan.plan_hand_over import standby_intent, with_promotion
from ..context.failures import EXPECTED
from ..context.node import Node
from .attachment import outlast
from .confirmation import confirm_resource
from .instance import wait_until_instance_runs
from .interface import keep_on_termination
from .launch_outcome import resolve_launch

DEVICE_INDEX = 1

BETWEEN_LOOKS = 0.5
"""Seconds before the interface is looked at again that EC2 said was in use and then showed as available."""

FORCE_AFTER = 30.0
"""Seconds after which a detachment is forced: an instance that hangs does not let go of its interface.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachNetworkInterface.html
"""


async def catch_up(node: Node) -> None:
    """Make a standby that has the interface already the node's instance: a run was cut off before it wrote that."""
    if with_promotion(node.record, node.observed)[0] is not node.record:
        await _promote(node)


async def attach(node: Node, action: hand_over_actions.AttachNetworkInterface) -> None:
    """Have the interface on the node's instance once that runs; where it is already, that is done."""
    await _bring(node, action.instance_id or node.identity.instance_id or "")


async def move(node: Node, action: hand_over_actions.MoveNetworkInterface) -> None:
    """Take the interface from the node's instance to the standby, which runs; back, where that comes to nothing."""
    standby = node.identity.standby
    if standby is None:
        raise NodeError("NoStandby", f"{node.name}: there is no instance to hand over to. Run the playbook again.")
    await wait_until_instance_runs(node, standby.instance_id, "running")
    clock = node.context.clock
    began = clock.monotonic()
    await _leave_service(node, action.from_instance_id)
    try:
        await _bring(node, standby.instance_id)
    except EXPECTED:
        with suppress(*EXPECTED):
            await _put_back(node)
        raise
    node.timings["handover"] = clock.monotonic() - began


async def _leave_service(node: Node, instance_id: str | None) -> None:
    """Note that the node is about to be without its interface, and take that off the instance that has it."""
    since = node.context.clock.now() if instance_id else find_out_of_service_since(node.record)
    await node.save_identity(out_of_service_since=since)
    if instance_id:
        node.tell(f"moving {node.network_interface_id} from {instance_id}", "under_way")
        await _take_off(node, instance_id)


async def promote(node: Node, _action: hand_over_actions.PromoteStandby) -> None:
    """Make the standby, which has the interface, the node's instance: the commit point of a hand-over."""
    await _promote(node)


async def _promote(node: Node) -> None:
    now = back_in_service(promoted(node.identity), node.context.clock.now())
    await node.save_identity(**{field.name: getattr(now, field.name) for field in fields(Identity)})
    seen = node.observed
    node.observed = replace(seen, instance=seen.standby or seen.holder, standby=None, previous=seen.instance)


async def discard_standby(node: Node, _action: hand_over_actions.DiscardStandby) -> None:
    """Terminate the standby, or what an interrupted launch of one has made, and forget it."""
    if standby_intent(node.record):
        await resolve_launch(node)
    if standby := node.identity.standby:
        await _end(node, standby.instance_id)
        await node.save_identity(standby=None)
        node.observed = replace(node.observed, standby=None)


async def terminate_previous(node: Node, _action: hand_over_actions.TerminatePreviousInstance) -> None:
    """Terminate the instance whose place was taken, and forget it."""
    if previous := node.identity.previous_instance:
        await _end(node, previous.instance_id)
        await node.save_identity(previous_instance=None)


async def _end(node: Node, instance_id: str) -> None:
    """Terminate an instance; one that is gone counts as ended. Raises AwsError where it is protected."""
    instance = await _look_at_instance(node, instance_id)
    if instance and not instance.is_live:
        return
    interface = await _look(node)
    attachment = interface.attachment if interface else None
    if attachment and attachment.instance_id == instance_id and attachment.delete_on_termination:
        await keep_on_termination(node, interface_actions.KeepOnTermination(attachment_id=attachment.attachment_id))
    try:
        await node.context.terminator.terminate(instance_id, node.fence)
    except AwsError as error:
        if not is_gone(error):
            raise


async def _bring(node: Node, instance_id: str) -> None:
    """Have the interface attached to the instance. Raises NodeError while another one, not the node's, has it."""
    await wait_until_instance_runs(node, instance_id, "running")
    while not (attached := (await _get_settled(node)).attachment) or attached.instance_id != instance_id:
        await (_free(node, attached) if attached else _attach(node, instance_id))
    if attached.delete_on_termination:
        await keep_on_termination(node, interface_actions.KeepOnTermination(attachment_id=attached.attachment_id))


async def _attach(node: Node, instance_id: str) -> None:
    """Attach the interface; where EC2 says that something is in the way, until that can be seen or is not so."""
    context = node.context
    seen_by = context.clock.monotonic() + VISIBLE_AFTER
    while True:
        try:
            await node.ec2.attach_network_interface(node.network_interface_id, instance_id, DEVICE_INDEX)
        except AwsError as error:
            if context.clock.monotonic() >= min(node.deadline, _patience(error, seen_by)):
                raise
        else:
            return
        node.tell(stage="retrying")
        await context.clock.sleep(BETWEEN_LOOKS)
        if (await _get(node)).attachment:
            return


def _patience(error: AwsError, seen_by: float) -> float:
    """Say until when an attachment that was refused is tried again.

    An attempt before this one, or a run before this, may have had its effect. That the interface is on an instance EC2
    says in one of two ways, of which the second has other reasons, too.
    """
    if is_in_use(error) or error.repeated:
        return math.inf
    return seen_by if is_invalid_value(error) else -math.inf


async def _free(node: Node, attachment: Attachment) -> None:
    """Wait until an instance that is ending has let go of the interface, or take it from another one of the node's."""
    instance_id = attachment.instance_id or ""
    if not instance_id:
        raise NodeError(
            "NetworkInterfaceInUse",
            f"{node.name}: interface {node.network_interface_id} is attached to something that is not an instance "
            f"({attachment.attachment_id}). Detach it, then run the playbook again.",
        )
    holder = await _look_at_instance(node, instance_id)
    if holder and holder.is_live and instance_id not in node.record.owns.instances:
        await outlast(node, holder)
    elif holder and holder.is_live:
        await confirm_resource(node, instance_id)
        await _take_off(node, instance_id)
    else:
        await _wait_until_left(node, instance_id, node.deadline)


async def _take_off(node: Node, instance_id: str) -> None:
    """Detach the interface from an instance, by force if it takes too long; one that is not on it (any more) is off."""
    context = node.context
    force_at = context.clock.monotonic() + FORCE_AFTER
    force = False
    while (interface := await _get(node)).holder == instance_id and interface.attachment:
        await _detach(node, interface.attachment, force=force)
        until = node.deadline if force else min(force_at, node.deadline)
        try:
            await _wait_until_left(node, instance_id, until)
        except WaitTimeoutError:
            if until >= node.deadline:
                raise
            force = True


async def _detach(node: Node, attachment: Attachment, *, force: bool) -> None:
    try:
        await node.ec2.detach_network_interface(attachment.attachment_id, force=force)
    except AwsError:
        interface, holder = await _get(node), await _look_at_instance(node, attachment.instance_id or "")
        on_its_way = interface.attachment is None or interface.attachment.status == "detaching"
        if not on_its_way and holder and holder.is_live:
            raise


async def _put_back(node: Node) -> None:
    """Give the interface back to the instance that it was taken from, where no other one has it."""
    before = node.identity.instance_id
    if before and (await _get_settled(node)).attachment is None:
        await _bring(node, before)
        await node.save_identity(out_of_service_since=None)


async def _wait_until_left(node: Node, instance_id: str, until: float) -> None:
    await node.context.interfaces.wait_until(
        node.network_interface_id, lambda seen: seen is None or seen.holder != instance_id, until
    )


async def _get_settled(node: Node) -> NetworkInterface:
    """Return the interface once it is available, or attached to something for good."""

    def is_settled(seen: NetworkInterface | None) -> bool:
        return seen is not None and (seen.attachment.status == "attached" if seen.attachment else seen.is_available)

    interface = await node.context.interfaces.wait_until(node.network_interface_id, is_settled, node.deadline)
    node.see(interface)
    return interface  # type: ignore[return-value] # that is what was waited for


async def _get(node: Node) -> NetworkInterface:
    """Return the interface as it is now. Raises NodeError when there is none."""
    interface = await _look(node)
    if interface is None:
        raise NodeError(
            "InvalidNetworkInterfaceID.NotFound",
            f"{node.name}: interface {node.identity.network_interface_id} does not exist any more.",
        )
    return interface


async def _look(node: Node) -> NetworkInterface | None:
    interface_id = node.identity.network_interface_id
    if interface_id is None:
        return None
    interface = await node.context.interfaces.wait_until(interface_id, lambda _seen: True, node.deadline)
    node.see(interface)
    return interface


async def _look_at_instance(node: Node, instance_id: str) -> Instance | None:
    return await node.context.instances.wait_until(instance_id, lambda _seen: True, node.deadline)
