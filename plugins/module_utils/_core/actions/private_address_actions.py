# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions on the further private and IPv6 addresses of the node's interface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from .base_action import Action, Phase
from .state import State, Unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignPrivateIpAddresses(Action):
    """Give the interface secondary private addresses: particular ones, or `count` more."""

    phase: Phase = "interface"
    action: ClassVar[str] = "assign_private_ip_addresses"
    private_ip_addresses: tuple[str, ...] = ()
    count: int = 0

    def after(self, state: State) -> State:
        """Interface and record have the addresses in addition."""
        present = state.network_interface.private_ip_addresses if state.network_interface else ()
        added = (*self.private_ip_addresses, *_chosen("further address", self.count))
        recorded = _joined(state.identity.private_ip_addresses, added)
        assigned = state.without_intent("AssignPrivateIpAddresses").with_recorded_interface(
            private_ip_addresses=recorded
        )
        return assigned.with_interface(private_ip_addresses=_joined(present, added))


@dataclass(frozen=True, kw_only=True, slots=True)
class UnassignPrivateIpAddresses(Action):
    """Take secondary private addresses from the interface."""

    phase: Phase = "interface"
    action: ClassVar[str] = "unassign_private_ip_addresses"
    private_ip_addresses: tuple[str, ...]

    def after(self, state: State) -> State:
        """Neither interface nor record has the addresses."""
        present = state.network_interface.private_ip_addresses if state.network_interface else ()
        recorded = _without(state.identity.private_ip_addresses, self.private_ip_addresses)
        left = _without(present, self.private_ip_addresses)
        return state.with_recorded_interface(private_ip_addresses=recorded).with_interface(private_ip_addresses=left)


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignIpv6Addresses(Action):
    """Give the interface IPv6 addresses: particular ones, or `count` more."""

    phase: Phase = "interface"
    action: ClassVar[str] = "assign_ipv6_addresses"
    ipv6_addresses: tuple[str, ...] = ()
    count: int = 0

    def after(self, state: State) -> State:
        """Interface and record have the addresses in addition."""
        present = state.network_interface.ipv6_addresses if state.network_interface else ()
        added = (*self.ipv6_addresses, *_chosen("further IPv6 address", self.count))
        recorded = _joined(state.identity.ipv6_addresses, added)
        assigned = state.without_intent("AssignIpv6Addresses").with_recorded_interface(ipv6_addresses=recorded)
        return assigned.with_interface(ipv6_addresses=_joined(present, added))


@dataclass(frozen=True, kw_only=True, slots=True)
class UnassignIpv6Addresses(Action):
    """Take IPv6 addresses from the interface."""

    phase: Phase = "interface"
    action: ClassVar[str] = "unassign_ipv6_addresses"
    ipv6_addresses: tuple[str, ...]

    def after(self, state: State) -> State:
        """Neither interface nor record has the addresses."""
        present = state.network_interface.ipv6_addresses if state.network_interface else ()
        recorded = _without(state.identity.ipv6_addresses, self.ipv6_addresses)
        left = _without(present, self.ipv6_addresses)
        return state.with_recorded_interface(ipv6_addresses=recorded).with_interface(ipv6_addresses=left)


def _chosen(label: str, count: int) -> tuple[str, ...]:
    return tuple(Unknown(f"{label} {number}") for number in range(count))


def _joined(present: Iterable[str], added: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*present, *added)))


def _without(present: Iterable[str], gone: Iterable[str]) -> tuple[str, ...]:
    return tuple(address for address in present if address not in set(gone))
