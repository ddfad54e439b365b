# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be true once an operation that was cut off has been run again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Record

from tests.support.collection import ADOPTEES, TABLE

from .adoption_postconditions import adopted, to_be_adopted
from .deletion_postconditions import destroyed, let_go, put_away
from .expected_identity import Kept
from .hand_overs import attached_otherwise, disposable_left, is_disposable
from .scenarios import FaultEnvironment
from .snapshot import AccountSnapshot, look, tags_of

ENDED = {"destroy": destroyed, "release": let_go}
"""Operations after which there is no record, and what must be true of the node's things."""

MOVES = ("move", "resume elsewhere")
"""Operations that give up the private address for another one."""

PUBLIC, ALL = ("public_ip",), ("network_interface_id", "private_ip_address", "public_ip")
"""What a node keeps when it moves, and what it keeps otherwise."""

Problem = tuple[str, str]
"""The node, and what is broken."""


def kept(world: FaultEnvironment, *names: str) -> dict[str, Kept]:
    """Read the identities that the nodes have now, or that instances are to bring along."""
    records = records_of(world, names)
    account = look(world.emulator.client("ec2")) if set(names) - set(records) else None
    return {
        name: to_be_adopted(account, ADOPTEES[name]) if name not in records else _identity_of(records[name])
        for name in names
    }


def _identity_of(record: Record) -> Kept:
    identity = record.identity
    return Kept(
        identity.network_interface_id,
        identity.private_ip_address,
        identity.public_ip,
        identity.allocation_id,
        identity.instance_id,
    )


def records_of(world: FaultEnvironment, names: Collection[str]) -> dict[str, Record]:
    """Read the records of the nodes that have one."""
    return Store(world.collection.client, TABLE).get(list(names))


def record_of(world: FaultEnvironment, name: str) -> Record:
    """Read the node's record. Raises KeyError where there is none."""
    return records_of(world, [name])[name]


def violations(world: FaultEnvironment, before: Mapping[str, Kept], operation: str) -> Iterator[Problem]:
    """List the invariants that are broken for nodes, each with what was found."""
    yield from broken(world, before, operation)
    yield from unsettled(world, before, operation)


def broken(world: FaultEnvironment, before: Mapping[str, Kept], operation: str) -> Iterator[Problem]:
    """Look at the nodes and list what is not as it must be."""
    records, beyond_tags = records_of(world, before), operation in ENDED or operation == "adopt"
    account = look(world.emulator.client("ec2"), () if beyond_tags else before)
    for name in before:
        judge = _ended if operation in ENDED else _lasting
        for problem in judge(world, account, name, records.get(name), before[name], operation):
            yield name, problem


def _lasting(
    world: FaultEnvironment, account: AccountSnapshot, name: str, record: Record | None, before: Kept, operation: str
) -> Iterator[str]:
    if record is None:
        yield "I1 there is no record"
        return
    if operation == "adopt":
        yield from adopted(account, before)
    ours = _Ours(account, name)
    yield from _addresses_kept(before, _identity_of(record), PUBLIC if operation in MOVES else ALL)
    yield from _arrived(record)
    yield from _one_instance_each(ours, record)
    yield from _nothing_leaked(ours, record)
    yield from disposable_left(world, record, ours.disposable)
    yield from _record_agrees(ours, record, operation)
    yield from attached_otherwise(next(iter(ours.interfaces.values()), {}), record, operation)
    if record.operation or record.intent or record.unfinished:
        yield f"I5 left open: {record.operation} {record.intent} {record.unfinished}"


class _Ours:
    """Everything in EC2 that carries the node's tag; interfaces made with an instance apart."""

    def __init__(self, account: AccountSnapshot, name: str) -> None:
        found = account.tagged(name)
        self.disposable = {key for key, item in found.interfaces.items() if is_disposable(item)}
        self.interfaces = {key: item for key, item in found.interfaces.items() if key not in self.disposable}
        self.addresses, self.instances, self.live, self.requests = (
            found.addresses, found.instances, found.live, found.requests
        )  # fmt: skip


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
    if identity.next_interface or identity.previous_interface:
        yield f"I3 left: {identity.next_interface}, {identity.previous_interface}"


def _one_instance_each(ours: _Ours, record: Record) -> Iterator[str]:
    generations = Counter(tags_of(instance)["stateful_node:generation"] for instance in ours.instances.values())
    for generation, count in generations.items():
        if count > 1:
            yield f"I2 generation {generation} has {count} instances"
    if len(ours.live) > 1:
        yield f"I2 {len(ours.live)} instances live at once"
    if record.identity.instance_generation > record.identity.generation:
        yield f"I2 instance of generation {record.identity.instance_generation} beyond {record.identity.generation}"


def _nothing_leaked(ours: _Ours, record: Record) -> Iterator[str]:
    identity = record.identity
    expected = (
        ("interface", set(ours.interfaces), identity.network_interface_id),
        ("address", set(ours.addresses), identity.allocation_id),
        ("instance", set(ours.live), identity.instance_id),
    )
    for kind, found, recorded in expected:
        if found != ({recorded} - {None}):
            yield f"I3 {kind}: {sorted(found)} exist, {recorded} is recorded"
    open_requests = {item.get("InstanceId") for item in ours.requests.values() if item["State"] in ("open", "active")}
    if open_requests - {identity.instance_id}:
        yield f"I3 spot requests open for {sorted(map(str, open_requests))}"


def _record_agrees(ours: _Ours, record: Record, operation: str) -> Iterator[str]:
    identity, desired = record.identity, "paused" if operation == "pause" else "running"
    interface = next(iter(ours.interfaces.values()), {})
    association = interface.get("Association", {})
    pairs = (
        ("desired", record.desired, desired),
        ("private address", identity.private_ip_address, interface.get("PrivateIpAddress")),
        ("public address", identity.public_ip, association.get("PublicIp")),
        ("association", identity.association_id, association.get("AssociationId")),
        ("holder", identity.instance_id, interface.get("Attachment", {}).get("InstanceId")),
        ("state", ["running"] * (desired == "running"), [item["State"]["Name"] for item in ours.live.values()]),
    )
    for what, recorded, found in pairs:
        if recorded != found:
            yield f"I4 {what}: {recorded} is recorded, {found} is true"


def _ended(
    world: FaultEnvironment, account: AccountSnapshot, name: str, record: Record | None, before: Kept, operation: str
) -> Iterator[str]:
    if record is not None:
        yield f"E1 {operation} has left the record"
    yield from ENDED[operation](world, account, before)
    ours = _Ours(account, name)
    for kind in (ours.interfaces, ours.addresses, ours.live):
        for tagged in kind:
            yield f"E3 still tagged as the node's: {tagged}"


def unsettled(world: FaultEnvironment, before: Mapping[str, Kept], operation: str) -> Iterator[Problem]:
    """Run it once more: a replace would replace again, so that a resume stands in for it."""
    again = "resume" if operation in ("replace", *MOVES) else operation
    world.emulator.clear_calls()
    # A fleet at once, but instances are adopted one by one.
    for names in [[name] for name in before] if again == "adopt" else [list(before)]:
        for name, problem in world.failures(again, *names).items():
            yield name, f"I6 one more {again} fails: {problem}"
    for name, actions in _changes(world).items():
        for each in [name] if name in before else before:
            yield each, f"I6 one more {again} makes {', '.join(actions)}"
    if operation in ENDED:
        _put_away(world, before)


def _changes(world: FaultEnvironment) -> dict[str | None, list[str]]:
    """List the changing calls, by node; None where a call names no single one."""
    changes: dict[str | None, list[str]] = defaultdict(list)
    for call in world.emulator.calls(mutating=True):
        changes[call["node"]].append(call["action"])
    return changes


def _put_away(world: FaultEnvironment, before: Mapping[str, Kept]) -> None:
    account = look(world.emulator.client("ec2"))
    for each in before.values():
        put_away(world, account, each)
