# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be true of an instance once it is adopted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .kept import Kept
from .scenarios import World


def to_be_adopted(world: World, instance_id: str) -> Kept:
    """Read what an instance brings along."""
    interface = _primary_interface(world, instance_id)
    association = interface["Association"]
    return Kept(
        interface["NetworkInterfaceId"],
        interface["PrivateIpAddress"],
        association["PublicIp"],
        association["AllocationId"],
        instance_id,
    )


def adopted(world: World, before: Kept) -> Iterator[str]:
    """The instance runs on, its interface outlives it, and nothing launches another one after it."""
    instance_id = before.instance_id or ""
    interface, ec2 = _primary_interface(world, instance_id), world.emulator.client("ec2")
    (reservation,) = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    state = reservation["Instances"][0]["State"]["Name"]
    if state != "running":
        yield f"A1 instance {instance_id} is {state}"
    if interface["Attachment"]["DeleteOnTermination"]:
        yield f"A2 {interface['NetworkInterfaceId']} would be deleted with its instance"
    by_instance = [{"Name": "instance-id", "Values": [instance_id]}]
    for request in ec2.describe_spot_instance_requests(Filters=by_instance)["SpotInstanceRequests"]:
        if request["State"] != "cancelled":
            yield f"A3 spot request {request['SpotInstanceRequestId']} is {request['State']}"


def _primary_interface(world: World, instance_id: str) -> dict[str, Any]:
    filters = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
    (interface,) = world.emulator.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return dict(interface)
