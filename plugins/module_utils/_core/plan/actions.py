# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be done to a node: each action is data, belongs to a phase, and says what it changes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from ..model.config import Candidate
from ..model.record import Desired
from ..model.serialization import to_dict

Phase = Literal["record", "interface", "elastic_ip", "prelaunch", "terminate", "launch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """Something that a plan wants done. Ids that are not known yet are None."""

    phase: Phase
    action: ClassVar[str]

    def public(self, name: str) -> dict[str, Any]:
        """Show the action as a module's result does."""
        values = {field.name: to_dict(getattr(self, field.name)) for field in fields(self)}
        return {"name": name, "action": self.action, **values}


@dataclass(frozen=True, kw_only=True, slots=True)
class SetDesired(Action):
    """Write down what the node should be from now on: `running` or `paused`.

    `running` is written when a resume begins (phase `record`), `paused` with the first termination of a pause, or at
    the end of its phase `terminate` where there is nothing to terminate.
    """

    phase: Phase = "record"
    action: ClassVar[str] = "set_desired"
    desired: Desired


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateNetworkInterface(Action):
    """Make the node's interface: the first one, or one in place of an interface that is lost."""

    phase: Phase = "interface"
    action: ClassVar[str] = "create_network_interface"
    subnet_id: str
    private_ip_address: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteNetworkInterface(Action):
    """Delete the node's interface, and with it its private addresses."""

    phase: Phase = "interface"
    action: ClassVar[str] = "delete_network_interface"
    network_interface_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateNextInterface(Action):
    """Make the interface that a change of address leads to, before anything is given up."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "create_next_network_interface"
    subnet_id: str
    private_ip_address: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscardNextInterface(Action):
    """Delete an interface that was made for a change of address which is not to be any more."""

    phase: Phase = "interface"
    action: ClassVar[str] = "discard_next_network_interface"
    network_interface_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SwapInterface(Action):
    """Make the next interface the node's own: from here on the old address is given up."""

    phase: Phase = "interface"
    action: ClassVar[str] = "swap_network_interface"
    network_interface_id: str | None
    private_ip_address: str | None
    replaces: str | None
    gives_up: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeletePreviousInterface(Action):
    """Delete the interface that a change of address left, once an instance runs on the other."""

    phase: Phase = "launch"
    action: ClassVar[str] = "delete_previous_network_interface"
    network_interface_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SetSecurityGroups(Action):
    """Give the interface exactly these security groups."""

    phase: Phase = "interface"
    action: ClassVar[str] = "set_security_groups"
    security_groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SetSourceDestCheck(Action):
    """Switch the source/destination check of the interface."""

    phase: Phase = "interface"
    action: ClassVar[str] = "set_source_dest_check"
    source_dest_check: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAssociatePublicIpAddress(Action):
    """Have EC2 lend the interface a public address while an instance runs on it, or not."""

    phase: Phase = "interface"
    action: ClassVar[str] = "set_associate_public_ip_address"
    associate_public_ip_address: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepOnTermination(Action):
    """Switch DeleteOnTermination off, so that the interface outlives its instance."""

    phase: Phase = "interface"
    action: ClassVar[str] = "keep_on_termination"
    attachment_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SetTags(Action):
    """Set and remove tags of the interface."""

    phase: Phase = "interface"
    action: ClassVar[str] = "set_tags"
    tags: dict[str, str]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignPrivateIpAddresses(Action):
    """Give the interface secondary private addresses: particular ones, or so many more."""

    phase: Phase = "interface"
    action: ClassVar[str] = "assign_private_ip_addresses"
    private_ip_addresses: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class UnassignPrivateIpAddresses(Action):
    """Take secondary private addresses from the interface."""

    phase: Phase = "interface"
    action: ClassVar[str] = "unassign_private_ip_addresses"
    private_ip_addresses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignIpv6Addresses(Action):
    """Give the interface IPv6 addresses: particular ones, or so many more."""

    phase: Phase = "interface"
    action: ClassVar[str] = "assign_ipv6_addresses"
    ipv6_addresses: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class UnassignIpv6Addresses(Action):
    """Take IPv6 addresses from the interface."""

    phase: Phase = "interface"
    action: ClassVar[str] = "unassign_ipv6_addresses"
    ipv6_addresses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AllocateAddress(Action):
    """Allocate the node an Elastic IP address of its own."""

    phase: Phase = "elastic_ip"
    action: ClassVar[str] = "allocate_address"


@dataclass(frozen=True, kw_only=True, slots=True)
class AssociateAddress(Action):
    """Associate the Elastic IP address with the interface: its primary private address unless another is named."""

    phase: Phase = "elastic_ip"
    action: ClassVar[str] = "associate_address"
    allocation_id: str | None
    network_interface_id: str | None
    private_ip_address: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DisassociateAddress(Action):
    """Take an Elastic IP address off the interface; it stays allocated."""

    phase: Phase = "elastic_ip"
    action: ClassVar[str] = "disassociate_address"
    allocation_id: str
    association_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseAddress(Action):
    """Give an Elastic IP address that we allocated back to Amazon, for good."""

    phase: Phase = "elastic_ip"
    action: ClassVar[str] = "release_address"
    allocation_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolveLaunch(Action):
    """Find out whether a launch that was about to be made was made, by making it again with its token."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "resolve_launch"
    generation: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TerminateInstance(Action):
    """Terminate the node's instance; its interface stays."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "terminate_instance"
    instance_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchInstance(Action):
    """Launch an instance on the interface, trying the candidates in order."""

    phase: Phase = "launch"
    action: ClassVar[str] = "launch_instance"
    candidates: tuple[Candidate, ...]
    network_interface_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StartInstance(Action):
    """Start the node's instance, which somebody stopped."""

    phase: Phase = "launch"
    action: ClassVar[str] = "start_instance"
    instance_id: str
