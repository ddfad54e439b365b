# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be true of a node, whatever was done to it: pure expectations, each told as a sentence where it is not met.

`ours` is what of EC2 belongs to the node: everything but what others are known to have made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import candidates
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Failure, Record

from .hand_overs import is_disposable
from .snapshot import AccountSnapshot, Described, ipv6_addresses, private_ips, tags_of

GENERATION = "stateful_node:generation"


@dataclass(frozen=True)
class Promised:
    """The identity that the node has been given, and so must keep; empty for what there is not yet."""

    network_interface_id: str | None = None
    private_ip_addresses: tuple[str, ...] = ()
    ipv6_addresses: tuple[str, ...] = ()
    allocation_id: str | None = None
    public_ip: str | None = None
    allocated: bool = False


def promised(record: Record, account: AccountSnapshot) -> Promised:
    """Say what the node is promised from now on; an interface that is gone cannot be kept."""
    identity = record.identity
    interface = account.interfaces.get(identity.network_interface_id or "")
    # What somebody took off the interface, or released, is lost; what went with the interface is wanted back.
    private = private_ips(interface) if interface else identity.private_ip_addresses
    ipv6 = ipv6_addresses(interface) if interface else identity.ipv6_addresses
    has_address = identity.allocation_id in account.addresses
    return Promised(
        identity.network_interface_id if interface else None,
        tuple(item for item in identity.private_ip_addresses if item in private),
        tuple(item for item in identity.ipv6_addresses if item in ipv6),
        identity.allocation_id if has_address else None,
        identity.public_ip if has_address else None,
        identity.elastic_ip is not None and identity.elastic_ip.allocated,
    )


def broken_promises(before: Promised, record: Record) -> Iterator[str]:
    """What of the identity was lost or changed."""
    identity = record.identity
    for name in ("network_interface_id", "allocation_id", "public_ip"):
        was, now = getattr(before, name), getattr(identity, name)
        if was is not None and was != now:
            yield f"{name} was {was} and is {now}"
    if before.private_ip_addresses[:1] not in ((), identity.private_ip_addresses[:1]):
        yield f"the private IP was {before.private_ip_addresses[0]} and is {identity.private_ip_address}"
    for name in ("private_ip_addresses", "ipv6_addresses"):
        if lost := set(getattr(before, name)) - set(getattr(identity, name)):
            yield f"{name} {sorted(lost)} were lost"


def without_surplus(before: Promised, record: Record) -> Promised:
    """Leave out of a promise what the configuration has taken back since: addresses that are not wanted any more."""
    config = record.wanted
    named = config.secondary_private_ip_addresses
    count = len(named) or config.secondary_private_ip_address_count
    secondary = before.private_ip_addresses[1:]
    kept = tuple(item for item in secondary if item in named) if named else secondary
    fewer = replace(
        before,
        private_ip_addresses=before.private_ip_addresses[:1] + kept[:count],
        ipv6_addresses=before.ipv6_addresses[: config.ipv6_address_count],
    )
    wanted = before.allocation_id if config.elastic_ip == "new" and before.allocated else config.elastic_ip
    return fewer if wanted == before.allocation_id else replace(fewer, allocation_id=None, public_ip=None)


def doubled(ours: AccountSnapshot, record: Record) -> Iterator[str]:
    """Instances of which there is one too many; true at any time. A hand-over has two, and knows both."""
    allowed = 1 + bool(beside(record) or (record.intent and record.intent.role == "standby"))
    if len(ours.live) > allowed:
        yield f"{len(ours.live)} instances live at once"
    generations = Counter(tags_of(item).get(GENERATION) for item in ours.instances.values())
    for generation, count in generations.items():
        if count > 1 and generation:
            yield f"generation {generation} has {count} instances"


def beside(record: Record) -> set[str]:
    """The instances that the record knows beside the node's own."""
    identity = record.identity
    return {instance.instance_id for instance in (identity.standby, identity.previous_instance) if instance}


def _lasting(interfaces: Described) -> set[str]:
    """The interfaces but for those that EC2 made with instances and deletes with them."""
    return {
        key
        for key, item in interfaces.items()
        if not (is_disposable(item) and item.get("Attachment", {}).get("InstanceId"))
    }


def leaked(ours: AccountSnapshot, record: Record) -> Iterator[str]:
    """What no record accounts for; true at any time, since an intent accounts for what may have been created."""
    identity, open_intent = record.identity, record.intent.action if record.intent else None
    expected = (
        ("CreateNetworkInterface", _lasting(ours.interfaces), {identity.network_interface_id}),
        ("AllocateAddress", ours.addresses, {identity.allocation_id, *identity.spare_allocation_ids}),
        ("RunInstances", ours.live, {identity.instance_id, *beside(record)}),
    )
    for action, found, recorded in expected:
        unknown = set(found) - recorded
        if len(unknown) > (open_intent == action):
            yield f"{action}: {sorted(unknown)} exist, recorded: {sorted(filter(None, recorded))}, intent {open_intent}"
    for key, request in ours.requests.items():
        if request["State"] in ("open", "active") and request.get("InstanceId") not in ours.live:
            yield f"spot request {key} is {request['State']} for {request.get('InstanceId')}"


def disturbed(before: AccountSnapshot, after: AccountSnapshot, theirs: Collection[str]) -> Iterator[str]:
    """What of others' things was changed."""
    for kind in ("interfaces", "addresses", "instances"):
        was, now = getattr(before.only(theirs), kind), getattr(after.only(theirs), kind)
        for key in was:
            if _shown(was[key]) != _shown(now.get(key, {})):
                yield f"{key}, which is somebody else's, changed from {was[key]} to {now.get(key)}"


def _shown(item: dict[str, object]) -> object:
    association = item.get("Association")
    public_ip = association.get("PublicIp") if isinstance(association, dict) else None
    return (item.get("State"), item.get("Status"), public_ip, item.get("TagSet"), item.get("Tags"))


def unsettled(ours: AccountSnapshot, record: Record, operation: str, given: Collection[str]) -> Iterator[str]:
    """What is not as it must be after an operation that went well; `given` are addresses of others on the interface."""
    # A pause has no phase that settles what is about addresses; its intent accounts for them until the next resume.
    in_the_way = record.intent and (operation != "pause" or record.intent.action == "RunInstances")
    if record.operation or in_the_way or record.unfinished:
        yield f"left open: {record.operation} {record.intent} {record.unfinished}"
    if beside(record):
        yield f"left of a hand-over: {beside(record)}"
    yield from _desired(ours, record, operation)
    interface = ours.interfaces.get(record.identity.network_interface_id or "")
    if interface is None:
        if operation != "pause":
            yield f"interface {record.identity.network_interface_id} does not exist"
        return
    holder = interface.get("Attachment", {}).get("InstanceId")
    if holder != record.identity.instance_id:
        yield f"{holder} holds the interface, {record.identity.instance_id} is recorded"
    if private_ips(interface)[0] != record.identity.private_ip_address:
        yield f"the interface has {private_ips(interface)[0]}, {record.identity.private_ip_address} is recorded"
    if operation != "pause":
        yield from _differences(interface, record, given)


def _desired(ours: AccountSnapshot, record: Record, operation: str) -> Iterator[str]:
    desired = "paused" if operation == "pause" else "running"
    states = [item["State"]["Name"] for item in ours.live.values()]
    if record.desired != desired:
        yield f"desired is {record.desired} after {operation}"
    if states != ["running"] * (desired == "running") or set(ours.live) != {record.identity.instance_id} - {None}:
        yield f"instances {list(ours.live)} are {states} after {operation}, {record.identity.instance_id} is recorded"


def _differences(interface: dict, record: Record, given: Collection[str]) -> Iterator[str]:
    """Where the interface differs from the configuration or the record."""
    config, identity, tags = record.config, record.identity, tags_of(interface)
    # One that an operation could not tell from its own, since it came while it was assigning some, is its own now.
    others = set(given) - set(identity.private_ip_addresses)
    private = tuple(item for item in private_ips(interface) if item not in others)
    ipv6 = ipv6_addresses(interface)
    count = len(config.secondary_private_ip_addresses) or config.secondary_private_ip_address_count
    wanted = config.security_groups
    pairs = (
        ("private addresses recorded", set(identity.private_ip_addresses), set(private)),
        ("private addresses wanted", count + 1, len(private)),
        ("named secondary addresses", set(config.secondary_private_ip_addresses) - set(private), set()),
        ("IPv6 addresses recorded", set(identity.ipv6_addresses), set(ipv6)),
        ("IPv6 addresses wanted", config.ipv6_address_count, len(ipv6)),
        ("security groups", set(wanted) or None, {item["GroupId"] for item in interface["Groups"]} if wanted else None),
        ("source/destination check", config.source_dest_check, interface["SourceDestCheck"]),
        ("DeleteOnTermination", False, interface["Attachment"]["DeleteOnTermination"]),
        ("tags", {**tags, "Name": record.name, **config.tags}, tags),
    )
    for what, expected, found in pairs:
        if expected != found:
            yield f"{what}: {expected} expected, {found} found"
    yield from _public_differences(interface, record)


def _public_differences(interface: dict, record: Record) -> Iterator[str]:
    config, identity = record.config, record.identity
    association = interface.get("Association", {})
    found = association.get("AllocationId")
    if config.elastic_ip and (found, association.get("PublicIp")) != (identity.allocation_id, identity.public_ip):
        yield f"Elastic IP {identity.allocation_id} {identity.public_ip} recorded, {association} found"
    if config.elastic_ip and association.get("AssociationId") != identity.association_id:
        yield f"association {identity.association_id} recorded, {association} found"
    if config.elastic_ip not in (None, "new", found):
        yield f"Elastic IP {config.elastic_ip} wanted, {found} found"
    if not config.elastic_ip and found in (identity.allocation_id, *identity.spare_allocation_ids) and found:
        yield f"no Elastic IP wanted, {found} found"


def obstacles(
    account: AccountSnapshot, record: Record, operation: str, theirs: Collection[str], *, no_capacity: Collection[str]
) -> list[tuple[str, ...]]:
    """Why the operation may not succeed now: for each reason what an error about it may name.

    `no_capacity` are the markets that have none.
    """
    found = list(_instance_obstacles(account, record, operation, theirs))
    if operation != "pause":
        found += [*_address_obstacles(account, record), *_elastic_ip_obstacles(account, record)]
        if all(candidate.market in no_capacity for candidate in candidates(record.config.launch)):
            found.append(("no candidate could be launched",))
    return found


def _instance_obstacles(
    account: AccountSnapshot, record: Record, operation: str, theirs: Collection[str]
) -> Iterator[tuple[str, ...]]:
    interface = account.interfaces.get(record.identity.network_interface_id or "", {})
    holder = interface.get("Attachment", {}).get("InstanceId")
    if holder in theirs and holder in account.live:
        yield (holder,)
    if operation == "replace" and record.desired != "running":
        yield ("no instance to replace",)
    if operation != "resume" and record.identity.instance_id in account.live:
        # Whether it is protected is not in what EC2 lists; only its refusal tells.
        yield ("OperationNotPermitted",)


def _address_obstacles(account: AccountSnapshot, record: Record) -> Iterator[tuple[str, ...]]:
    if record.identity.network_interface_id in account.interfaces:
        return
    needed = {*record.identity.private_ip_addresses, *record.config.secondary_private_ip_addresses,
              record.config.private_ip_address}  # fmt: skip
    for key, interface in account.interfaces.items():
        if interface["SubnetId"] == record.config.subnet_id and needed & set(private_ips(interface)):
            yield (key,)


def _elastic_ip_obstacles(account: AccountSnapshot, record: Record) -> Iterator[tuple[str, ...]]:
    config, identity = record.config, record.identity
    interface = account.interfaces.get(identity.network_interface_id or "", {})
    if not config.elastic_ip:
        return
    wanted = identity.allocation_id if config.elastic_ip == "new" else config.elastic_ip
    address = account.addresses.get(wanted or "")
    if wanted and address is None:
        yield (wanted,)
    elif address and address.get("NetworkInterfaceId") not in (None, "", identity.network_interface_id):
        yield (address["NetworkInterfaceId"],)
    association = interface.get("Association", {})
    if association.get("AllocationId") not in (None, wanted, identity.allocation_id):
        yield (association["PublicIp"],)


def misworded(name: str, failure: Failure) -> Iterator[str]:
    """What an error does not say, or should not say."""
    if name not in failure.message:
        yield f"the error does not name the node: {failure}"
    if not (failure.phase or failure.action):
        yield f"the error names neither phase nor action: {failure}"
    if not failure.next_command or name not in failure.next_command.names:
        yield f"the error names no next command: {failure}"
    if "Traceback" in failure.message or "has a defect" in failure.message:
        yield f"the error is for a programmer: {failure}"
