# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stays with a node, as its record has it: interfaces, an Elastic IP, and the instances that carry them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedInterface:
    """A network interface that belongs to the node."""

    #: Empty only in a plan, for an interface that EC2 has not made yet.
    network_interface_id: str
    #: Seconds since the epoch; 0 for one that was adopted or found again.
    created_at: int = 0
    #: The primary address, then the secondary ones that are the node's.
    private_ip_addresses: tuple[str, ...] = ()
    ipv6_addresses: tuple[str, ...] = ()
    subnet_id: str | None = None
    availability_zone: str | None = None
    #: The keys of the tags that it was given from the configuration: one that is dropped there is removed here.
    tag_keys: tuple[str, ...] = ()
    #: Whether EC2 assigns a public address by itself. EC2 does not show this in its reads.
    associate_public_ip_address: bool = False
    #: The options that it was last brought in line with.
    applied: dict[str, Any] = field(default_factory=dict)

    @property
    def private_ip_address(self) -> str | None:
        """The primary address; None only in a plan, where EC2 has not chosen it yet."""
        return self.private_ip_addresses[0] if self.private_ip_addresses else None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedInstance:
    """An instance that carries the node, is about to, or did."""

    instance_id: str
    #: Which launch of the node this was, counted from 1.
    generation: int = 0
    #: Seconds since the epoch; 0 where it is not known.
    launched_at: int = 0
    instance_type: str | None = None
    market: str | None = None
    #: How it was launched, as results show it.
    launch: dict[str, Any] = field(default_factory=dict)
    #: Where it has, or is to have, the node's interface; None: at device 0, from the launch to the end.
    device_index: int | None = None
    #: What it has at device 0 where that is not the node's interface: EC2 made it and deletes it with the instance.
    primary_network_interface_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedElasticIp:
    """The Elastic IP address of the node."""

    allocation_id: str
    public_ip: str | None = None
    #: Set while it is associated with the node's interface.
    association_id: str | None = None
    #: Whether it is the node's own, allocated for it or adopted with it, and not one that the user gave to it.
    allocated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Adoption:
    """What the adoption of the node found and a later operation has to put back or to end."""

    network_interface_id: str
    #: None where a free interface was adopted.
    instance_id: str | None = None
    delete_on_termination: bool = False
    #: A persistent request, which would launch another instance after the node's has ended; None once it is cancelled.
    spot_instance_request_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchAttempt:
    """A way to launch that was tried: why it failed, or, without a code, that it is the one that was chosen."""

    instance_type: str | None = None
    market: str
    message: str
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What stays with the node, and which instance carries it now. Times are seconds since the epoch."""

    #: The interface that the node has.
    interface: RecordedInterface | None = None
    #: The one that a change of address leads to: the node's own once the instance on the present one has ended.
    next_interface: RecordedInterface | None = None
    #: The one that a change of address left. It is deleted once an instance runs on the other.
    previous_interface: RecordedInterface | None = None
    elastic_ip: RecordedElasticIp | None = None
    #: Elastic IP addresses that were allocated for the node and then exchanged for others.
    spare_allocation_ids: tuple[str, ...] = ()
    #: The instance that carries the node.
    instance: RecordedInstance | None = None
    #: One that was launched in addition, to take the place of `instance`.
    standby: RecordedInstance | None = None
    #: One whose place was taken and that is still to be terminated.
    previous_instance: RecordedInstance | None = None
    #: How many interfaces were made, or were about to be.
    incarnation: int = 0
    #: How many instances were launched, or were about to be.
    generation: int = 0
    #: The ways to launch that were tried for the latest generation.
    launch_attempts: tuple[LaunchAttempt, ...] = ()
    #: When the node's instance began to end; None once another one runs.
    out_of_service_since: int | None = None
    #: How long the latest time without an instance took.
    seconds_out_of_service: int | None = None
    adoption: Adoption | None = None

    # Callers that only need an id or an address do not have to ask first whether there is an interface or an instance.

    @property
    def network_interface_id(self) -> str | None:
        """The id of the node's interface."""
        return (self.interface.network_interface_id or None) if self.interface else None

    @property
    def private_ip_address(self) -> str | None:
        """The primary private address."""
        return self.interface.private_ip_address if self.interface else None

    @property
    def private_ip_addresses(self) -> tuple[str, ...]:
        """The primary private address, then the secondary ones that are the node's."""
        return self.interface.private_ip_addresses if self.interface else ()

    @property
    def ipv6_addresses(self) -> tuple[str, ...]:
        """The IPv6 addresses that are the node's."""
        return self.interface.ipv6_addresses if self.interface else ()

    @property
    def subnet_id(self) -> str | None:
        """The subnet of the interface."""
        return self.interface.subnet_id if self.interface else None

    @property
    def availability_zone(self) -> str | None:
        """The Availability Zone of the interface."""
        return self.interface.availability_zone if self.interface else None

    @property
    def allocation_id(self) -> str | None:
        """The id of the Elastic IP address."""
        return self.elastic_ip.allocation_id if self.elastic_ip else None

    @property
    def association_id(self) -> str | None:
        """The association of the Elastic IP with the interface, while there is one."""
        return self.elastic_ip.association_id if self.elastic_ip else None

    @property
    def public_ip(self) -> str | None:
        """The address of the Elastic IP."""
        return self.elastic_ip.public_ip if self.elastic_ip else None

    @property
    def instance_id(self) -> str | None:
        """The id of the instance that carries the node."""
        return self.instance.instance_id if self.instance else None

    @property
    def instance_generation(self) -> int:
        """The generation of the instance that carries the node; 0 without one."""
        return self.instance.generation if self.instance else 0

    @property
    def device_index(self) -> int | None:
        """Where the instance has the interface; None: at device 0, or no instance."""
        return self.instance.device_index if self.instance else None


def recorded_instances(identity: Identity) -> tuple[RecordedInstance, ...]:
    """List the node's instance, its standby, and the one whose place was taken, as far as there are such."""
    instances = (identity.instance, identity.standby, identity.previous_instance)
    return tuple(instance for instance in instances if instance)


def without_association(elastic_ip: RecordedElasticIp | None) -> RecordedElasticIp | None:
    """Show an Elastic IP, if there is one, once its association has ended."""
    return replace(elastic_ip, association_id=None) if elastic_ip else None


def promoted(identity: Identity) -> Identity:
    """Show the identity once the standby is the node's instance; the one before is still to be terminated."""
    standby = identity.standby
    if standby is None:
        return identity
    return replace(identity, instance=standby, standby=None, previous_instance=identity.instance)
