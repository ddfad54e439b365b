# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may work on a node: when an operation may be taken over, and what the one that takes it over inherits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

from ..model.commands import Command
from ..model.identity import Adoption
from ..model.node_error import NodeError
from ..model.observed import Instance
from ..model.record import Choices, Failure, FoundInstance, Operation, Record, Rerun, Unfinished
from ..plan.planner import DESIRED, ENDING, Goal

RESUMABLE = (*DESIRED, "delete", "adopt")
"""Operations that a playbook carries out, and so finishes when it is run again."""


def new_operation(  # noqa: PLR0913 - each is a field of the operation
    record: Record,
    *,
    operation: str,
    operation_id: str,
    owner: str,
    now: int,
    seconds: int,
    choices: Choices | None = None,
    rerun: Rerun | None = None,
    found: FoundInstance | None = None,
    playbook_pid: int | None = None,
) -> Operation:
    """Compose the operation that is about to take the node.

    A replace that was cut off is gone on with, towards its own generation; any other operation starts from the newest.
    """
    cut_off = left_to_finish(record)
    if operation == "replace" and cut_off and cut_off.operation == "replace":
        from_generation, target_generation = cut_off.from_generation, cut_off.target_generation
    else:
        from_generation = record.identity.generation
        target_generation = from_generation + (operation == "replace")
    return Operation(
        id=operation_id,
        operation=operation,
        owner=owner,
        started_at=now,
        expires_at=now + seconds,
        from_generation=from_generation,
        target_generation=target_generation,
        config=record.config,
        choices=choices or Choices(),
        rerun=rerun or Rerun(),
        found=found,
        playbook_pid=playbook_pid,
    )


def with_operation(record: Record, operation: Operation) -> Record:
    """Show the record as it is once the operation holds it.

    A module on its own leaves what a playbook has left to finish, and so does an operation that may still come to
    nothing; a resume and an adoption put their own goal in its place.
    """
    desired = None if operation.operation == "pause" else DESIRED.get(operation.operation)
    keeps = operation.operation in ENDING or operation.operation not in RESUMABLE
    unfinished = left_to_finish(record) if keeps else None
    return replace(record, operation=operation, unfinished=unfinished, desired=desired or record.desired)


def left_to_finish(record: Record) -> Unfinished | None:
    """Return which playbook's operation was begun and not finished; None where there is nothing to finish."""
    held = record.operation
    if held is None or held.operation not in RESUMABLE or not has_taken_effect(record):
        return record.unfinished
    return unfinished(held, cut_off(record.name, held))


def has_taken_effect(record: Record) -> bool:
    """Whether the operation that holds the node has changed anything, so that it has to be finished.

    A pause takes effect with its first termination, which writes what the node should be; a replace and a delete with
    their first call that changes something. Until then, as while the user's tasks drain the node, it is as it was.
    """
    held = record.operation
    if held is None:
        return False
    if held.operation == "pause":
        return record.desired == DESIRED["pause"]
    return held.has_acted or held.operation not in ENDING


def may_be_draining(record: Record, instance: Instance | None) -> bool:
    """Whether the replace that holds the node may be at the user's drain, beside a replacement that runs already.

    Only the playbook that was started with that drain can run it again, so nothing else may go on to the hand-over.
    An instance that runs no longer needs no drain.
    """
    held, carrier = record.operation, record.identity.instance
    if held is None or held.operation != "replace" or "replace_before" not in held.rerun.variables:
        return False
    if carrier is None or not carrier.device_index or carrier.generation > held.from_generation:
        return False
    return instance is not None and instance.is_live


def cut_off(name: str, held: Operation) -> Failure:
    """Say of an operation that it was cut off: its process ended without giving the node back."""
    return Failure(code="CutOff", message=f"{name}: {held.operation} was cut off.")


def unfinished(operation: Operation, error: Failure) -> Unfinished:
    """Keep of an operation what the next one of its kind goes on from."""
    return Unfinished(
        operation=operation.operation,
        from_generation=operation.from_generation,
        target_generation=operation.target_generation,
        error=error,
    )


def check_free(record: Record, *, take_over: bool, now: int) -> None:
    """Raise NodeError when another operation holds the node, its lease has not ended and it is not to be taken over."""
    held = record.operation
    if held is None or take_over or held.expires_at <= now:
        return
    raise busy(record.name, held, record.identity.adoption)


def busy(name: str, held: Operation, adoption: Adoption | None = None) -> NodeError:
    """Say which operation holds the node, whose it is, and how to take it over."""
    ends = datetime.fromtimestamp(held.expires_at, tz=timezone.utc).isoformat()
    return NodeError(
        "Busy",
        f"{name}: {held.operation} {held.id} of {held.owner} holds the node until {ends}. Wait for it; if it was cut "
        "off, finish it with the next command.",
        state=f"held by {held.operation} {held.id}",
        next_command=command_to_finish(name, held, adoption).adding(stateful_node_take_over="true"),
    )


def command_to_finish(name: str, held: Operation, adoption: Adoption | None = None) -> Command:
    """Compose the command that finishes an operation as it was begun."""
    return command_of(name, held.operation, held.choices, rerun=held.rerun, adoption=adoption)


def command_of(
    name: str, operation: str, choices: Choices, *, rerun: Rerun | None = None, adoption: Adoption | None = None
) -> Command:
    """Compose the command that runs an operation with the same options.

    The operation of a single module has no playbook of its own: resume finishes it.
    """
    again = rerun or Rerun()
    if again.own_playbook:
        return Command()
    if operation == "adopt" and adoption:
        return Command(playbook="adopt", names=(name,), variables=_adopted_from(adoption))
    renamed = {"allow_address_change": f"{operation}_allow_address_change"}
    chosen = {renamed.get(option, option): "true" for option in choices.chosen}
    confirmed = {"delete_confirm": name} if choices.destroys else {}
    playbook = operation if operation in RESUMABLE else "resume"
    return Command(playbook=playbook, names=(name,), variables=confirmed | chosen | again.variables)


def _adopted_from(adoption: Adoption) -> dict[str, str]:
    if adoption.instance_id:
        return {"adopt_instance_id": adoption.instance_id}
    return {"adopt_network_interface_id": adoption.network_interface_id}


def check_replaceable(record: Record, goal: Goal) -> None:
    """Raise NodeError when a node that does not run is to be replaced: that would start it."""
    if goal == "replace" and record.desired != "running":
        raise NodeError(
            "NotRunning",
            f"{record.name}: the node is {record.desired or 'new'}, and there is no instance to replace.",
            next_command=Command(playbook="resume", names=(record.name,)),
        )
