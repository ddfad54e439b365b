# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: where EC2 differs from what the record promises, each difference with a name, a sentence and the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..lifecycle.takeover import command_to_finish, has_taken_effect, may_be_draining
from ..model.commands import AwsCommand, Command, Reach, rebuild_command
from ..model.ec2_codes import SPOT_INTERRUPTION
from ..model.observed import Address, Holder, Observed
from ..model.record import Operation, Record, Unfinished
from ..plan.differences import Difference, find_differences
from ..plan.plan_elastic_ip import wanted_allocation_id
from ..plan.plan_hand_over import direct_intent, is_hand_over_unfinished, with_promotion
from ..plan.planner import DESIRED
from ..resources.resource_text import describe_resource
from ..resources.tagged import Tagged

DESTRUCTIVE = ("adopt", "delete")
"""Operations whose playbooks want more of the user than the node's name, so that nothing else finishes them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WayOut:
    """A command that ends a difference, and what it does: `Resume the node`."""

    text: str
    command: Command | AwsCommand


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One difference between the record and EC2."""

    #: A short name that never changes, such as `interface_missing`.
    reason: str
    #: What differs, in a sentence without the ways out.
    message: str
    #: What can be done about it, the best way first.
    ways_out: tuple[WayOut, ...] = ()
    #: Whether the node needs attention: its status is `degraded` then.
    degrades: bool = True
    #: Whether the repair playbook ends it by itself.
    repairable: bool = True

    def sentence(self, reach: Reach) -> str:
        """Write the message with its ways out."""
        ways = (f"{way.text}: {way.command.text(reach)}" for way in self.ways_out)
        return " ".join((self.message, *ways))


_LISTED = WayOut(text="To list what belongs to no node", command=Command(playbook="orphans"))
"""What shows the orphans; the user names those that are to be deleted."""


def find_drift(record: Record, observed: Observed, now: int) -> tuple[Drift, ...]:
    """List how EC2 differs from the record; `now` is in seconds since the epoch.

    While an operation holds the node, differences are left to it: only one that was cut off is reported then.
    """
    if record.operation:
        return tuple(_cut_off(record, record.operation, observed, now))
    record, observed = with_promotion(record, observed)
    checks: tuple[Callable[[Record, Observed], Iterator[Drift]], ...] = (
        _interface,
        _unrecorded,
        _instance,
        _detached,
        _hand_over,
        _two_instances,
        _elastic_ip,
        _details,
        _changed_by_hand,
        _foreign_elastic_ip,
        _unfinished,
    )
    return tuple(drift for check in checks for drift in check(record, observed))


def record_missing(name: str, remains: Tagged) -> Drift:
    """Describe resources that carry the name of a node without a record."""
    described = "; ".join(describe_resource(thing) for thing in remains.things)
    rebuild = WayOut(
        text="If they are the node's, rebuild its record, which describes them and asks for consent",
        command=rebuild_command(name),
    )
    return Drift(
        reason="record_missing",
        message="The table has no record of the node, and these carry its tags, which anyone who may tag resources can "
        f"give: {described}.",
        ways_out=(rebuild, _LISTED) if remains.network_interfaces else (_LISTED,),
        repairable=False,
    )


def _resume_or_repair(record: Record) -> WayOut:
    """Choose the playbook that ends a difference without starting a paused node."""
    if record.desired == "running":
        return WayOut(text="Resume the node", command=Command(playbook="resume", names=(record.name,)))
    return _repair(record)


def _repair(record: Record, text: str = "Repair the node") -> WayOut:
    return WayOut(text=text, command=Command(playbook="repair", names=(record.name,)))


def _cut_off(record: Record, held: Operation, observed: Observed, now: int) -> Iterator[Drift]:
    """Report an operation whose lease has expired."""
    if held.expires_at > now:
        return
    if not has_taken_effect(record):
        yield _cut_off_early(record, held, "before it changed anything. The node is as it was.")
        return
    caught, seen = with_promotion(record, observed)
    if may_be_draining(caught, seen.instance):
        progress = "before the interface moved. The node is as it was, with a replacement running next to it."
        yield _cut_off_early(record, held, progress)
        return
    interrupted = f"{held.operation} {held.id} of {held.owner} was interrupted."
    if held.operation.endswith("_absent"):
        yield Drift(
            reason="lease_expired",
            message=f"{interrupted} Run the task again that called the module.",
            repairable=False,
        )
        return
    yield Drift(
        reason="lease_expired",
        message=interrupted,
        ways_out=(_way_to_finish(record, held),),
        repairable=held.operation not in DESTRUCTIVE,
    )


def _way_to_finish(record: Record, held: Operation) -> WayOut:
    if held.operation not in (*DESIRED, *DESTRUCTIVE):
        return _repair(record, "Run the repair playbook to finish it")
    return WayOut(
        text=f"Run the {held.operation} playbook to finish it",
        command=command_to_finish(record.name, held, record.identity.adoption),
    )


def _cut_off_early(record: Record, held: Operation, progress: str) -> Drift:
    """Report an operation that was interrupted before it ended anything, as during the user's drain."""
    again = WayOut(
        text=f"Run the {held.operation} playbook again",
        command=command_to_finish(record.name, held, record.identity.adoption),
    )
    return Drift(
        reason="cut_off_early",
        message=f"{held.operation} {held.id} of {held.owner} was interrupted {progress}",
        ways_out=(again, _repair(record, "Or leave the node as it is")) if record.desired else (again,),
        repairable=record.desired is not None,
    )


def _interface(record: Record, observed: Observed) -> Iterator[Drift]:
    identity, interface = record.identity, observed.network_interface
    if identity.network_interface_id and interface is None:
        yield Drift(
            reason="interface_missing",
            message=f"Interface {identity.network_interface_id} was deleted. It is made anew with "
            f"{identity.private_ip_address} if that is still free.",
            ways_out=(_resume_or_repair(record),),
        )
    holder = observed.holder
    previous = identity.previous_instance
    own = (identity.instance_id, previous.instance_id if previous else None)
    if holder and holder.is_live and not direct_intent(record) and holder.instance_id not in own:
        told = observed.holder_whose or "which is not the node's"
        # What may be a node's is not to be terminated on our advice.
        way_out = "Detach the interface from it" if observed.holder_whose else "Terminate or detach it"
        yield Drift(
            reason="interface_in_use_elsewhere",
            message=f"Instance {holder.instance_id}, {told}, holds interface {identity.network_interface_id}. "
            f"{way_out} yourself.",
            ways_out=(_repair(record, "Then repair the node"),),
            repairable=False,
        )
    if interface and identity.private_ip_address not in (None, interface.private_ip_address):
        yield _address_changed(record, interface.shown_address)


def _unrecorded(record: Record, observed: Observed) -> Iterator[Drift]:
    """An interface of a node whose record was lost and made new."""
    for holder in observed.unrecorded:
        yield Drift(
            reason="interface_unrecorded",
            message=f"The record has no network interface, and {holder.network_interface_id} carries the node's tags. "
            f"{holder.way_out}",
            ways_out=(WayOut(text="The command for that", command=rebuild_command(record.name)),),
            repairable=False,
        )


def _address_changed(record: Record, present: str) -> Drift:
    rebuilding = rebuild_command(record.name)
    return Drift(
        reason="address_changed",
        message=f"The interface has {present} in place of {record.identity.private_ip_address}. EC2 never changes that "
        "of an interface, so the record is from another time. Restore the right one, or delete the item "
        f"{record.name} from the table.",
        ways_out=(WayOut(text="Then rebuild it", command=rebuilding),),
        repairable=False,
    )


def _instance(record: Record, observed: Observed) -> Iterator[Drift]:
    if record.desired != "running":
        return
    instance, instance_id = observed.instance, record.identity.instance_id
    ways_out = (_resume_or_repair(record),)
    if instance and instance.state in ("stopping", "stopped"):
        yield Drift(reason="instance_stopped", message=f"Instance {instance_id} is stopped.", ways_out=ways_out)
    elif instance and instance.state_reason == SPOT_INTERRUPTION:
        yield Drift(reason="interrupted", message=f"EC2 took spot instance {instance_id} back.", ways_out=ways_out)
    elif not instance or not instance.is_live:
        lacks = f"{instance_id} does not" if instance_id else "has no instance"
        yield Drift(reason="instance_missing", message=f"The node should run, and {lacks}.", ways_out=ways_out)


def _detached(record: Record, observed: Observed) -> Iterator[Drift]:
    """An instance that has the interface at device 1 can lose it, and runs on."""
    instance, interface = observed.instance, observed.network_interface
    if record.desired != "running" or not record.identity.device_index or not instance or not interface:
        return
    if instance.state == "running" and interface.attachment is None:
        yield Drift(
            reason="interface_detached",
            message=f"Instance {instance.instance_id} runs without the node's interface "
            f"{interface.network_interface_id}, which is attached to nothing.",
            ways_out=(_resume_or_repair(record),),
        )


def _hand_over(record: Record, _observed: Observed) -> Iterator[Drift]:
    identity = record.identity
    if not is_hand_over_unfinished(record):
        return
    other = identity.standby or identity.previous_instance
    beside = "a launch is not resolved"
    if other:
        beside = f"instance {other.instance_id} is recorded in addition to {identity.instance_id}"
    yield Drift(
        reason="hand_over_unfinished",
        message=f"A replace was interrupted: {beside}.",
        ways_out=(
            WayOut(
                text="Finish it, with the options that you gave it",
                command=Command(playbook="replace", names=(record.name,)),
            ),
            _resume_or_repair(record),
        ),
    )


def _two_instances(record: Record, observed: Observed) -> Iterator[Drift]:
    if observed.others:
        own = record.identity.instance_id
        yield Drift(
            reason="two_instances",
            message=f"{'; '.join(describe_resource(item) for item in observed.others)}: tagged as the node's, which "
            f"anyone who may tag resources can do, and the record knows {f'only {own}' if own else 'no instance'}. "
            "Check what is running there first.",
            ways_out=(_LISTED,),
            repairable=False,
        )


def _elastic_ip(record: Record, observed: Observed) -> Iterator[Drift]:
    wanted, address = wanted_allocation_id(record), observed.address
    if not wanted or wanted != record.identity.allocation_id or not record.identity.association_id:
        return
    if address is None or address.network_interface_id != record.identity.network_interface_id:
        where = _shown_place(address, observed.address_holder) if address else "nothing, it was released"
        yield Drift(
            reason="elastic_ip_moved",
            message=f"Elastic IP {record.identity.public_ip} is on {where or 'nothing'} and not on "
            f"{record.identity.network_interface_id}.{_why_left_alone(address)}",
            ways_out=_ways_back(record, address),
            repairable=address is not None and where is None,
        )


def _unfinished(record: Record, observed: Observed) -> Iterator[Drift]:
    """Report what was ended before it was complete, and what EC2 is still doing that no operation waits for."""
    left = record.unfinished
    if left and left.operation in DESTRUCTIVE:
        yield _destructive_unfinished(record, left)
    elif record.desired == "paused":
        yield from _pause_unfinished(record, observed)
    elif record.desired == "running" and observed.instance and observed.instance.state == "pending":
        yield Drift(
            reason="operation_unfinished",
            message=f"Instance {observed.instance.instance_id} is pending, and no operation waits for it.",
            ways_out=(_resume_or_repair(record),),
            degrades=False,
        )


def _destructive_unfinished(record: Record, left: Unfinished) -> Drift:
    keep = "resume" if record.desired == "running" else "pause"
    return Drift(
        reason="operation_unfinished",
        message=f"{left.operation} was ended before it was complete: {left.error.message} Nothing else repairs or "
        f"restarts the node until then. Run the {left.operation} playbook again, with the options that you gave it.",
        ways_out=(WayOut(text="Or keep the node", command=Command(playbook=keep, names=(record.name,))),),
        repairable=False,
    )


def _pause_unfinished(record: Record, observed: Observed) -> Iterator[Drift]:
    """Report that a paused node still has an instance, or its interface is still attached to one."""
    instance, interface = observed.instance, observed.network_interface
    attachment = interface.attachment if interface else None
    is_there = instance is not None and instance.state != "terminated"
    if not is_there and (attachment is None or _is_foreign(record, observed)):
        return
    still = (
        f"instance {instance.instance_id} is {instance.state}"
        if instance and is_there
        else f"interface {record.identity.network_interface_id} is still attached"
    )
    is_live = instance is not None and instance.is_live
    finish = WayOut(text="Finish the pause", command=Command(playbook="pause", names=(record.name,)))
    run = WayOut(text="Or have it run", command=Command(playbook="resume", names=(record.name,)))
    yield Drift(
        reason="operation_unfinished",
        message=f"The node is paused, and {still}.",
        ways_out=(finish, run) if is_live else (finish,),
        degrades=is_live,
    )


def _is_foreign(record: Record, observed: Observed) -> bool:
    holder = observed.holder
    return holder is not None and holder.is_live and holder.instance_id not in record.owns.instances


def _place(address: Address) -> str | None:
    return address.network_interface_id or address.instance_id


def _shown_place(address: Address, holder: Holder | None) -> str | None:
    place = _place(address)
    return holder.add_owner(place) if place and holder else place


def _why_left_alone(address: Address | None) -> str:
    if address is None:
        return " Configure another one: stateful_node_config, elastic_ip."
    return " The collection does not take it from there." if _place(address) else ""


def _ways_back(record: Record, address: Address | None) -> tuple[WayOut, ...]:
    if address is None:
        return ()
    if _place(address) is None:
        return (_resume_or_repair(record),)
    disassociate = AwsCommand(
        arguments=("ec2", "disassociate-address", "--association-id", address.association_id or "")
    )
    return (WayOut(text="To have it back", command=disassociate), _repair(record, "then"))


def _details(record: Record, observed: Observed) -> Iterator[Drift]:
    interface = observed.network_interface
    if interface and interface.attachment and interface.attachment.delete_on_termination:
        yield Drift(
            reason="delete_on_termination_set",
            message=f"{interface.network_interface_id} would be deleted with its instance.",
            ways_out=(_resume_or_repair(record),),
        )


LOSES_ADDRESSES = ("private_addresses_differ", "ipv6_addresses_differ")
"""Differences by which a node lacks an address that it was promised, and that another interface can take."""


def _changed_by_hand(record: Record, observed: Observed) -> Iterator[Drift]:
    """Report what a resume would change although the configuration was not edited; an edit waits as `pending`."""
    for difference in find_differences(record, observed):
        if not difference.is_edited:
            yield Drift(
                reason=difference.reason,
                message=_compare(difference),
                ways_out=(_resume_or_repair(record),),
                degrades=difference.reason in LOSES_ADDRESSES,
            )


def _compare(difference: Difference) -> str:
    if difference.option != "tags":
        wanted = _text(difference.wanted)
        return f"{difference.option}: the interface has {_text(difference.current)}, the configuration {wanted}."
    keys = sorted({*difference.current, *difference.wanted})
    named = ", ".join(keys) if keys else "that name the node"
    return f"The interface's tags {named} were changed or removed."


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _foreign_elastic_ip(record: Record, observed: Observed) -> Iterator[Drift]:
    """Report an Elastic IP that the interface has not got from this collection; it is left where it is."""
    interface, config = observed.network_interface, record.config
    association = interface.association_on(config.elastic_ip_private_ip_address) if interface else None
    own = (None, record.identity.allocation_id, wanted_allocation_id(record))
    if interface is None or association is None or association.allocation_id in own:
        return
    disassociate = AwsCommand(
        arguments=("ec2", "disassociate-address", "--association-id", association.association_id or "")
    )
    yield Drift(
        reason="foreign_elastic_ip",
        message=f"Interface {interface.network_interface_id} carries Elastic IP {association.public_ip}, which is not "
        "the configured one and was not given to it by this collection. Configure it as elastic_ip, or take it off.",
        ways_out=(WayOut(text="To take it off", command=disassociate),),
        # Only a node that is to have another one cannot get it.
        degrades=bool(config.elastic_ip),
        repairable=False,
    )
