# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: where EC2 differs from what the record promises, each difference with a name, a sentence and the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .leases import DEFAULT_TABLE, finishing_options, orphans_command, playbook_command
from .observed import Address, Observed
from .plan_elastic_ip import wanted_allocation_id
from .plan_hand_over import caught_up, direct_intent, is_left
from .planner import DESIRED
from .record import Operation, Record
from .tagged import Tagged, id_of

DESTRUCTIVE = ("adopt", "delete")
"""Operations whose playbooks want more of the user than the node's name, so that nothing else finishes them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One difference. `degrades`: the node needs attention. `repairable`: the repair playbook mends it by itself."""

    reason: str
    message: str
    degrades: bool = True
    repairable: bool = True


def find_drift(record: Record, observed: Observed, now: int, table: str = DEFAULT_TABLE) -> tuple[Drift, ...]:
    """List how EC2 differs from the record; `now` is in seconds since the epoch.

    While an operation holds the node, differences are its business: only an expired lease is reported then.
    """
    if record.operation:
        return tuple(_lease_expired(record, now, table))
    record, observed = caught_up(record, observed)
    checks: tuple[Callable[[Record, Observed, str], Iterator[Drift]], ...] = (
        _interface,
        _instance,
        _detached,
        _hand_over,
        _two_instances,
        _elastic_ip,
        _details,
    )
    return tuple(drift for check in checks for drift in check(record, observed, table))


def record_missing(name: str, remains: Tagged, table: str) -> Drift:
    """Say that things are left of a node which has no record (any more)."""
    found = ", ".join(id_of(thing) for thing in remains.things)
    rebuilding = playbook_command("repair", name, table, "-e repair_rebuild=true")
    rebuild = f"Rebuild the record: {rebuilding}. Or delete" if remains.network_interfaces else "Delete"
    return Drift(
        reason="record_missing",
        message=f"Table {table} has no record of the node, and {found} carry its name. {rebuild} what you do not need: "
        f"{orphans_command(table, found.replace(' ', ''))}",
        repairable=False,
    )


def _resume_or_repair(record: Record, table: str) -> str:
    """Say how the node is mended without starting one that is paused."""
    if record.desired == "running":
        return f"Resume the node: {playbook_command('resume', record.name, table)}"
    return f"Repair the node: {playbook_command('repair', record.name, table)}"


def _lease_expired(record: Record, now: int, table: str) -> Iterator[Drift]:
    held = record.operation
    if held is None or held.expires_at > now:
        return
    way_out, repairable = _way_to_finish(record, held, table)
    yield Drift(
        reason="lease_expired",
        message=f"{held.operation} {held.id} of {held.owner} was cut off. {way_out}",
        repairable=repairable,
    )


def _way_to_finish(record: Record, held: Operation, table: str) -> tuple[str, bool]:
    name, operation = record.name, held.operation
    if operation in (*DESIRED, *DESTRUCTIVE):
        given = finishing_options(name, operation, held.choices, record.identity.adoption)
        command = playbook_command(operation, name, table, *given)
        return f"Run the {operation} playbook to finish it: {command}", operation not in DESTRUCTIVE
    if operation.endswith("_absent"):
        return "Run the task again that called the module.", False
    return f"Run the repair playbook to finish it: {playbook_command('repair', name, table)}", True


def _interface(record: Record, observed: Observed, table: str) -> Iterator[Drift]:
    identity, interface = record.identity, observed.network_interface
    if identity.network_interface_id and interface is None:
        yield Drift(
            reason="interface_missing",
            message=f"Interface {identity.network_interface_id} was deleted. It is made anew with "
            f"{identity.private_ip_address} if that is still free. {_resume_or_repair(record, table)}",
        )
    holder = observed.holder
    own = (identity.instance_id, identity.previous_instance_id)
    if holder and holder.is_live and not direct_intent(record) and holder.instance_id not in own:
        yield Drift(
            reason="interface_in_use_elsewhere",
            message=f"Instance {holder.instance_id}, which is not the node's, holds interface "
            f"{identity.network_interface_id}. Terminate it yourself, then repair the node: "
            f"{playbook_command('repair', record.name, table)}",
            repairable=False,
        )
    if interface and identity.private_ip_address and interface.private_ip_addresses[0] != identity.private_ip_address:
        yield _address_changed(record, interface.private_ip_addresses[0], table)


def _address_changed(record: Record, present: str, table: str) -> Drift:
    rebuilding = playbook_command("repair", record.name, table, "-e repair_rebuild=true")
    return Drift(
        reason="address_changed",
        message=f"The interface has {present} in place of {record.identity.private_ip_address}. EC2 never changes that "
        "of an interface, so the record is from another time. Restore the right one, or delete the item "
        f"{record.name} from table {table} and rebuild it: {rebuilding}",
        repairable=False,
    )


def _instance(record: Record, observed: Observed, table: str) -> Iterator[Drift]:
    if record.desired != "running":
        return
    instance, instance_id = observed.instance, record.identity.instance_id
    way_out = _resume_or_repair(record, table)
    if instance and instance.state in ("stopping", "stopped"):
        yield Drift(reason="instance_stopped", message=f"Instance {instance_id} is stopped. {way_out}")
    elif instance and instance.state_reason == "Server.SpotInstanceTermination":
        yield Drift(reason="interrupted", message=f"EC2 took spot instance {instance_id} back. {way_out}")
    elif not instance or not instance.is_live:
        lacks = f"{instance_id} does not" if instance_id else "has no instance"
        yield Drift(reason="instance_missing", message=f"The node should run, and {lacks}. {way_out}")


def _detached(record: Record, observed: Observed, table: str) -> Iterator[Drift]:
    """An instance that has the interface at device 1 can lose it, and runs on."""
    instance, interface = observed.instance, observed.network_interface
    if record.desired != "running" or not record.identity.device_index or not instance or not interface:
        return
    if instance.state == "running" and interface.attachment is None:
        yield Drift(
            reason="interface_detached",
            message=f"Instance {instance.instance_id} runs without the node's interface "
            f"{interface.network_interface_id}, which is attached to nothing. {_resume_or_repair(record, table)}",
        )


def _hand_over(record: Record, _observed: Observed, table: str) -> Iterator[Drift]:
    identity = record.identity
    if not is_left(record):
        return
    other = identity.standby.instance_id if identity.standby else identity.previous_instance_id
    beside = f"instance {other} is recorded beside {identity.instance_id}" if other else "a launch is not resolved"
    yield Drift(
        reason="hand_over_unfinished",
        message=f"A replace was cut off: {beside}. Replace the node again to go on with it: "
        f"{playbook_command('replace', record.name, table)}. Or leave it at one instance. "
        f"{_resume_or_repair(record, table)}",
    )


def _two_instances(record: Record, observed: Observed, table: str) -> Iterator[Drift]:
    others = [instance.instance_id for instance in observed.others]
    if others:
        own = record.identity.instance_id
        yield Drift(
            reason="two_instances",
            message=f"{', '.join(others)} carry the node's tags, and the record knows "
            f"{f'only {own}' if own else 'no instance'}. Look what runs there; to terminate them: "
            f"{orphans_command(table, ','.join(others))}",
            repairable=False,
        )


def _elastic_ip(record: Record, observed: Observed, table: str) -> Iterator[Drift]:
    wanted, address = wanted_allocation_id(record), observed.address
    if not wanted or wanted != record.identity.allocation_id or not record.identity.association_id:
        return
    if address is None or address.network_interface_id != record.identity.network_interface_id:
        where = _place(address) if address else "nothing, it was released"
        yield Drift(
            reason="elastic_ip_moved",
            message=f"Elastic IP {record.identity.public_ip} is on {where or 'nothing'} and not on "
            f"{record.identity.network_interface_id}. {_way_back(record, address, table)}",
            repairable=address is not None and where is None,
        )


def _place(address: Address) -> str | None:
    return address.network_interface_id or address.instance_id


def _way_back(record: Record, address: Address | None, table: str) -> str:
    if address is None:
        return "Configure another one: stateful_node_config, elastic_ip."
    if _place(address) is None:
        return _resume_or_repair(record, table)
    return (
        "It is not taken away from there. To have it back: aws ec2 disassociate-address --association-id "
        f"{address.association_id}, then {playbook_command('repair', record.name, table)}"
    )


def _details(record: Record, observed: Observed, table: str) -> Iterator[Drift]:
    interface, wanted = observed.network_interface, record.config.security_groups
    if interface is None:
        return
    if interface.attachment and interface.attachment.delete_on_termination:
        yield Drift(
            reason="delete_on_termination_set",
            message=f"{interface.network_interface_id} would be deleted with its instance. "
            f"{_resume_or_repair(record, table)}",
        )
    if wanted and tuple(sorted(wanted)) != interface.security_groups:
        yield Drift(
            reason="security_groups_differ",
            message=f"The interface has {', '.join(interface.security_groups)}, the configuration "
            f"{', '.join(wanted)}. {_resume_or_repair(record, table)}",
            degrades=False,
        )
