# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be true of a node's things once the node is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .expected_identity import Kept
from .scenarios import FaultEnvironment
from .snapshot import AccountSnapshot


def destroyed(_world: FaultEnvironment, account: AccountSnapshot, before: Kept) -> Iterator[str]:
    """Nothing of what the node had is left."""
    interface, address, instance = _find(account, before)
    for kind, found in (("interface", interface), ("address", address)):
        if found:
            yield f"E2 {kind} is left: {found}"
    if instance["State"]["Name"] not in ("shutting-down", "terminated"):
        yield f"E2 instance {before.instance_id} is {instance['State']['Name']}"


def let_go(world: FaultEnvironment, account: AccountSnapshot, before: Kept) -> Iterator[str]:
    """Everything is as it was, and carries none of the collection's tags."""
    interface, address, instance = _find(account, before)
    association = interface.get("Association", {})
    pairs = (
        ("instance", instance["State"]["Name"], "running"),
        ("holder", interface.get("Attachment", {}).get("InstanceId"), before.instance_id),
        ("private address", interface.get("PrivateIpAddress"), before.private_ip_address),
        ("public address", association.get("PublicIp"), before.public_ip),
        ("place of the address", address.get("NetworkInterfaceId"), before.network_interface_id),
    )
    for what, found, kept in pairs:
        if found != kept:
            yield f"E2 {what} was {kept} and is {found}"
    for tag in _own_tags(world, instance, before):
        yield f"E3 {tag['ResourceId']} is still tagged {tag['Key']}={tag['Value']}"


def put_away(world: FaultEnvironment, account: AccountSnapshot, before: Kept) -> None:
    """Note of what was let go that it is known: nothing else may be left without a node's name."""
    interface, address, instance = _find(account, before)
    left = [
        *([interface["NetworkInterfaceId"]] if interface else []),
        *([address["AllocationId"]] if address else []),
        instance["InstanceId"],
    ]
    tag = {"Key": "stateful_node:name", "Value": "let-go"}
    world.emulator.client("ec2").create_tags(Resources=left, Tags=[tag])


def _find(account: AccountSnapshot, before: Kept) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Interface and address, empty where they are gone, and the instance, which EC2 shows for a while longer."""
    interface = account.interfaces.get(before.network_interface_id or "", {})
    address = account.addresses.get(before.allocation_id or "", {})
    return interface, address, account.instances[before.instance_id or ""]


def _own_tags(world: FaultEnvironment, instance: dict[str, Any], before: Kept) -> list[dict[str, Any]]:
    volumes = [device["Ebs"]["VolumeId"] for device in instance["BlockDeviceMappings"]]
    request = instance.get("SpotInstanceRequestId")
    things = {before.network_interface_id, before.allocation_id, before.instance_id, request, *volumes}
    tags = world.emulator.client("ec2").describe_tags()["Tags"]
    return [tag for tag in tags if tag["ResourceId"] in things and tag["Key"].startswith("stateful_node:")]
