# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be true of nodes that hand over between running instances, and of the interfaces made for that."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Identity
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Record

from .scenarios import FaultEnvironment

LIVE = ("pending", "running", "stopping", "stopped")
MOVING = ("DetachNetworkInterface", "AttachNetworkInterface", "DescribeNetworkInterfaces", "DescribeInstances")
"""The calls between which the interface is nowhere; UpdateItem, which fences them, stands between any calls."""

SECONDS = 5
"""How long EC2 is given to delete what goes with an instance."""


def is_disposable(interface: dict[str, Any]) -> bool:
    """Whether EC2 made the interface with an instance of a node."""
    return {"Key": "stateful_node:role", "Value": "disposable"} in interface.get("TagSet", [])


def disposable_left(world: FaultEnvironment, record: Record, found: set[str]) -> Iterator[str]:
    """List the interfaces made with instances that are no more; those that are ending take theirs along."""
    until, recorded = time.monotonic() + SECONDS, set(record.owns.disposable_interfaces)
    while found != recorded:
        if time.monotonic() > until:
            yield f"I3 disposable interfaces {sorted(found)} exist, {sorted(map(str, recorded))} is recorded"
            return
        time.sleep(0.01)
        found = _disposable(world, record.name)


def _disposable(world: FaultEnvironment, name: str) -> set[str]:
    filters = [{"Name": "tag:stateful_node:name", "Values": [name]}]
    found = world.emulator.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return {item["NetworkInterfaceId"] for item in found if is_disposable(item)}


def attached_otherwise(interface: dict[str, Any], record: Record, operation: str) -> Iterator[str]:
    """Say where the interface hangs on the instance in another way than it is to."""
    identity = record.identity
    if identity.standby or identity.previous_instance:
        yield f"I3 left: {identity.standby}, {identity.previous_instance}"
    attachment = interface.get("Attachment")
    if attachment is None:
        return
    at, recorded = attachment["DeviceIndex"], identity.device_index or 0
    if at != recorded:
        yield f"I4 device {recorded} is recorded, {at} is true"
    if attachment["DeleteOnTermination"]:
        yield "I1 the interface would be deleted with its instance"
    if operation in ("resume", "replace") and at != (record.config.handover == "prelaunch"):
        yield f"I4 handover {record.config.handover}, and the interface is at device {at}"


def out_of_service(world: FaultEnvironment, identity: Identity, action: str) -> Iterator[str]:
    """Say that a hand-over which went wrong at an action took the interface from the instance without need."""
    if not identity.device_index or not identity.instance_id or action in (*MOVING, "UpdateItem"):
        return
    ec2 = world.emulator.client("ec2")
    (interface,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[identity.network_interface_id])[
        "NetworkInterfaces"
    ]
    holder = interface.get("Attachment", {}).get("InstanceId")
    found = ec2.describe_instances(InstanceIds=[holder])["Reservations"] if holder else []
    if not any(item["State"]["Name"] in LIVE for each in found for item in each["Instances"]):
        yield f"I7 after {action} went wrong {holder or 'nothing'} has the interface"
