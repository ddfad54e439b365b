# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a node: each of its things is destroyed or, as a rule, let go as it is.

What is let go loses the collection's tags, so that nobody takes it for a leftover. An interface that only an
unfinished change of address knows is destroyed in any case: nothing uses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..actions.base_action import Action, Phase
from ..actions.elastic_ip_actions import DisassociateAddress, ReleaseAddress
from ..actions.interface_actions import DeleteNetworkInterface
from ..actions.ownership_actions import AbandonIntent, CancelSpotRequest, PutBackDeleteOnTermination, RemoveOwnTags
from ..model.commands import Command
from ..model.node_error import NodeError
from ..model.observed import Instance, Observed
from ..model.record import Choices, Record
from .plan_address_change import plan_delete_previous, plan_next
from .plan_hand_over import is_hand_over_unfinished
from .plan_instance import plan_terminate


def plan_delete(record: Record, observed: Observed, phase: Phase) -> Iterator[Action]:
    """Plan a phase of the end of a node, by the choices of the operation that holds it.

    Raises NodeError where they contradict each other or what there is; nothing has been done then.
    """
    choices = delete_choices(record)
    _refuse_unresolved_launch(record, choices)
    _refuse_unfinished_hand_over(record, choices)
    _refuse_kept_instance(record, observed, choices)
    _refuse_foreign_holder(record, observed, choices)
    _refuse_moved_address(record, observed, choices)
    if phase == "terminate":
        yield from _plan_instance(record, observed, choices)
    elif phase == "elastic_ip":
        yield from _plan_addresses(record, observed, choices)
    elif phase == "interface":
        yield from _plan_interfaces(record, observed, choices)


def delete_choices(record: Record) -> Choices:
    """Say what the delete that holds the node destroys; nothing where none does."""
    operation = record.operation
    return operation.choices if operation and operation.operation == "delete" else Choices()


def check_confirmed(choices: Choices, names: Sequence[str], confirmed: Sequence[str]) -> None:
    """Raise NodeError unless whoever destroys something has named exactly the nodes once more."""
    if not choices.destroys or set(names) == set(confirmed):
        return
    given = f"'{', '.join(confirmed)}'" if confirmed else "missing"
    raise NodeError(
        "NotConfirmed",
        f"delete_confirm is {given}, and {', '.join(choices.chosen)} would destroy what belongs to "
        f"{', '.join(names) or 'no node'}. Nothing was done. If that is meant, name exactly these nodes: "
        f"delete_confirm={','.join(names)}",
    )


def delete_warnings(record: Record) -> tuple[str, ...]:
    """Say what a delete keeps although a reader of its choices may expect otherwise."""
    elastic_ip = record.identity.elastic_ip
    if not delete_choices(record).delete_release_elastic_ip or elastic_ip is None or elastic_ip.allocated:
        return ()
    address = f"{elastic_ip.public_ip or ''} ({elastic_ip.allocation_id})"
    kept = "was given to the node and not allocated for it: it is disassociated and kept"
    return (f"{record.name}: Elastic IP {address} {kept}.",)


def plan_cancel_request(record: Record) -> Iterator[Action]:
    """Plan to cancel the persistent spot request of an adopted instance, where that is still to be done."""
    adoption = record.identity.adoption
    if adoption and adoption.spot_instance_request_id:
        yield CancelSpotRequest(spot_instance_request_id=adoption.spot_instance_request_id)


def _plan_instance(record: Record, observed: Observed, choices: Choices) -> Iterator[Action]:
    intent = record.intent
    if intent and intent.action != "RunInstances":
        # To end an instance resolves a launch by itself.
        yield AbandonIntent(creating=intent.action)

    instance = observed.instance
    if choices.delete_instance:
        yield from plan_cancel_request(record)
        yield from plan_terminate(record, observed, record.identity.generation)
    elif instance and instance.is_live:
        for resource_id in _with_companions(instance, record):
            yield RemoveOwnTags(phase="terminate", resource_id=resource_id)


def _with_companions(instance: Instance, record: Record) -> tuple[str, ...]:
    recorded = record.identity.instance
    others = (instance.spot_instance_request_id, recorded.primary_network_interface_id if recorded else None)
    return (instance.instance_id, *instance.volume_ids, *(other for other in others if other))


def _plan_addresses(record: Record, observed: Observed, choices: Choices) -> Iterator[Action]:
    if choices.ends_interface:
        yield from _plan_disassociations(record, observed)
    for allocation_id in record.owns.addresses:
        if choices.delete_release_elastic_ip:
            yield ReleaseAddress(allocation_id=allocation_id)
        else:
            yield RemoveOwnTags(phase="elastic_ip", resource_id=allocation_id)


def _plan_disassociations(record: Record, observed: Observed) -> Iterator[Action]:
    """Plan to take the node's address off its interfaces; by association, since two looks may show the same one."""
    found: dict[str, str] = {}
    interface = observed.network_interface
    for association in interface.associations if interface else ():
        if association.association_id and association.allocation_id == record.identity.allocation_id:
            found[association.association_id] = association.allocation_id or ""

    address = observed.address
    if address and address.association_id and address.network_interface_id in record.owns.network_interfaces:
        found[address.association_id] = address.allocation_id

    for association_id, allocation_id in found.items():
        yield DisassociateAddress(allocation_id=allocation_id, association_id=association_id)


def _plan_interfaces(record: Record, observed: Observed, choices: Choices) -> Iterator[Action]:
    yield from plan_next(record, observed, "interface")
    yield from plan_delete_previous(record, "interface")
    interface_id = record.identity.network_interface_id
    if interface_id is None:
        return
    if choices.ends_interface:
        # One that is gone is deleted all the same: an earlier deletion may not have been written down.
        yield DeleteNetworkInterface(network_interface_id=interface_id)
    elif observed.network_interface:
        yield from _plan_put_back(record, observed, choices)
        # The tags last: whoever may change only what carries them could do nothing after that.
        yield RemoveOwnTags(phase="interface", resource_id=interface_id)


def _plan_put_back(record: Record, observed: Observed, choices: Choices) -> Iterator[Action]:
    identity = record.identity
    adoption = identity.adoption
    interface = observed.network_interface
    attachment = interface.attachment if interface else None
    if not adoption or not attachment or choices.delete_instance or attachment.delete_on_termination:
        return
    is_as_adopted = adoption.network_interface_id == identity.network_interface_id
    if not adoption.delete_on_termination or not is_as_adopted or attachment.instance_id != identity.instance_id:
        return
    yield PutBackDeleteOnTermination(attachment_id=attachment.attachment_id)


def _refuse_unresolved_launch(record: Record, choices: Choices) -> None:
    """Raise NodeError when an instance that is to be kept may or may not exist."""
    intent = record.intent
    if choices.delete_instance or not intent or intent.action != "RunInstances":
        return
    raise NodeError(
        "LaunchUnresolved",
        f"{record.name}: a launch was cut off, and whether it made an instance is not known, so that none can be kept. "
        "Finish it with the playbook stateful_node.aws.resume first, or delete the instance too: "
        "delete_instance=true.",
        phase="terminate",
        next_command=Command(playbook="resume", names=(record.name,)),
    )


def _refuse_unfinished_hand_over(record: Record, choices: Choices) -> None:
    """Raise NodeError when one of two instances is to be kept, and which of them is not settled."""
    if choices.delete_instance or not is_hand_over_unfinished(record):
        return
    identity = record.identity
    beside = identity.standby or identity.previous_instance
    other = beside.instance_id if beside else "one that a launch may have made"
    raise NodeError(
        "HandOverUnfinished",
        f"{record.name}: a replace was cut off between instances {identity.instance_id} and {other}. Finish it with "
        "the playbook stateful_node.aws.resume first, or delete both: delete_instance=true.",
        phase="terminate",
        next_command=Command(playbook="resume", names=(record.name,)),
    )


def _refuse_kept_instance(record: Record, observed: Observed, choices: Choices) -> None:
    """Raise NodeError when an instance is to be kept without its interface or address."""
    instance = observed.instance
    if choices.delete_instance or not choices.ends_interface or not instance or not instance.is_live:
        return
    asked = "delete_network_interface" if choices.delete_network_interface else "delete_release_elastic_ip"
    raise NodeError(
        "InstanceKept",
        f"{record.name}: {asked} is refused: instance {instance.instance_id} ({instance.state}) is to be kept, and it "
        "lives on that interface. Delete the instance too, with delete_instance=true, or leave "
        f"{asked} out.",
        phase="interface",
        retry="never",
    )


def _refuse_foreign_holder(record: Record, observed: Observed, choices: Choices) -> None:
    """Raise NodeError when an instance that is not the node's lives on the interface that is to be deleted."""
    holder = observed.holder
    if not choices.ends_interface or not holder or not holder.is_live or record.intent:
        return
    if holder.instance_id == record.identity.instance_id:
        return
    told = observed.holder_whose or "which this collection did not launch for the node"
    way_out = "Detach" if observed.holder_whose else "Terminate or detach"
    raise NodeError(
        "NetworkInterfaceInUse",
        f"{record.name}: interface {record.identity.network_interface_id} cannot be deleted: it is attached to "
        f"instance {holder.instance_id} ({holder.state}), {told}. It is left alone. {way_out} it yourself first, or "
        "keep the interface.",
        phase="interface",
        retry="after_correction",
    )


def _refuse_moved_address(record: Record, observed: Observed, choices: Choices) -> None:
    """Raise NodeError when the address that is to be released serves something else by now."""
    address, owns = observed.address, record.owns
    if not choices.delete_release_elastic_ip or not address or not address.association_id:
        return
    if address.allocation_id not in owns.addresses or address.network_interface_id in owns.network_interfaces:
        return
    raise NodeError(
        "ElasticIpInUse",
        f"{record.name}: Elastic IP {address.public_ip} ({address.allocation_id}) cannot be released: somebody "
        f"associated it with {address.network_interface_id or address.instance_id}. Disassociate it there first, or "
        "keep it: leave delete_release_elastic_ip out.",
        phase="elastic_ip",
        retry="after_correction",
    )
