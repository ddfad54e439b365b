# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lost record made anew, from what the interface's tags and EC2 tell. What nothing tells is an error, or said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..model.config import NEW_ADDRESS, Config, Subnet
from ..model.identity import Identity, RecordedElasticIp, RecordedInterface
from ..model.node_error import NodeError
from ..model.observed import Address, Instance, NetworkInterface
from ..model.record import Record
from ..model.tags import CONFIG, NAME, PREFIX, TABLE
from ..resources.applied import applied_options
from ..resources.config_tag import TaggedConfig
from ..resources.resource_text import describe_resource
from ..resources.tagged import Tagged, Thing, generation_of, id_of
from .discovered_identity import recorded_instance, recorded_interface
from .rebuild_rules import check_confirmed, check_counts, only, read_config_tag

Options = dict[str, Any]


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

    @property
    def resources(self) -> tuple[Thing, ...]:
        """All that the record would name, what ends first first."""
        instances = [self.instance] if self.instance else []
        return (*instances, self.interface, *self.addresses)

    @property
    def given_allocation_id(self) -> str | None:
        """The Elastic IP that the interface's tag asks for and that was not allocated for the node."""
        wanted = self.tagged.elastic_ip
        own = {address.allocation_id for address in self.addresses}
        return None if wanted in (None, NEW_ADDRESS, *own) else wanted


@dataclass(frozen=True, kw_only=True, slots=True)
class Launched:
    """Launch settings in the form of the option `launch`, as far as a running instance tells them."""

    options: Options = field(default_factory=dict)
    assumed: tuple[Assumption, ...] = ()


def find_remains(name: str, found: Tagged, holders: Mapping[str, Instance], confirmed: Collection[str] = ()) -> Remains:
    """Say which resources are the node's, of those that carry its tags and that `confirmed` names by their ids.

    `holders` are the instances, by their ids, that have the interfaces. Raises NodeError where there is no interface,
    where two resources claim to be the same part of the node, and unless each resource is confirmed: anyone who may tag
    resources can give tags.
    """
    found = found.lasting
    if not found.network_interfaces:
        raise NodeError("NothingToRebuild", f"{name}: no network interface carries its tags. Configure it again.")
    chosen = found.where(lambda thing: id_of(thing) in confirmed)
    chosen = chosen if chosen.network_interfaces else found
    interface: NetworkInterface = only(name, chosen.network_interfaces)
    instance = _find_instance(name, interface, chosen, found, holders)
    tagged = read_config_tag(name, interface)
    check_counts(name, interface, tagged)
    # One on the interface is not left out by mistake: the node would be given another one in its place.
    addresses = tuple(
        address
        for address in found.addresses
        if address in chosen.addresses or address.network_interface_id == interface.network_interface_id
    )
    remains = Remains(
        name=name,
        interface=interface,
        tagged=tagged,
        instance=instance,
        address=_find_address(name, interface, tagged, addresses),
        addresses=addresses,
    )
    check_confirmed(name, remains.resources, confirmed, remains.given_allocation_id)
    return remains


def _find_instance(
    name: str, interface: NetworkInterface, chosen: Tagged, found: Tagged, holders: Mapping[str, Instance]
) -> Instance | None:
    """Tell the node's instance, which is the one on its interface, whatever else carries the node's tags."""
    holder = holders.get(interface.holder or "")
    tagged_instances = {instance.instance_id for instance in found.instances}
    if holder and holder.is_live and holder.instance_id not in tagged_instances:
        raise NodeError(
            "NetworkInterfaceInUse",
            f"{name}: interface {interface.network_interface_id} is attached to instance {holder.instance_id}, which "
            "does not carry the node's tags. Terminate or detach it first.",
        )
    instance = next((item for item in found.instances if item.instance_id == interface.holder), None)
    if instance is None and chosen.instances:
        raise NodeError(
            "InstanceWithoutInterface",
            f"{name}: {'; '.join(describe_resource(item) for item in chosen.instances)} carry the node's tags and not "
            f"its interface {interface.network_interface_id}. Look what runs there. Delete what is the node's and not "
            "needed with the playbook stateful_node.aws.orphans, or rebuild the node without them: confirm the "
            "interface alone.",
        )
    return instance


def _find_address(
    name: str, interface: NetworkInterface, tagged: TaggedConfig, own: tuple[Address, ...]
) -> Address | None:
    present = {association.allocation_id for association in interface.associations}
    if tagged.elastic_ip is None:
        return None
    if tagged.elastic_ip != NEW_ADDRESS:
        return next((address for address in own if address.allocation_id == tagged.elastic_ip), None)
    candidates = tuple(address for address in own if address.allocation_id in present) or own
    return only(name, candidates) if candidates else None


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
    generation = generation_of(remains.instance) if remains.instance else 0
    instance = None
    if remains.instance:
        instance = recorded_instance(remains.instance, remains.interface, generation, config)
    identity = Identity(
        interface=_recorded_interface(remains, config),
        incarnation=1,
        elastic_ip=_recorded_elastic_ip(remains),
        spare_allocation_ids=_spare_allocation_ids(remains),
        instance=instance,
        generation=generation,
    )
    return Record(name=remains.name, config=config, subnet=subnet, desired=desired, identity=identity)  # type: ignore[arg-type]


def _recorded_interface(remains: Remains, config: Config) -> RecordedInterface:
    interface = remains.interface
    tagged = remains.tagged
    association = interface.association
    return replace(
        recorded_interface(interface, config),
        applied=applied_options(config),
        private_ip_addresses=interface.private_ip_addresses[: 1 + tagged.secondary],
        ipv6_addresses=interface.ipv6_addresses[: tagged.ipv6],
        associate_public_ip_address=association is not None and association.allocation_id is None,
    )


def _recorded_elastic_ip(remains: Remains) -> RecordedElasticIp | None:
    address = remains.address
    if address is None:
        return None
    is_on_interface = address.network_interface_id == remains.interface.network_interface_id
    is_own = address in remains.addresses
    if not is_on_interface and not is_own:
        # A wish of the configuration: the node is given it, if it is free, by the next operation.
        return None
    return RecordedElasticIp(
        allocation_id=address.allocation_id,
        association_id=address.association_id if is_on_interface else None,
        public_ip=address.public_ip,
        allocated=is_own,
    )


def _spare_allocation_ids(remains: Remains) -> tuple[str, ...]:
    own = {address.allocation_id for address in remains.addresses}
    current = remains.address.allocation_id if remains.address else None
    return tuple(sorted(own - {current}))
