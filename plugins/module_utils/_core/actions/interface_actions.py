# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions on the node's network interface as a whole: it is created, switched, tagged and deleted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ..model.identity import RecordedInterface, without_association
from ..model.observed import NetworkInterface
from ..model.record import Record
from ..model.tags import NAME
from .base_action import Action, Phase
from .state import State, Unknown
from .wanted_addresses import kept_ipv6_addresses, kept_secondary_addresses


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateNetworkInterface(Action):
    """Make the node's interface: the first one, or one in place of an interface that is lost."""

    phase: Phase = "interface"
    action: ClassVar[str] = "create_network_interface"
    subnet_id: str
    private_ip_address: str | None = None
    replaces: str | None = None

    def after(self, state: State) -> State:
        """There is an interface, with the addresses that one call can ask for."""
        incarnation = state.identity.incarnation + 1
        recorded = RecordedInterface(
            network_interface_id=Unknown(f"interface {incarnation}"),
            private_ip_addresses=_private_addresses(state.record, self.private_ip_address),
            ipv6_addresses=_ipv6_addresses(state.record),
            subnet_id=self.subnet_id,
            tag_keys=tuple(sorted(state.record.wanted.tags)),
        )
        elastic_ip = without_association(state.identity.elastic_ip)
        created = state.without_intent("CreateNetworkInterface")
        created = created.with_identity(interface=recorded, incarnation=incarnation, elastic_ip=elastic_ip)
        return created.with_observed(network_interface=new_interface(state.record, recorded))


def _private_addresses(record: Record, primary: str | None) -> tuple[str, ...]:
    kept = kept_secondary_addresses(record)
    if kept and primary:
        return (primary, *kept)
    # EC2 chooses no primary address next to named secondary ones: those are assigned afterwards.
    count = record.wanted.secondary_private_ip_address_count
    chosen = (Unknown(f"secondary address {number}") for number in range(count))
    return (primary or Unknown("primary address"), *chosen)


def _ipv6_addresses(record: Record) -> tuple[str, ...]:
    if kept := kept_ipv6_addresses(record):
        return kept
    return tuple(Unknown(f"IPv6 address {number}") for number in range(record.wanted.ipv6_address_count))


def new_interface(record: Record, recorded: RecordedInterface) -> NetworkInterface:
    """Predict how EC2 shows an interface that was made for the node a moment ago."""
    wanted = record.wanted
    return NetworkInterface(
        network_interface_id=recorded.network_interface_id,
        subnet_id=recorded.subnet_id or wanted.subnet_id,
        availability_zone=recorded.availability_zone or record.subnet.availability_zone,
        status="available",
        private_ip_addresses=recorded.private_ip_addresses,
        ipv6_addresses=recorded.ipv6_addresses,
        security_groups=tuple(sorted(wanted.security_groups)),
        tags={"Name": record.name, **wanted.tags, NAME: record.name},
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteNetworkInterface(Action):
    """Delete the node's interface, and with it its private addresses."""

    phase: Phase = "interface"
    action: ClassVar[str] = "delete_network_interface"
    network_interface_id: str | None

    def after(self, state: State) -> State:
        """The node has no interface, and its Elastic IP is associated with nothing."""
        deleted = state.with_identity(interface=None, elastic_ip=without_association(state.identity.elastic_ip))
        return deleted.without_intent("CreateNetworkInterface").with_observed(network_interface=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class SetSecurityGroups(Action):
    """Give the interface exactly these security groups."""

    phase: Phase = "interface"
    action: ClassVar[str] = "set_security_groups"
    security_groups: tuple[str, ...]

    def after(self, state: State) -> State:
        """The interface has the groups."""
        return state.with_interface(security_groups=self.security_groups)


@dataclass(frozen=True, kw_only=True, slots=True)
class SetSourceDestCheck(Action):
    """Switch the source/destination check of the interface."""

    phase: Phase = "interface"
    action: ClassVar[str] = "set_source_dest_check"
    source_dest_check: bool

    def after(self, state: State) -> State:
        """The check is switched."""
        return state.with_interface(source_dest_check=self.source_dest_check)


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAssociatePublicIpAddress(Action):
    """Have EC2 assign the interface a public address while an instance runs on it, or not."""

    phase: Phase = "interface"
    action: ClassVar[str] = "set_associate_public_ip_address"
    associate_public_ip_address: bool

    def after(self, state: State) -> State:
        """The record has the switch; EC2 does not show it."""
        return state.with_recorded_interface(associate_public_ip_address=self.associate_public_ip_address)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepOnTermination(Action):
    """Switch DeleteOnTermination off, so that the interface outlives its instance."""

    phase: Phase = "interface"
    action: ClassVar[str] = "keep_on_termination"
    attachment_id: str

    def after(self, state: State) -> State:
        """The attachment is switched."""
        return with_delete_on_termination(state, value=False)


def with_delete_on_termination(state: State, *, value: bool) -> State:
    """Predict the node with the attachment of its interface switched."""
    interface = state.network_interface
    if interface is None or interface.attachment is None:
        return state
    return state.with_interface(attachment=replace(interface.attachment, delete_on_termination=value))


@dataclass(frozen=True, kw_only=True, slots=True)
class SetTags(Action):
    """Set and remove tags of the interface."""

    phase: Phase = "interface"
    action: ClassVar[str] = "set_tags"
    tags: dict[str, str]
    removed: tuple[str, ...] = ()

    def after(self, state: State) -> State:
        """The interface has the tags, and the record knows which of them are the configuration's."""
        interface = state.network_interface
        present = interface.tags if interface else {}
        left = {key: value for key, value in present.items() if key not in self.removed}
        tagged = state.with_interface(tags={**left, **self.tags})
        return tagged.with_recorded_interface(tag_keys=tuple(sorted(state.record.wanted.tags)))
