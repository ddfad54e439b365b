# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: where EC2 differs from what the record promises, each difference with a name, a sentence and the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .observed import Observed
from .plan_elastic_ip import wanted_allocation_id
from .planner import DESIRED
from .record import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One difference. `degrades` says that the node needs attention."""

    reason: str
    message: str
    degrades: bool = True


def find_drift(record: Record, observed: Observed, now: int) -> tuple[Drift, ...]:
    """List how EC2 differs from the record; `now` is in seconds since the epoch.

    While an operation holds the node, differences are its business: only an expired lease is reported then.
    """
    if record.operation:
        return tuple(_lease_expired(record, now))
    checks: tuple[Callable[[Record, Observed], Iterator[Drift]], ...] = (_interface, _instance, _elastic_ip, _details)
    return tuple(drift for check in checks for drift in check(record, observed))


def _lease_expired(record: Record, now: int) -> Iterator[Drift]:
    operation = record.operation
    if operation and operation.expires_at <= now:
        playbook = operation.operation if operation.operation in DESIRED else "resume"
        yield Drift(
            reason="lease_expired",
            message=f"{operation.operation} {operation.id} of {operation.owner} was cut off. "
            f"Run the {playbook} playbook to finish it.",
        )


def _interface(record: Record, observed: Observed) -> Iterator[Drift]:
    identity, interface = record.identity, observed.network_interface
    if identity.network_interface_id and interface is None:
        yield Drift(
            reason="interface_missing",
            message=f"Interface {identity.network_interface_id} was deleted. Resume or replace the node: it is made "
            f"anew with {identity.private_ip_address} if that is still free.",
        )
    holder = observed.holder
    launching = record.intent is not None and record.intent.action == "RunInstances"
    if holder and holder.is_live and not launching and holder.instance_id != identity.instance_id:
        yield Drift(
            reason="interface_in_use_elsewhere",
            message=f"Instance {holder.instance_id}, which is not the node's, holds interface "
            f"{identity.network_interface_id}. Terminate it, then resume the node.",
        )
    if interface and identity.private_ip_address and interface.private_ip_addresses[0] != identity.private_ip_address:
        yield Drift(
            reason="address_changed",
            message=f"The interface has {interface.private_ip_addresses[0]} in place of {identity.private_ip_address}.",
        )


def _instance(record: Record, observed: Observed) -> Iterator[Drift]:
    if record.desired != "running":
        return
    instance, instance_id = observed.instance, record.identity.instance_id
    if instance and instance.state in ("stopping", "stopped"):
        yield Drift(reason="instance_stopped", message=f"Instance {instance_id} is stopped. Resume the node.")
    elif instance and instance.state_reason == "Server.SpotInstanceTermination":
        yield Drift(reason="interrupted", message=f"EC2 took spot instance {instance_id} back. Resume the node.")
    elif not instance or not instance.is_live:
        yield Drift(
            reason="instance_missing",
            message=f"The node should run, and {instance_id or 'no instance'} does not. Resume the node.",
        )


def _elastic_ip(record: Record, observed: Observed) -> Iterator[Drift]:
    wanted, address = wanted_allocation_id(record), observed.address
    if not wanted or wanted != record.identity.allocation_id or not record.identity.association_id:
        return
    if address is None or address.network_interface_id != record.identity.network_interface_id:
        where = (address.network_interface_id or "nothing") if address else "nothing, it was released"
        yield Drift(
            reason="elastic_ip_moved",
            message=f"Elastic IP {record.identity.public_ip} is on {where} and not on "
            f"{record.identity.network_interface_id}. Resume the node once it is free.",
        )


def _details(record: Record, observed: Observed) -> Iterator[Drift]:
    interface, wanted = observed.network_interface, record.config.security_groups
    if interface is None:
        return
    if interface.attachment and interface.attachment.delete_on_termination:
        yield Drift(
            reason="delete_on_termination_set",
            message=f"{interface.network_interface_id} would be deleted with its instance. Resume the node to "
            "protect it.",
        )
    if wanted and tuple(sorted(wanted)) != interface.security_groups:
        yield Drift(
            reason="security_groups_differ",
            message=f"The interface has {', '.join(interface.security_groups)}, the configuration "
            f"{', '.join(wanted)}. Resume the node to bring them in line.",
            degrades=False,
        )
