# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of a node: everything that is known of it, and all that an operation needs to go on after a crash."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal
from uuid import uuid4

from .commands import Command
from .config import Candidate, Config, Subnet
from .identity import Identity
from .owned import Owned, find_owned

Desired = Literal["running", "paused"]

Retry = Literal["now", "after_correction", "never"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a node failed: what was refused, what is true of the node now, and what to type next."""

    #: EC2's code, or a name of ours that never changes, such as `Busy`.
    code: str
    #: The whole sentence, without phase, state and next command.
    message: str
    phase: str | None = None
    #: The AWS action that was refused.
    action: str | None = None
    #: What EC2 showed of the node afterwards. Added where the failure is shown, not stored.
    state: str | None = None
    next_command: Command | None = None
    #: Whether the next command can work now, only after a correction, or not at all, as it would be refused again.
    retry: Retry = "now"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What the user chose for one operation.

    `allow_address_change` has a replace give up an address that the configuration has changed. `delete_...` is what a
    delete destroys; the rest it lets go as it is.
    """

    allow_address_change: bool = False
    delete_instance: bool = False
    delete_network_interface: bool = False
    delete_release_elastic_ip: bool = False

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of what was chosen."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name))

    @property
    def ends_interface(self) -> bool:
        """Whether a delete ends the interface: a node that gives its public address up keeps no private one."""
        return self.delete_network_interface or self.delete_release_elastic_ip

    @property
    def destroys(self) -> bool:
        """Whether a delete destroys anything at all."""
        return self.delete_instance or self.ends_interface


@dataclass(frozen=True, kw_only=True, slots=True)
class Rerun:
    """How the user started an operation, so that the command which finishes it does the same."""

    #: Whether a playbook of the user's own includes the role; the collection's playbooks are known by name.
    own_playbook: bool = False
    #: Extra vars of the collection's playbook in addition to the nodes: the user's task files, a batch size.
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundInstance:
    """The node's instance as an operation found it when it began; without an id the record named none.

    `state` and `state_reason` are EC2's; None where EC2 showed the instance no more.
    """

    instance_id: str | None = None
    instance_type: str | None = None
    market: str | None = None
    instance_generation: int = 0
    instance_launched_at: int = 0
    state: str | None = None
    state_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """What is being done to the node, held by a lease. Times are seconds since the epoch, durations seconds.

    `config` is the configuration as it was when the operation began: a later edit does not reach it. `found` and
    `phases_ended_at` (by phase) are for the history; None, and empty, where an older version began the operation.
    `has_acted` is written before the first call that changes something. `playbook_pid` is the process of the playbook,
    on the host that `owner` names; None where it is not known.
    """

    id: str
    operation: str
    owner: str
    started_at: int
    expires_at: int
    from_generation: int
    target_generation: int
    config: Config
    choices: Choices = field(default_factory=Choices)
    #: How to run the operation again.
    rerun: Rerun = field(default_factory=Rerun)
    found: FoundInstance | None = None
    timings: dict[str, float] = field(default_factory=dict)
    phases_ended_at: dict[str, int] = field(default_factory=dict)
    playbook_pid: int | None = None
    has_acted: bool = False
    done: bool = False
    error: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfinished:
    """An operation that gave its lease back before it had done all; the next one of its kind goes on from here."""

    operation: str
    from_generation: int
    target_generation: int
    error: Failure


@dataclass(frozen=True, kw_only=True, slots=True)
class Intent:
    """What is about to be created, written down before the call: replayed with its token until it is resolved."""

    action: Literal[
        "CreateNetworkInterface", "RunInstances", "AllocateAddress", "AssignPrivateIpAddresses", "AssignIpv6Addresses"
    ]
    token: str
    parameters: dict[str, Any]
    #: The generation or the incarnation that the created thing will have.
    number: int = 0
    candidate: Candidate | None = None
    #: Set for an interface or an instance that does not become the node's own at once.
    role: Literal["next", "standby"] | None = None
    #: How an instance is launched, as results show it.
    launch: dict[str, Any] | None = None
    #: The configuration that the parameters were composed from; None for assignments of addresses.
    config: Config | None = None

    @property
    def has_disposable_interface(self) -> bool:
        """Whether the launch has EC2 make the interface at device 0: the node's own is attached later, at device 1."""
        interfaces = self.parameters.get("NetworkInterfaces", ())
        return any("NetworkInterfaceId" not in interface for interface in interfaces[:1])


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The node's item in the table.

    `id` sets this node apart from an earlier one of the same name, whose tokens EC2 may still remember.
    """

    name: str
    id: str = field(default_factory=lambda: uuid4().hex)
    config: Config
    config_version: int = 1
    subnet: Subnet
    desired: Desired | None = None
    identity: Identity = field(default_factory=Identity)
    operation: Operation | None = None
    unfinished: Unfinished | None = None
    intent: Intent | None = None

    @property
    def wanted(self) -> Config:
        """The configuration to work towards: the running operation's own, else the stored one."""
        return self.operation.config if self.operation else self.config

    @property
    def owns(self) -> Owned:
        """The resources that belong to the node."""
        return find_owned(self)
