# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be true once an operation that was cut off has been run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.record import Record

from tests.collection import ADOPTEES

from .beginnings import adopted, to_be_adopted
from .endings import destroyed, let_go, put_away
from .hand_overs import attached_otherwise, disposable_left, is_disposable
from .kept import Kept
from .scenarios import World

LIVE = ("pending", "running", "stopping", "stopped")
ENDED = {"destroy": destroyed, "release": let_go}
"""Operations after which there is no record, and what must be true of the node's things."""


PUBLIC, ALL = ("public_ip",), ("network_interface_id", "private_ip_address", "public_ip")
"""What a node keeps when it moves, and what it keeps otherwise."""


def kept(world: World, name: str) -> Kept:
    """Read the identity that the node has now, or that an instance is to bring along."""
    if not has_record(world, name):
        return to_be_adopted(world, ADOPTEES[name])
    identity = record_of(world, name).identity
    return Kept(
        identity.network_interface_id,
        identity.private_ip_address,
        identity.public_ip,
        identity.allocation_id,
        identity.instance_id,
    )


def record_of(world: World, name: str) -> Record:
    """Read the node's record. Raises KeyError where there is none."""
    return Store(world.collection.client, "stateful-nodes").get([name])[name]


def has_record(world: World, name: str) -> bool:
    """Whether the node has a record."""
    return name in Store(world.collection.client, "stateful-nodes").get([name])


def violations(world: World, name: str, before: Kept, operation: str) -> Iterator[str]:
    """List the invariants that are broken, each with what was found."""
    if operation in ENDED:
        yield from _ended(world, name, before, operation)
        return
    if operation == "adopt":
        yield from adopted(world, before)
    record, ours = record_of(world, name), _Ours(world, name)
    yield from _addresses_kept(before, kept(world, name), PUBLIC if operation == "move" else ALL)
    yield from _arrived(record)
    yield from _one_instance_each(ours, record)
    yield from _nothing_leaked(ours, record)
    yield from disposable_left(world, name, record)
    yield from _record_agrees(ours, record, operation)
    yield from attached_otherwise(next(iter(ours.interfaces), {}), record, operation)
    if record.operation or record.intent or record.unfinished:
        yield f"I5 left open: {record.operation} {record.intent} {record.unfinished}"
    yield from _settled(world, name, operation)


def _ended(world: World, name: str, before: Kept, operation: str) -> Iterator[str]:
    if has_record(world, name):
        yield f"E1 {operation} has left the record"
    yield from ENDED[operation](world, before)
    ours = _Ours(world, name)
    for tagged in (*ours.interfaces, *ours.addresses, *ours.live):
        yield f"E3 still tagged as the node's: {tagged}"
    yield from _settled(world, name, operation)
    put_away(world, before)


class _Ours:
    """Everything in EC2 that carries the node's tag."""

    def __init__(self, world: World, name: str) -> None:
        ec2, filters = world.emulator.client("ec2"), [{"Name": "tag:stateful_node:name", "Values": [name]}]
        found = ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
        self.interfaces = [interface for interface in found if not is_disposable(interface)]
        self.addresses = ec2.describe_addresses(Filters=filters)["Addresses"]
        reservations = ec2.describe_instances(Filters=filters)["Reservations"]
        self.instances = [instance for item in reservations for instance in item["Instances"]]
        self.requests = ec2.describe_spot_instance_requests(Filters=filters)["SpotInstanceRequests"]

    @property
    def live(self) -> list[dict[str, Any]]:
        return [instance for instance in self.instances if instance["State"]["Name"] in LIVE]


def _addresses_kept(before: Kept, now: Kept, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        was, current = getattr(before, name), getattr(now, name)
        if was is not None and was != current:
            yield f"I1 {name} was {was} and is {current}"


def _arrived(record: Record) -> Iterator[str]:
    """The node is where it is configured to be, and nothing of the way there is left."""
    identity = record.identity
    if identity.subnet_id != record.config.subnet_id:
        yield f"I1 subnet {record.config.subnet_id} is configured, {identity.subnet_id} it is"
    if identity.next_interface or identity.previous_network_interface_id:
        yield f"I3 left: {identity.next_interface}, {identity.previous_network_interface_id}"


def _one_instance_each(ours: _Ours, record: Record) -> Iterator[str]:
    tags = [{tag["Key"]: tag["Value"] for tag in instance["Tags"]} for instance in ours.instances]
    for generation, count in Counter(tag["stateful_node:generation"] for tag in tags).items():
        if count > 1:
            yield f"I2 generation {generation} has {count} instances"
    if len(ours.live) > 1:
        yield f"I2 {len(ours.live)} instances live at once"
    if record.identity.instance_generation > record.identity.generation:
        yield f"I2 instance of generation {record.identity.instance_generation} beyond {record.identity.generation}"


def _nothing_leaked(ours: _Ours, record: Record) -> Iterator[str]:
    identity = record.identity
    expected = (
        ("interface", {item["NetworkInterfaceId"] for item in ours.interfaces}, identity.network_interface_id),
        ("address", {item["AllocationId"] for item in ours.addresses}, identity.allocation_id),
        ("instance", {item["InstanceId"] for item in ours.live}, identity.instance_id),
    )
    for kind, found, recorded in expected:
        if found != ({recorded} - {None}):
            yield f"I3 {kind}: {sorted(found)} exist, {recorded} is recorded"
    open_requests = {item.get("InstanceId") for item in ours.requests if item["State"] in ("open", "active")}
    if open_requests - {identity.instance_id}:
        yield f"I3 spot requests open for {sorted(map(str, open_requests))}"


def _record_agrees(ours: _Ours, record: Record, operation: str) -> Iterator[str]:
    identity, desired = record.identity, "paused" if operation == "pause" else "running"
    interface = next(iter(ours.interfaces), {})
    association = interface.get("Association", {})
    pairs = (
        ("desired", record.desired, desired),
        ("private address", identity.private_ip_address, interface.get("PrivateIpAddress")),
        ("public address", identity.public_ip, association.get("PublicIp")),
        ("association", identity.association_id, association.get("AssociationId")),
        ("holder", identity.instance_id, interface.get("Attachment", {}).get("InstanceId")),
        ("state", ["running"] * (desired == "running"), [item["State"]["Name"] for item in ours.live]),
    )
    for what, recorded, found in pairs:
        if recorded != found:
            yield f"I4 {what}: {recorded} is recorded, {found} is true"


def _settled(world: World, name: str, operation: str) -> Iterator[str]:
    """Run it once more: a replace would replace again, so that a resume stands in for it."""
    again = "resume" if operation in ("replace", "move") else operation
    world.emulator.clear_calls()
    if problems := world.operate(again, name):
        yield f"I6 one more {again} fails: {problems}"
    if calls := [call["action"] for call in world.emulator.calls(mutating=True)]:
        yield f"I6 one more {again} makes {', '.join(calls)}"
