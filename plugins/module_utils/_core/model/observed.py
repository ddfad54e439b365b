# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 says now of the things that belong to a node."""

from __future__ import annotations

from dataclasses import dataclass, field

from .commands import Command

LIVE_STATES = ("pending", "running", "stopping", "stopped")
GOING_STATES = ("shutting-down",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """How an interface hangs on an instance; `status` is EC2's: attaching, attached or detaching."""

    attachment_id: str
    instance_id: str | None
    device_index: int
    delete_on_termination: bool
    status: str = "attached"


@dataclass(frozen=True, kw_only=True, slots=True)
class Association:
    """The public address of an interface; without an allocation id it is one that EC2 assigned and takes back."""

    public_ip: str
    allocation_id: str | None = None
    association_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkInterface:
    """A network interface; `private_ip_addresses` starts with the primary one, whose `association` is.

    `secondary_associations` are those of the other private addresses, by address.
    """

    network_interface_id: str
    subnet_id: str
    availability_zone: str
    status: str
    private_ip_addresses: tuple[str, ...]
    ipv6_addresses: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    source_dest_check: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    # The account that created it. EC2 does not say when that was.
    owner_id: str | None = None
    attachment: Attachment | None = None
    association: Association | None = None
    secondary_associations: dict[str, Association] = field(default_factory=dict)

    @property
    def private_ip_address(self) -> str | None:
        """The primary private IPv4 address; None in a subnet that has IPv6 only."""
        return self.private_ip_addresses[0] if self.private_ip_addresses else None

    @property
    def shown_address(self) -> str:
        """The address by which a message names the interface: the primary IPv4 one, or else the first IPv6 one."""
        return next(iter((*self.private_ip_addresses, *self.ipv6_addresses)), "no address")

    @property
    def associations(self) -> tuple[Association, ...]:
        """All public addresses of the interface, that of the primary private address first."""
        return (*((self.association,) if self.association else ()), *self.secondary_associations.values())

    def association_on(self, private_ip_address: str | None) -> Association | None:
        """The public address of a private one (None: of the primary one)."""
        if private_ip_address in (None, self.private_ip_address):
            return self.association
        return self.secondary_associations.get(private_ip_address or "")

    @property
    def holder(self) -> str | None:
        """The id of the instance that the interface is attached to, if any."""
        return self.attachment.instance_id if self.attachment else None

    @property
    def is_available(self) -> bool:
        """Whether a launch may use the interface now."""
        return self.status == "available" and self.attachment is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """An instance. `state_reason` is EC2's code, such as `Server.InsufficientInstanceCapacity`.

    `volume_ids`, `spot_instance_request_id` and `primary_network_interface_id` (at device 0) are what carries tags
    along with it.
    """

    instance_id: str
    state: str
    instance_type: str
    market: str
    tags: dict[str, str] = field(default_factory=dict)
    state_reason: str | None = None
    state_reason_message: str | None = None
    volume_ids: tuple[str, ...] = ()
    spot_instance_request_id: str | None = None
    primary_network_interface_id: str | None = None
    # The token of the call that launched it, which proves whose launch it was as tags cannot; '' where it had none.
    client_token: str = ""
    # The account that launched it, when, in ISO 8601, and its key pair: what a person recognizes an instance by.
    owner_id: str | None = None
    launched_at: str | None = None
    key_name: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether the instance exists and nobody has ended it."""
        return self.state in LIVE_STATES


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An Elastic IP address."""

    allocation_id: str
    public_ip: str
    association_id: str | None = None
    network_interface_id: str | None = None
    instance_id: str | None = None
    private_ip_address: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    #: Where AWS advertises the address: a region, or a Local Zone that has a group of its own.
    network_border_group: str | None = None
    #: Whether it is an address of a Wavelength Zone's carrier or of the user's own Outpost, with no public one.
    is_private_to_zone: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Another interface that has an address which the node is to have.

    `instance_id` is what it is attached to. `whose` is a clause that says whose it is, empty where its tags do not.
    `way_out` are sentences for the node that lacks the address, `next_command` what comes after them; None for the
    same again.
    """

    network_interface_id: str
    instance_id: str | None = None
    whose: str = ""
    way_out: str = ""
    next_command: Command | None = None

    def add_owner(self, thing: str) -> str:
        """Add to the words for the interface whose it is."""
        return f"{thing}, {self.whose}" if self.whose else thing


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """All that EC2 says of one node: what the record names, and None for each thing that EC2 does not have.

    `instance`, `standby` and `previous` are those that the record names. `holder` is the one that holds the interface.
    `others` are live ones that carry the node's tags and that no record accounts for; they are looked for only where
    somebody asks how the node is.
    `holder_whose` is a clause that says whose the holder is by its tags, empty where they do not, or it is the node's.
    `address_holder` is the interface of another one that has the Elastic IP. `taken` are the private addresses that the
    node lacks and another interface has, each after its subnet, and `unrecorded` are interfaces that carry the tags of
    a node which never had one: both are looked for only where an operation is about to begin.
    """

    network_interface: NetworkInterface | None = None
    instance: Instance | None = None
    holder: Instance | None = None
    address: Address | None = None
    standby: Instance | None = None
    previous: Instance | None = None
    others: tuple[Instance, ...] = ()
    holder_whose: str = ""
    address_holder: Holder | None = None
    taken: dict[tuple[str, str], Holder] = field(default_factory=dict)
    unrecorded: tuple[Holder, ...] = ()
    #: Elastic IP addresses that were allocated for the node and that its configuration does not ask for.
    unused_addresses: tuple[Address, ...] = ()
