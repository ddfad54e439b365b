# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lost record made anew, from what the interface's tags and EC2 tell. What nothing tells is an error, or said."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .commands import Command
from .config import NEW_ADDRESS, Config, Subnet
from .config_tag import TaggedConfig, config_tag, parse_config_tag
from .errors import NodeError
from .found import identity_of_instance, identity_of_interface
from .observed import Address, Instance, NetworkInterface
from .record import Identity, Record
from .tagged import Tagged, id_of
from .tags import CONFIG, GENERATION, NAME, PREFIX, TABLE

Options = dict[str, Any]

WAY_TO_DELETE = (
    "Find out which is not the node's, delete it with the playbook orphans, naming its id, and rebuild the node then."
)
"""The command that goes with it names none of them: the node's own is among them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumption:
    """An option of the configuration that EC2 does not tell for sure, what was taken for it, and why."""

    option: str
    value: Any
    why: str


NOT_TOLD = tuple(
    Assumption(option=option, value=getattr(Config(subnet_id=""), option), why="nothing but the lost record told it")
    for option in ("rebalance", "auto_heal", "unhealthy_after")
)
"""What a rebuilt configuration has by default, as it shows in nothing of EC2's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Remains:
    """What is left of a node, each part of it without doubt; `tagged` is what the interface says of the options.

    `addresses` are the Elastic IP addresses that were allocated for the node. `address` is the one that it has, or is
    to have.
    """

    name: str
    interface: NetworkInterface
    tagged: TaggedConfig
    instance: Instance | None = None
    address: Address | None = None
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Launched:
    """Launch settings in the form of the option `launch`, as far as a running instance tells them."""

    options: Options = field(default_factory=dict)
    assumed: tuple[Assumption, ...] = ()


def find_remains(name: str, found: Tagged, holder: Instance | None) -> Remains:
    """Say which things are the node's. `holder` is the instance on the interface, whosever it is.

    Raises NodeError where there is no interface, or where two things claim to be the same part of the node.
    """
    found = found.lasting
    interface = _only(name, found.network_interfaces)
    instances = found.instances
    if interface is None:
        raise NodeError("NothingToRebuild", f"{name}: no network interface carries the node's tags. Configure it anew.")
    if holder and holder.is_live and holder.instance_id not in {instance.instance_id for instance in instances}:
        raise NodeError(
            "NetworkInterfaceInUse",
            f"{name}: interface {interface.network_interface_id} is attached to instance {holder.instance_id}, which "
            "does not carry the node's tags. Terminate or detach it first.",
        )
    instance = _only(name, instances)
    if instance and interface.holder != instance.instance_id:
        raise NodeError(
            "InstanceWithoutInterface",
            f"{name}: instance {instance.instance_id} carries the node's tags and not its interface "
            f"{interface.network_interface_id}. {WAY_TO_DELETE}",
            next_command=Command(playbook="orphans"),
        )
    tagged = _read_tag(name, interface)
    _check_counts(name, interface, tagged)
    address = _find_address(name, interface, tagged, found.addresses)
    return Remains(
        name=name, interface=interface, tagged=tagged, instance=instance, address=address, addresses=found.addresses
    )


def _only(name: str, found: tuple[Any, ...]) -> Any:
    if len(found) > 1:
        listed = ", ".join(id_of(thing) for thing in found)
        raise NodeError(
            "ClaimedTwice",
            f"{name}: {listed} each claim to be the node's, by their tags. {WAY_TO_DELETE}",
            next_command=Command(playbook="orphans"),
        )
    return found[0] if found else None


def _read_tag(name: str, interface: NetworkInterface) -> TaggedConfig:
    tagged = parse_config_tag(interface.tags.get(CONFIG, ""))
    if tagged:
        return tagged
    association = interface.association
    example = Config(
        subnet_id=interface.subnet_id,
        secondary_private_ip_address_count=len(interface.private_ip_addresses) - 1,
        ipv6_address_count=len(interface.ipv6_addresses),
        elastic_ip=association.allocation_id if association else None,
    )
    interface_id, value = interface.network_interface_id, config_tag(example)
    raise NodeError(
        "ConfigTagMissing",
        f"{name}: interface {interface_id} has no tag {CONFIG} that could be read. Nothing else tells "
        "persist_private_ip, whether private and secondary addresses are particular ones, how many there are to be, "
        "public_ip_assignment and elastic_ip. Give the tag these, and rebuild the node then: aws ec2 create-tags "
        f"--resources {interface_id} --tags {shlex.quote(f'Key={CONFIG},Value={value}')}",
    )


def _check_counts(name: str, interface: NetworkInterface, tagged: TaggedConfig) -> None:
    """Raise NodeError where the interface has more addresses than the node's: which are its own is not known."""
    secondary, ipv6 = len(interface.private_ip_addresses) - 1, len(interface.ipv6_addresses)
    wrong = secondary != tagged.secondary if tagged.named else secondary > tagged.secondary > 0
    for kind, is_wrong, present, wanted in (
        ("secondary private", wrong, secondary, tagged.secondary),
        ("IPv6", ipv6 > tagged.ipv6 > 0, ipv6, tagged.ipv6),
    ):
        if is_wrong:
            raise NodeError(
                "AddressesUnclear",
                f"{name}: interface {interface.network_interface_id} has {present} {kind} addresses, and the node's "
                f"are {wanted}, as its tag {CONFIG} says. Unassign or assign the others, or correct the tag.",
            )


def _find_address(
    name: str, interface: NetworkInterface, tagged: TaggedConfig, own: tuple[Address, ...]
) -> Address | None:
    present = {association.allocation_id for association in interface.associations}
    if tagged.elastic_ip is None:
        return None
    if tagged.elastic_ip != NEW_ADDRESS:
        return next((address for address in own if address.allocation_id == tagged.elastic_ip), None)
    candidates = tuple(address for address in own if address.allocation_id in present) or own
    found: Address | None = _only(name, candidates)
    return found


def rebuilt_options(remains: Remains, launched: Launched) -> Options:
    """Compose the options of stateful_node_config that the node had, but for what the user gives."""
    interface, tagged = remains.interface, remains.tagged
    primary, *secondary = interface.private_ip_addresses
    return {
        "subnet_id": interface.subnet_id,
        "persist_private_ip": tagged.persist,
        "private_ip_address": primary if tagged.pinned else None,
        "secondary_private_ip_addresses": secondary if tagged.named else None,
        "secondary_private_ip_address_count": None if tagged.named else tagged.secondary,
        "ipv6_address_count": tagged.ipv6,
        "elastic_ip": tagged.elastic_ip,
        "elastic_ip_private_ip_address": tagged.on,
        "public_ip_assignment": tagged.public_ip,
        "handover": tagged.handover,
        "security_groups": list(interface.security_groups),
        "source_dest_check": interface.source_dest_check,
        "launch": launched.options,
        "tags": _user_tags(remains.name, interface.tags),
    }


def _user_tags(name: str, tags: Mapping[str, str]) -> dict[str, str]:
    own = {TABLE, NAME, CONFIG}
    return {
        key: value
        for key, value in tags.items()
        if key not in own and not key.startswith((PREFIX, "aws:")) and (key, value) != ("Name", name)
    }


def rebuilt_record(remains: Remains, config: Config, subnet: Subnet) -> Record:
    """Compose the record: running with its instance, paused without one."""
    desired = "running" if remains.instance else "paused"
    identity = Identity(
        **_of_interface(remains, config),
        **_of_address(remains),
        **identity_of_instance(remains.instance, remains.interface, _generation(remains.instance), config),
    )
    return Record(name=remains.name, config=config, subnet=subnet, desired=desired, identity=identity)  # type: ignore[arg-type]


def _of_interface(remains: Remains, config: Config) -> dict[str, Any]:
    interface, tagged = remains.interface, remains.tagged
    association = interface.association
    return {
        **identity_of_interface(interface, config),
        "private_ip_addresses": interface.private_ip_addresses[: 1 + tagged.secondary],
        "ipv6_addresses": interface.ipv6_addresses[: tagged.ipv6],
        "associate_public_ip_address": association is not None and association.allocation_id is None,
    }


def _of_address(remains: Remains) -> dict[str, Any]:
    address, own = remains.address, {address.allocation_id for address in remains.addresses}
    spare = tuple(sorted(own - {address.allocation_id if address else ""}))
    if address is None:
        return {"spare_allocation_ids": spare}
    on_interface = address.network_interface_id == remains.interface.network_interface_id
    is_own = address.allocation_id in own
    if not on_interface and not is_own:
        # A wish of the configuration: the node is given it, if it is free, by the next operation.
        return {"spare_allocation_ids": spare}
    return {
        "allocation_id": address.allocation_id,
        "association_id": address.association_id if on_interface else None,
        "public_ip": address.public_ip,
        "allocated": is_own,
        "spare_allocation_ids": spare,
    }


def _generation(instance: Instance | None) -> int:
    return int(instance.tags.get(GENERATION) or 1) if instance else 0
