# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What came of a launch: finding its instance, writing it down, and settling a launch that was cut off."""

from __future__ import annotations

from dataclasses import replace

from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import is_in_use, is_refusal
from ..._core.lifecycle.downtime import find_out_of_service_since
from ..._core.model import tags
from ..._core.model.identity import LaunchAttempt, RecordedInstance
from ..._core.model.observed import Instance
from ..._core.model.record import Intent
from ..context.node import Node

LOOKS, BETWEEN_LOOKS = 10, 1.0
"""How often, and every how many seconds, an instance is looked for that a refused launch may have made before."""


async def find_on_interface(node: Node, intent: Intent) -> Instance | None:
    """Find the instance on the interface if the intent's launch made it: EC2 does not remember a token for ever."""
    interface = await node.context.interfaces.wait_until(node.network_interface_id, lambda _seen: True, node.deadline)
    if not interface or not interface.holder:
        return None
    holder = await node.context.instances.wait_until(interface.holder, lambda _seen: True, node.deadline)
    return holder if holder and _is_made_by(intent, holder) else None


async def find_apart(node: Node, intent: Intent) -> Instance | None:
    """Find the instance that the intent's launch made without the node's interface, which tells of the others."""
    if not intent.has_disposable_interface:
        return None
    found = await node.context.ec2.describe_instances(f"tag:{tags.NAME}", [node.name])
    return next((instance for instance in found if _is_made_by(intent, instance)), None)


async def look_for_launched(node: Node, intent: Intent) -> Instance | None:
    """Find the instance of a launch that was asked for before and is refused now, when EC2 shows it."""
    for _look in range(LOOKS):
        if launched := await find_apart(node, intent) or await _find_with_interface(node, intent):
            return launched
        await node.context.clock.sleep(BETWEEN_LOOKS)
    return None


async def look_for_token(node: Node, intent: Intent) -> Instance | None:
    """Find the live instance that was launched with the intent's token, whatever the intent's parameters are."""
    for _look in range(LOOKS):
        found = await node.context.ec2.describe_instances(f"tag:{tags.NAME}", [node.name])
        if launched := next((instance for instance in found if _is_made_by(intent, instance)), None):
            return launched
        await node.context.clock.sleep(BETWEEN_LOOKS)
    return None


async def _find_with_interface(node: Node, intent: Intent) -> Instance | None:
    return None if intent.has_disposable_interface else await find_on_interface(node, intent)


def _is_made_by(intent: Intent, instance: Instance) -> bool:
    """Whether the intent's launch made the instance, as its token proves; anyone may give an instance the tags.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html (clientToken)
    """
    return instance.is_live and instance.client_token == intent.token


async def note_launch(node: Node, intent: Intent, instance: Instance) -> None:
    """Write down what the intent has led to: the node's instance, or its standby."""
    candidate = intent.candidate
    chosen = LaunchAttempt(
        instance_type=instance.instance_type,
        market=candidate.market if candidate else instance.market,
        message=f"launched {instance.instance_id}",
    )
    attempts = (*node.identity.launch_attempts, chosen)
    launched = _recorded(node, intent, instance, chosen.market)
    if intent.role == "standby":
        await node.save(intent=None, standby=launched, launch_attempts=attempts)
        node.observed = replace(node.observed, standby=instance)
    else:
        since = find_out_of_service_since(node.record)
        await node.save(intent=None, instance=launched, launch_attempts=attempts, out_of_service_since=since)
    node.tell(f"instance {instance.instance_id} launched, {instance.state}", "under_way")


def _recorded(node: Node, intent: Intent, instance: Instance, market: str) -> RecordedInstance:
    has_disposable = intent.has_disposable_interface
    return RecordedInstance(
        instance_id=instance.instance_id,
        generation=intent.number,
        launched_at=node.context.clock.now(),
        instance_type=instance.instance_type,
        market=market,
        launch=intent.launch or {},
        device_index=1 if has_disposable else None,
        primary_network_interface_id=instance.primary_network_interface_id if has_disposable else None,
    )


async def resolve_launch(node: Node) -> Instance | None:
    """Find out what came of an interrupted launch, by making it again with its token; None: nothing."""
    intent = node.open_intent("RunInstances")
    if not intent:
        return None
    instance = await find_apart(node, intent) or await _replay(node, intent)
    if instance:
        await note_launch(node, intent, instance)
    else:
        await node.save(intent=None)
    return instance


async def _replay(node: Node, intent: Intent) -> Instance | None:
    is_interface_seen = node.observed.network_interface is not None
    run = node.ec2.run_instances if is_interface_seen else node.ec2.run_instances_believing_not_found
    try:
        return await run(intent.parameters)
    except AwsError as error:
        if not is_refusal(error):
            raise
        return await find_on_interface(node, intent) if is_in_use(error) else None
