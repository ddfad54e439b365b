# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What went wrong, in words that a person can act on."""

from __future__ import annotations

from dataclasses import replace

from ..._aws.api.store import Conflict
from ..._aws.calls.authorization_errors import Explainer
from ..._aws.calls.aws_error import LOST_REPLY, NO_CREDENTIALS, AwsError
from ..._aws.calls.error_codes import (
    is_bad_credentials,
    is_effect_unknown,
    is_no_permission,
    is_queue_missing,
    is_table_foreign,
    is_table_missing,
    refused_option,
)
from ..._aws.calls.waiters import WaitTimeoutError
from ..._core.lifecycle.takeover import RESUMABLE, command_of
from ..._core.model.commands import Command
from ..._core.model.node_error import NodeError
from ..._core.model.observed import Instance, NetworkInterface
from ..._core.model.record import Choices, Failure, Rerun, Retry
from ..._core.status.current_state import describe_state
from .node import Node
from .permission_messages import refusal_message
from .playbooks import describe_ended_playbook, describe_relaunch

NO_ANSWER = "Look whether the network is there, the region is right, and, where it is set, AWS_ENDPOINT_URL."

EXPECTED = (NodeError, AwsError, WaitTimeoutError, Conflict)
"""What may go wrong with a node without anything being wrong with the collection."""


def to_failure(  # noqa: PLR0913 - the error, and what it happened in
    node: Node,
    error: BaseException,
    *,
    phase: str | None,
    operation: str,
    choices: Choices | None = None,
    rerun: Rerun | None = None,
) -> Failure:
    """Describe why a node failed and what to type next; `with_state` adds what is true of it afterwards."""
    described = _described(node, error, operation)
    return completed(node, described, phase=phase, operation=operation, choices=choices, rerun=rerun)


def completed(  # noqa: PLR0913 - the failure, and what it happened in
    node: Node,
    failure: Failure,
    *,
    phase: str | None,
    operation: str,
    choices: Choices | None = None,
    rerun: Rerun | None = None,
) -> Failure:
    """Add to a failure what it does not contain yet: phase and next command.

    `choices` and `rerun` are those of the operation that holds the node unless given.
    """
    return replace(
        failure,
        phase=failure.phase or phase,
        next_command=failure.next_command or _command_again(node, failure, operation, choices, rerun),
    )


def with_state(node: Node) -> Failure | None:
    """Add to the node's failure what EC2 shows of the node now, unless the failure has a state of its own."""
    failure = node.failure
    if failure is None or failure.state:
        return failure
    return replace(failure, state=describe_state(node.record, node.observed))


def _command_again(
    node: Node, failure: Failure, operation: str, choices: Choices | None, rerun: Rerun | None
) -> Command | None:
    """Compose the command that goes on from here; it never starts a node that is meant to be paused."""
    if failure.retry == "never":
        return None
    held = node.record.operation
    if operation not in RESUMABLE and node.record.desired == "paused":
        return Command(playbook="repair", names=(node.name,))
    given = choices or (held.choices if held else Choices())
    again = rerun or (held.rerun if held else node.context.rerun)
    return command_of(node.name, operation, given, rerun=again, adoption=node.identity.adoption)


def _described(node: Node, error: BaseException, operation: str) -> Failure:
    name = node.name
    if isinstance(error, NodeError):
        return _with_hint(node, error.failure)
    if isinstance(error, AwsError):
        told = aws_message(error, playbook=operation, explainer=node.context.explainer)
        retry: Retry = "after_correction" if _needs_correction(error) else "now"
        return Failure(code=error.code, message=f"{name}: {told}", action=error.action, retry=retry)
    if isinstance(error, WaitTimeoutError):
        return Failure(
            code="WaitTimeout",
            message=f"{name}: {error.resource_id} was not ready within wait_timeout; last seen: {_seen(error.last)}. "
            f"EC2 may still be at it: run {operation} again, or raise wait_timeout.",
        )
    return Failure(code="Conflict", message=f"{name}: {error}")


def _needs_correction(error: AwsError) -> bool:
    """Whether the same call would be refused again: the configuration, or what the caller may do, has to change."""
    return bool(refused_option(error)) or is_no_permission(error) or is_bad_credentials(error)


def _with_hint(node: Node, failure: Failure) -> Failure:
    held = node.record.operation
    if failure.code != "Busy" or held is None:
        return failure
    hints = describe_ended_playbook(held) + describe_relaunch(node.context.owner)
    return replace(failure, message=failure.message + hints)


def hinted(node: Node, error: NodeError) -> NodeError:
    """Add to an error that says who holds the node that this playbook has ended on this host, if it has."""
    error.failure = _with_hint(node, error.failure)
    return error


def aws_message(error: AwsError, *, playbook: str, explainer: Explainer | None = None) -> str:
    """Word an error of AWS: the action, the code, and what to do about the ones that everybody meets.

    `playbook` is the one whose policy should allow the call.
    """
    if is_table_missing(error) or is_table_foreign(error):
        return _table_message(error)
    if is_queue_missing(error):
        return (
            f"{error.action} failed: the queue does not exist. Run the setup playbook, stateful_node.aws.setup, which "
            "makes it, or name another. To do without one: -e watch_events=false with the playbook, receive=false here."
        )
    if error.code == NO_CREDENTIALS:
        return f"{error.action} failed: no AWS credentials were found. Give a profile, or set AWS_ACCESS_KEY_ID."
    if is_no_permission(error):
        return refusal_message(error, playbook, explainer)
    unknown = " Whether it took effect is not known; running again finds out." if is_effect_unknown(error) else ""
    if error.code == LOST_REPLY:
        return f"{error.action} got no answer from AWS ({error.code}): {_ended(error.message)}{unknown} {NO_ANSWER}"
    return f"{error.action} failed with {error.code}: {_ended(error.message)}{unknown}{_way_out(error)}"


def _way_out(error: AwsError) -> str:
    if is_bad_credentials(error):
        return " AWS does not take the credentials: renew or correct them first."
    option = refused_option(error)
    return f" Correct {option} with stateful_node_config first." if option else ""


def _table_message(error: AwsError) -> str:
    if is_table_missing(error):
        return (
            f"{error.action} failed: the node table {error.place} does not exist. Name the table and the region that "
            "the nodes are in, or run the setup playbook, stateful_node.aws.setup."
        )
    return (
        f"{error.action} failed with {error.code}: {_ended(error.message)} Table {error.place} has other keys than the "
        "one that the setup playbook makes. Name the table that the nodes are in."
    )


def _ended(message: str) -> str:
    return message if message.endswith((".", "!", "?")) else f"{message}."


def _seen(last: object) -> str:
    if isinstance(last, Instance):
        return f"instance {last.state}"
    if isinstance(last, NetworkInterface):
        return f"interface {last.status}" + (f" on {last.holder}" if last.holder else "")
    return "status checks not passed" if last is False else "nothing"
