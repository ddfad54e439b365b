# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions by which a node changes its interface, and with it its private address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..model.identity import RecordedInterface, without_association
from .base_action import Action, Phase
from .interface_actions import new_interface
from .state import State, Unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateNextInterface(Action):
    """Make the interface that a change of address leads to, before anything is given up."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "create_next_network_interface"
    subnet_id: str
    private_ip_address: str | None = None

    def after(self, state: State) -> State:
        """The record knows the interface; nothing uses it yet."""
        incarnation = state.identity.incarnation + 1
        following = RecordedInterface(
            network_interface_id=Unknown(f"interface {incarnation}"),
            private_ip_addresses=(self.private_ip_address or Unknown("next address"),),
            subnet_id=self.subnet_id,
        )
        return state.without_intent("CreateNetworkInterface").with_identity(
            next_interface=following, incarnation=incarnation
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscardNextInterface(Action):
    """Delete an interface that was made for a change of address and is not needed any more."""

    phase: Phase = "interface"
    action: ClassVar[str] = "discard_next_network_interface"
    network_interface_id: str

    def after(self, state: State) -> State:
        """There is no next interface."""
        return state.with_identity(next_interface=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class SwapInterface(Action):
    """Make the next interface the node's own: from here on the old address is given up."""

    phase: Phase = "interface"
    action: ClassVar[str] = "swap_network_interface"
    network_interface_id: str | None
    private_ip_address: str | None
    replaces: str | None
    gives_up: str | None

    def after(self, state: State) -> State:
        """The next interface is the node's, and the one before is still to be deleted."""
        identity = state.identity
        following = identity.next_interface
        if following is None:
            return state
        swapped = state.with_identity(
            interface=following,
            next_interface=None,
            previous_interface=identity.interface,
            elastic_ip=without_association(identity.elastic_ip),
        )
        return swapped.with_observed(network_interface=new_interface(state.record, following))


@dataclass(frozen=True, kw_only=True, slots=True)
class DeletePreviousInterface(Action):
    """Delete the interface that a change of address left, once an instance runs on the other."""

    phase: Phase = "launch"
    action: ClassVar[str] = "delete_previous_network_interface"
    network_interface_id: str

    def after(self, state: State) -> State:
        """There is no previous interface."""
        return state.with_identity(previous_interface=None)
