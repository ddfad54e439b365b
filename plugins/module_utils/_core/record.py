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
from .owned import Owned, find_owned

Desired = Literal["running", "paused"]

Retry = Literal["now", "after_correction", "never"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchAttempt:
    """A way to launch that was tried: why it failed, or, without a code, that it is the one that was chosen."""

    instance_type: str | None = None
    market: str
    message: str
    code: str | None = None


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
class NextInterface:
    """An interface made for a change of address: the node's own once the instance on the present one has ended."""

    network_interface_id: str
    private_ip_addresses: tuple[str, ...]
    ipv6_addresses: tuple[str, ...] = ()
    subnet_id: str
    availability_zone: str
    created_at: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Standby:
    """An instance launched beside the node's, to take its place: the node's own once the interface is on it.

    `launched_at` is in seconds since the epoch. `launch` is how it was launched, as results show it.
    `primary_network_interface_id` is the interface at device 0 that EC2 made with it and deletes with it.
    """

    instance_id: str
    generation: int
    launched_at: int
    instance_type: str
    market: str
    launch: dict[str, Any] = field(default_factory=dict)
    primary_network_interface_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Adoption:
    """What was found when the node was adopted, as far as that is to be put back or still has to be dealt with.

    `instance_id` is None where a free interface was adopted. `spot_instance_request_id` is a persistent request, which
    would launch another instance after the node's has ended; None once it is cancelled.
    """

    network_interface_id: str
    instance_id: str | None = None
    delete_on_termination: bool = False
    spot_instance_request_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What stays with the node, and which instance carries it now.

    `generation` counts launches and rises when a launch is about to be tried; `instance_generation` is the one of
    `instance_id`. `incarnation` counts interfaces in the same way. Times are seconds since the epoch. `tag_keys` are
    the tags that the interface was given from the configuration, so that one that is dropped there is removed here.
    `out_of_service_since` is when the node's instance began to end, None once another one runs;
    `seconds_out_of_service` is how long that took.
    `spare_allocation_ids` are Elastic IP addresses that were allocated for the node and then exchanged for others.
    `next_interface` is the one that a change of address leads to, `previous_network_interface_id` the one that it left
    and that is deleted once an instance runs on the other. `launch` is how the instance was launched, as results show
    it. `allocated` says that the Elastic IP address is the node's own: allocated for it, or adopted with it.
    `device_index` is where the instance has, or is about to have, the node's interface (None: at device 0); at 1 it has
    `primary_network_interface_id` at device 0, which EC2 made and deletes with it. `standby` is to take the place of
    `instance_id`; `previous_instance_id` is the one whose place was taken and that is still to be terminated.
    """

    network_interface_id: str | None = None
    network_interface_created_at: int = 0
    incarnation: int = 0
    private_ip_address: str | None = None
    private_ip_addresses: tuple[str, ...] = ()
    ipv6_addresses: tuple[str, ...] = ()
    associate_public_ip_address: bool = False
    allocation_id: str | None = None
    association_id: str | None = None
    public_ip: str | None = None
    allocated: bool = False
    spare_allocation_ids: tuple[str, ...] = ()
    subnet_id: str | None = None
    availability_zone: str | None = None
    generation: int = 0
    instance_id: str | None = None
    instance_generation: int = 0
    instance_launched_at: int = 0
    instance_type: str | None = None
    market: str | None = None
    out_of_service_since: int | None = None
    seconds_out_of_service: int | None = None
    device_index: int | None = None
    primary_network_interface_id: str | None = None
    launch_attempts: tuple[LaunchAttempt, ...] = ()
    launch: dict[str, Any] = field(default_factory=dict)
    standby: Standby | None = None
    previous_instance_id: str | None = None
    tag_keys: tuple[str, ...] = ()
    #: The options that the interface was last brought in line with; empty where an earlier version wrote the record.
    applied: dict[str, Any] = field(default_factory=dict)
    next_interface: NextInterface | None = None
    previous_network_interface_id: str | None = None
    adoption: Adoption | None = None


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
    """What is about to be created, written down before the call: replayed with its token until it is resolved.

    `number` is the generation or the incarnation that the created thing will have. `role` is that of an interface or
    an instance which is not the node's own yet. `launch` is how a standby is launched, as results show it.
    """

    action: Literal[
        "CreateNetworkInterface", "RunInstances", "AllocateAddress", "AssignPrivateIpAddresses", "AssignIpv6Addresses"
    ]
    token: str
    parameters: dict[str, Any]
    number: int = 0
    candidate: Candidate | None = None
    role: Literal["next", "standby"] | None = None
    launch: dict[str, Any] | None = None
    #: The configuration that the parameters were composed from; None for assignments of addresses.
    config: Config | None = None


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
