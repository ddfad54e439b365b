# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance, or a free interface, that is to become a node: what it is, and the record that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..configuration.options import merge_options
from ..model.config import Config, Subnet
from ..model.identity import Adoption, Identity, RecordedElasticIp
from ..model.observed import Association, Instance, NetworkInterface, Observed
from ..model.record import Record
from ..model.tags import PREFIX
from .discovered_identity import recorded_instance, recorded_interface

Options = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is to be adopted, by one of the ids, and what the user gives in place of what is found."""

    name: str
    instance_id: str | None = None
    network_interface_id: str | None = None
    accept_root_volume_loss: bool = False
    options: Options = field(default_factory=dict)

    @property
    def given(self) -> tuple[str, str]:
        """The option that says what to adopt, and its value."""
        if self.instance_id:
            return "instance_id", self.instance_id
        return "network_interface_id", self.network_interface_id or ""

    @property
    def launch(self) -> Options:
        """The launch settings that the user gives."""
        return {key: value for key, value in (self.options.get("launch") or {}).items() if value is not None}

    @property
    def gives_image(self) -> bool:
        """Whether the user says what the next instance boots."""
        return bool(self.launch.get("image_id") or self.launch.get("launch_template"))

    def is_of(self, adoption: Adoption | None) -> bool:
        """Whether an adoption is that of what this asks for."""
        if adoption is None:
            return False
        return self.given[1] in (adoption.instance_id, adoption.network_interface_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Adoptee:
    """What EC2 says of what is to be adopted; None or nothing for what it does not have.

    `network_interface` is the instance's primary one. `launch` are the instance's launch settings in the form of the
    option of that name. `operator` is the service that manages the instance or the interface.
    `spot_instance_request_id` is a persistent request that is not cancelled.
    """

    network_interface: NetworkInterface | None = None
    instance: Instance | None = None
    operator: str | None = None
    launch: dict[str, Any] = field(default_factory=dict)
    image_exists: bool = True
    placement_group: str | None = None
    root_volume_id: str | None = None
    other_interfaces: tuple[str, ...] = ()
    spot_instance_request_id: str | None = None

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the instance, or of a free interface."""
        thing = self.instance or self.network_interface
        return thing.tags if thing else {}

    @property
    def observed(self) -> Observed:
        """Show it as a node's."""
        return Observed(network_interface=self.network_interface, instance=self.instance, holder=self.instance)

    @property
    def elastic_ip(self) -> tuple[str | None, Association] | None:
        """The Elastic IP that becomes the node's, and the secondary address that it is on (None: the primary one)."""
        interface = self.network_interface
        secondary = interface.secondary_associations if interface else {}
        found = ((None, interface.association if interface else None), *secondary.items())
        persistent = ((on, item) for on, item in found if item and item.allocation_id)
        return next(persistent, None)

    @property
    def other_elastic_ips(self) -> tuple[str, ...]:
        """Further Elastic IPs of the interface, of which a node has one at the most."""
        own = self.elastic_ip
        present = self.network_interface.associations if self.network_interface else ()
        return tuple(item.public_ip for item in present if item.allocation_id and own and item != own[1])


def adopted_config(request: Request, adoptee: Adoptee, interface: NetworkInterface, subnet: Subnet | None) -> Config:
    """Merge what the user gives into what was found. Raises NodeError as merge_options does."""
    found = merge_options(request.name, None, _found_options(request, adoptee, interface, subnet))
    return merge_options(request.name, found, request.options)


def _found_options(
    request: Request, adoptee: Adoptee, interface: NetworkInterface, subnet: Subnet | None
) -> dict[str, Any]:
    primary, *secondary = interface.private_ip_addresses
    on, association = adoptee.elastic_ip or (None, None)
    return {
        "subnet_id": interface.subnet_id,
        "private_ip_address": primary,
        "secondary_private_ip_addresses": secondary,
        "ipv6_address_count": len(interface.ipv6_addresses),
        "elastic_ip": association and association.allocation_id,
        "elastic_ip_private_ip_address": on,
        "public_ip_assignment": _public_ip_assignment(interface, subnet),
        "security_groups": list(interface.security_groups),
        "source_dest_check": interface.source_dest_check,
        # A launch template that is given says all of it.
        "launch": {} if request.launch.get("launch_template") else {**adoptee.launch, "market": "spot"},
        "tags": {key: value for key, value in adoptee.tags.items() if not key.startswith((PREFIX, "aws:"))},
    }


def _public_ip_assignment(interface: NetworkInterface, subnet: Subnet | None) -> str:
    if interface.associations:
        return "enabled"
    return "disabled" if subnet and subnet.assigns_public_ip else "subnet_default"


def adopted_record(name: str, config: Config, adoptee: Adoptee, interface: NetworkInterface, subnet: Subnet) -> Record:
    """Compose the record: running with the instance, paused with a free interface."""
    instance = None
    if adoptee.instance:
        instance = recorded_instance(adoptee.instance, interface, 1, _launched(adoptee, config))
    adoption = Adoption(
        network_interface_id=interface.network_interface_id,
        instance_id=adoptee.instance.instance_id if adoptee.instance else None,
        delete_on_termination=bool(interface.attachment and interface.attachment.delete_on_termination),
        spot_instance_request_id=adoptee.spot_instance_request_id,
    )
    return Record(
        name=name,
        config=config,
        subnet=subnet,
        desired="running" if adoptee.instance else "paused",
        identity=Identity(
            interface=recorded_interface(interface, config),
            incarnation=1,
            elastic_ip=_recorded_elastic_ip(adoptee),
            instance=instance,
            generation=1 if instance else 0,
            adoption=adoption,
        ),
    )


def _recorded_elastic_ip(adoptee: Adoptee) -> RecordedElasticIp | None:
    if adoptee.elastic_ip is None:
        return None
    _on, association = adoptee.elastic_ip
    return RecordedElasticIp(
        allocation_id=association.allocation_id or "",
        association_id=association.association_id,
        public_ip=association.public_ip,
        allocated=True,
    )


def _launched(adoptee: Adoptee, config: Config) -> Config:
    return merge_options("", None, {"subnet_id": config.subnet_id, "launch": adoptee.launch})
