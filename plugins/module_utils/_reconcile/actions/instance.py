# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out the ending of a node's instance, and the waiting that goes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import is_capacity, is_effect_unknown
from ..._aws.calls.executor import VISIBLE_AFTER
from ..._aws.calls.waiters import WaitTimeoutError
from ..._core.actions import instance_actions, record_actions
from ..._core.lifecycle.downtime import find_out_of_service_since
from ..._core.model.commands import Command
from ..._core.model.identity import Identity
from ..._core.model.node_error import NodeError
from ..._core.model.observed import GOING_STATES, Instance, NetworkInterface
from ..._core.plan.planner import DESIRED
from ..context.node import Node
from .attachment import free_interface
from .launch_outcome import resolve_launch


async def resolve(node: Node, _action: instance_actions.ResolveLaunch) -> None:
    """Find the instance that an interrupted launch made, if it made one, and end it."""
    instance = await resolve_launch(node)
    if instance and instance.is_live:
        await terminate(node, instance_actions.TerminateInstance(instance_id=instance.instance_id))
    if instance and node.identity.standby and node.identity.standby.instance_id == instance.instance_id:
        await node.save_identity(standby=None)


async def terminate(node: Node, action: instance_actions.TerminateInstance) -> None:
    """Terminate the instance. Raises AwsError with OperationNotPermitted when it is protected: that is respected."""
    before, operation = node.record, node.record.operation
    desired = DESIRED.get(operation.operation) if operation else None
    now = node.context.clock.now()
    # Written in the place of the fence, by the same conditional write: from here on the node may be out of service,
    # and a node that is being paused should be so.
    begun = partial(node.save, intent=before.intent, desired=desired, out_of_service_since=now)
    try:
        await node.context.terminator.terminate(action.instance_id, begun)
    except AwsError as error:
        if not is_effect_unknown(error) and node.record is not before:
            with suppress(NodeError, AwsError):
                await node.take_back(before)
        raise
    except asyncio.CancelledError:
        # Interrupted between the write and the call: nothing was terminated.
        if node.record is not before and not node.context.terminator.has_called(action.instance_id):
            with suppress(NodeError, AwsError):
                await node.take_back(before)
        raise
    node.tell(f"terminating {action.instance_id}", "under_way")


async def set_desired(node: Node, action: record_actions.SetDesired) -> None:
    """Take note of what the node should be, where no termination has written it already."""
    if node.record.desired != action.desired:
        node.note_desired(action.desired)


async def start(node: Node, action: instance_actions.StartInstance) -> None:
    """Start the stopped instance, once it has stopped."""
    instance = await _wait_for(node, action.instance_id, "stopped", "running", "pending", "terminated", *GOING_STATES)
    if instance is None or instance.state in ("terminated", *GOING_STATES):
        raise NodeError("InstanceEnded", f"{node.name}: instance {action.instance_id} was ended before it could start.")
    try:
        await node.ec2.start_instances([action.instance_id])
    except AwsError as error:
        if not is_capacity(error):
            raise
        raise _not_started(node, action.instance_id, error) from error
    node.tell(f"starting {action.instance_id}", "under_way")


def _not_started(node: Node, instance_id: str, error: AwsError) -> NodeError:
    """Name the way on that has other candidates: an instance starts as the type that it is, or not at all."""
    return NodeError(
        error.code,
        f"{node.name}: StartInstances of {instance_id} failed with {error.code}: {error.message.rstrip('.')}. It stays "
        "stopped. Resume again later; or replace the node, which tries each instance type and market that it may have, "
        "and gives the root volume up.",
        action=error.action,
        next_command=Command(playbook="replace", names=(node.name,)),
    )


async def wait_until_terminated(node: Node) -> None:
    """Wait until the node's instance is gone and its interface is free for the next one, and take note of that."""
    identity, since = node.identity, find_out_of_service_since(node.record)
    if identity.instance_id:
        await _wait_for(node, identity.instance_id, "terminated")
    if identity.network_interface_id:
        await free_interface(node)
    node.note_identity(instance=None, out_of_service_since=since)


async def wait_until_running(node: Node, wait_for: str) -> None:
    """Wait until the node's instance runs and, with `status_ok`, has passed both of EC2's status checks."""
    instance_id = node.identity.instance_id
    if instance_id is None:
        raise NodeError("NoInstance", f"{node.name}: there is no instance to wait for.", phase="launch")
    await wait_until_instance_runs(node, instance_id, wait_for)


async def wait_until_instance_runs(node: Node, instance_id: str, wait_for: str) -> None:
    """Wait until an instance runs and, with `status_ok`, has passed both of EC2's status checks."""
    node.tell(stage="under_way")
    instance = node.observed.instance
    if instance is None or (instance.instance_id, instance.state) != (instance_id, "running"):
        instance = await _wait_for(node, instance_id, "running", "terminated", *GOING_STATES)
    if instance is None or instance.state != "running":
        reason = f" ({instance.state_reason_message or instance.state_reason})" if instance else ""
        raise NodeError("InstanceEnded", f"{node.name}: instance {instance_id} ended while it was waited for{reason}.")
    if wait_for == "status_ok":
        node.tell(f"instance {instance_id} runs, its status checks are waited for")
        await node.context.statuses.wait_until(instance_id, bool, node.deadline)


async def check_identity(node: Node) -> None:
    """Raise NodeError unless the interface under the new instance has the addresses that the record promises."""
    interface = await _look_for_promises(node)
    node.see(interface)
    if broken := list(_broken_promises(node.identity, interface)):
        raise NodeError(
            "IdentityChanged",
            f"{node.name}: interface {node.identity.network_interface_id} is not as recorded: {', '.join(broken)}.",
        )


async def _look_for_promises(node: Node) -> NetworkInterface | None:
    """Look at the interface until it is as promised, for as long as EC2 may show what was before."""
    context = node.context
    until = min(node.deadline, context.clock.monotonic() + VISIBLE_AFTER)
    try:
        return await context.interfaces.wait_until(
            node.network_interface_id, lambda seen: not any(_broken_promises(node.identity, seen)), until
        )
    except WaitTimeoutError as error:
        return error.last if isinstance(error.last, NetworkInterface) else None


def _broken_promises(identity: Identity, interface: NetworkInterface | None) -> Iterator[str]:
    if interface is None:
        yield "it does not exist any more"
        return
    carried, public = interface.private_ip_addresses, [item.public_ip for item in interface.associations]
    if identity.private_ip_address != carried[0]:
        yield f"its private IP address is {carried[0]} and not {identity.private_ip_address}"
    if identity.association_id and identity.public_ip not in public:
        yield f"its Elastic IP is {', '.join(public) or 'none'} and not {identity.public_ip}"
    if interface.holder != identity.instance_id:
        yield f"it is attached to {interface.holder or 'nothing'} and not to {identity.instance_id}"


async def _wait_for(node: Node, instance_id: str, *states: str) -> Instance | None:
    """Wait until the instance is in one of the states; one that EC2 shows no more counts as terminated."""

    def reached(seen: Instance | None) -> bool:
        return seen.state in states if seen else "terminated" in states and "running" not in states

    return await node.context.instances.wait_until(instance_id, reached, node.deadline)
