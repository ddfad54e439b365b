# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change of address: the next interface is made first, and the old one deleted only after the new instance runs.

An interface keeps its primary address and its subnet for life, so that another address is another interface. The swap
is the commit point: up to it the node goes back to what it has, after it only forward.
"""

from __future__ import annotations

from .actions import (
    Action,
    CreateNextInterface,
    DeletePreviousInterface,
    DiscardNextInterface,
    Phase,
    SwapInterface,
)
from .observed import Observed
from .record import NextInterface, Record


def wants_other_address(record: Record) -> bool:
    """Whether the configuration asks for an address or a subnet that the node's interface cannot have."""
    identity, wanted = record.identity, record.wanted
    if identity.private_ip_address is None:
        return False
    moves = wanted.subnet_id != (identity.subnet_id or wanted.subnet_id)
    return moves or wanted.private_ip_address not in (None, identity.private_ip_address)


def _is_allowed(record: Record) -> bool:
    """Whether this replace is to change the address; once it has begun to launch, that waits for the next one."""
    operation = record.operation
    if operation is None or operation.operation != "replace" or not operation.choices.allow_address_change:
        return False
    return record.identity.generation == operation.from_generation and wants_other_address(record)


def _fits(record: Record, following: NextInterface) -> bool:
    wanted = record.wanted
    has_address = wanted.private_ip_address in (None, following.private_ip_addresses[0])
    return has_address and following.subnet_id == wanted.subnet_id


def plan_next(record: Record, phase: Phase) -> tuple[Action, ...]:
    """Plan to make the next interface, or to delete one that leads nowhere any more."""
    allowed, following = _is_allowed(record), record.identity.next_interface
    if following and allowed and _fits(record, following):
        return ()
    subnet_id, private_ip_address = record.wanted.subnet_id, record.wanted.private_ip_address
    create = CreateNextInterface(phase=phase, subnet_id=subnet_id, private_ip_address=private_ip_address)
    return (*_plan_discard(following, phase), *((create,) if allowed else ()))


def _plan_discard(following: NextInterface | None, phase: Phase) -> tuple[Action, ...]:
    if following is None:
        return ()
    return (DiscardNextInterface(phase=phase, network_interface_id=following.network_interface_id),)


def plan_swap(record: Record, observed: Observed) -> tuple[Action, ...]:
    """Plan to make the next interface the node's own, now that no instance lives on the present one."""
    if not _is_allowed(record) or (observed.holder and observed.holder.is_live):
        return ()
    identity, following = record.identity, record.identity.next_interface
    swap = SwapInterface(
        network_interface_id=following.network_interface_id if following else None,
        private_ip_address=following.private_ip_addresses[0] if following else record.wanted.private_ip_address,
        replaces=identity.network_interface_id,
        gives_up=identity.private_ip_address,
    )
    return (swap,)


def plan_delete_previous(record: Record, phase: Phase) -> tuple[Action, ...]:
    """Plan to delete the interface that a change of address left."""
    previous = record.identity.previous_network_interface_id
    return (DeletePreviousInterface(phase=phase, network_interface_id=previous),) if previous else ()
