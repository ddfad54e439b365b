# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change of address: the next interface is made first, and the old one deleted only after the new instance runs.

An interface keeps its primary address and its subnet for life, so that another address is another interface. The swap
is the commit point: up to it the node goes back to what it has, after it only forward. A node that persists neither a
private nor a public address changes its interface with every new instance, in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..actions.address_change_actions import (
    CreateNextInterface,
    DeletePreviousInterface,
    DiscardNextInterface,
    SwapInterface,
)
from ..actions.base_action import Action, Phase
from ..model.config import Config
from ..model.identity import RecordedInterface
from ..model.observed import Observed
from ..model.record import Record
from .plan_addresses import refuse_taken


def wants_other_address(record: Record) -> bool:
    """Whether the configuration asks for an address or a subnet that the node's interface cannot have."""
    identity, wanted = record.identity, record.wanted
    if identity.private_ip_address is None:
        return False
    moves = wanted.subnet_id != (identity.subnet_id or wanted.subnet_id)
    return moves or wanted.private_ip_address not in (None, identity.private_ip_address)


def is_due(record: Record, observed: Observed) -> bool:
    """Whether this operation is to change the interface; once it has begun to launch, that waits for the next one."""
    operation, identity = record.operation, record.identity
    if operation is None or identity.private_ip_address is None or identity.generation != operation.from_generation:
        return False
    allowed = operation.choices.allow_address_change and wants_other_address(record)
    if operation.operation == "replace":
        return allowed or _wants_fresh_interface(record)
    if operation.operation != "resume" or has_live_instance(observed):
        return False
    # A launch that was not resolved may have made an instance that lives on the present interface.
    is_launching = record.intent is not None and record.intent.action == "RunInstances"
    return (allowed and not is_launching) or _wants_fresh_interface(record)


def has_live_instance(observed: Observed) -> bool:
    """Whether the node has an instance, which keeps a resume from changing the interface under it."""
    return observed.instance is not None and observed.instance.is_live


def kept_address_warnings(record: Record, observed: Observed, goal: str) -> tuple[str, ...]:
    """Say of a replace, or of a resume that launches, that the node keeps an address which is no longer configured."""
    launches = goal == "replace" or (goal == "resume" and not has_live_instance(observed))
    if not launches or not wants_other_address(record) or is_due(record, observed):
        return ()
    identity, wanted = record.identity, record.wanted
    address = wanted.private_ip_address if wanted.private_ip_address != identity.private_ip_address else None
    configured = f"{address or 'another address'} in {wanted.subnet_id}"
    kept = f"{identity.private_ip_address} in {identity.subnet_id or wanted.subnet_id}"
    way_out = f"To change it with the new instance, give {goal}_allow_address_change=true."
    return (f"{record.name}: {configured} is configured, and this {goal} keeps {kept}. {way_out}",)


def keeps_interface(config: Config) -> bool:
    """Whether the node keeps its interface when its instance is replaced: a private or a public address persists."""
    return bool(config.persist_private_ip or config.elastic_ip)


def _wants_fresh_interface(record: Record) -> bool:
    """Whether nothing of the interface persists; the one that this operation has left says that it has a fresh one."""
    wanted, identity = record.wanted, record.identity
    return not keeps_interface(wanted) and identity.previous_interface is None and identity.generation > 0


def _fits(record: Record, following: RecordedInterface) -> bool:
    wanted = record.wanted
    has_address = wanted.private_ip_address in (None, following.private_ip_address)
    return has_address and following.subnet_id == wanted.subnet_id


def plan_next(record: Record, observed: Observed, phase: Phase) -> Iterator[Action]:
    """Plan to make the next interface, or to delete one that leads nowhere any more."""
    due = is_due(record, observed)
    following = record.identity.next_interface
    if following and due and _fits(record, following):
        return

    subnet_id = record.wanted.subnet_id
    private_ip_address = record.wanted.private_ip_address
    if due:
        refuse_taken(record, observed, subnet_id, private_ip_address)
    if following:
        yield DiscardNextInterface(phase=phase, network_interface_id=following.network_interface_id)
    if due:
        yield CreateNextInterface(phase=phase, subnet_id=subnet_id, private_ip_address=private_ip_address)


def plan_swap(record: Record, observed: Observed) -> SwapInterface | None:
    """Plan to make the next interface the node's own, now that no instance lives on the present one."""
    if not is_due(record, observed) or (observed.holder and observed.holder.is_live):
        return None
    identity = record.identity
    following = identity.next_interface
    return SwapInterface(
        network_interface_id=following.network_interface_id if following else None,
        private_ip_address=following.private_ip_address if following else record.wanted.private_ip_address,
        replaces=identity.network_interface_id,
        gives_up=identity.private_ip_address,
    )


def plan_delete_previous(record: Record, phase: Phase) -> Iterator[Action]:
    """Plan to delete the interface that a change of address left."""
    previous = record.identity.previous_interface
    if previous:
        yield DeletePreviousInterface(phase=phase, network_interface_id=previous.network_interface_id)
