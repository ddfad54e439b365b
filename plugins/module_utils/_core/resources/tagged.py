# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What carries the collection's tags in EC2, and which of it no record accounts for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ..model.observed import Address, Instance, NetworkInterface
from ..model.record import Intent, Record
from ..model.tags import DISPOSABLE, GENERATION, INTENT, NAME, ROLE, TABLE

GENERATION_PATTERN = re.compile(r"[1-9][0-9]{0,8}")
"""A generation as a tag: no node is launched a thousand million times."""

Thing: TypeAlias = "NetworkInterface | Instance | Address"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tagged:
    """Interfaces, live instances and Elastic IP addresses that carry a table's tag."""

    network_interfaces: tuple[NetworkInterface, ...] = ()
    instances: tuple[Instance, ...] = ()
    addresses: tuple[Address, ...] = ()

    @property
    def things(self) -> tuple[Thing, ...]:
        """All of them: instances first, as what ends first, then interfaces, then addresses."""
        return (*self.instances, *self.network_interfaces, *self.addresses)

    @property
    def lasting(self) -> Tagged:
        """Without the interfaces that EC2 made with an instance and deletes with it."""
        return self.where(lambda thing: thing.tags.get(ROLE) != DISPOSABLE)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the nodes that they were made for, in order."""
        return tuple(sorted({thing.tags.get(NAME, "") for thing in self.things}))

    def of(self, name: str) -> Tagged:
        """Those that were made for one node."""
        return self.where(lambda thing: thing.tags.get(NAME) == name)

    def where(self, holds: Callable[[Thing], bool]) -> Tagged:
        """Those for which something holds."""
        return Tagged(
            network_interfaces=tuple(filter(holds, self.network_interfaces)),
            instances=tuple(filter(holds, self.instances)),
            addresses=tuple(filter(holds, self.addresses)),
        )


def was_launched_for(record: Record, instance: Instance, table: str) -> bool:
    """Whether an instance is, or was once, the node's: one that the record does not name has been seen to end.

    Its tags say so, which anyone may give. So that is no reason to do anything to it but to wait for a bounded time.
    """
    own = {TABLE: table, NAME: record.name}
    is_known = GENERATION in instance.tags and generation_of(instance) <= record.identity.generation
    return is_known and own.items() <= instance.tags.items()


def generation_of(instance: Instance) -> int:
    """Read the generation from an instance's tag; 1 where the tag is missing or says none."""
    generation = instance.tags.get(GENERATION, "")
    return int(generation) if GENERATION_PATTERN.fullmatch(generation) else 1


def id_of(thing: Thing) -> str:
    """EC2's id of the thing."""
    if isinstance(thing, Instance):
        return thing.instance_id
    return thing.network_interface_id if isinstance(thing, NetworkInterface) else thing.allocation_id


def described(thing: Thing) -> str:
    """Say in a few words what the thing is, with its id and its address or state."""
    if isinstance(thing, Instance):
        return f"instance {thing.instance_id} ({thing.state})"
    if isinstance(thing, Address):
        return f"Elastic IP {thing.public_ip} ({thing.allocation_id})"
    place = f"attached to {thing.holder}" if thing.holder else thing.status
    return f"network interface {thing.network_interface_id} ({thing.shown_address}, {place})"


def unclaimed(tagged: Tagged, records: Iterable[Record]) -> Tagged:
    """Leave what no record accounts for: by owning it, or by an intent that may have made it.

    True only of records that were read, consistently, after the things: an operation writes its intent before it
    makes anything, and so whatever was there to be seen is in its record by then.
    """
    known = list(records)
    owned = {resource_id for record in known for resource_id in record.owns.ids}
    intents = {record.name: record.intent for record in known if record.intent}

    def is_stray(thing: Thing) -> bool:
        if _goes_with_instance(thing):
            return False
        intent = intents.get(thing.tags.get(NAME, ""))
        return id_of(thing) not in owned and not (intent and _may_have_made(intent, thing))

    return tagged.where(is_stray)


def _goes_with_instance(thing: Thing) -> bool:
    """Whether EC2 made an interface with an instance that has it still, and deletes it with that."""
    is_attached = isinstance(thing, NetworkInterface) and thing.attachment is not None
    return is_attached and thing.tags.get(ROLE) == DISPOSABLE


def _may_have_made(intent: Intent, thing: Thing) -> bool:
    if intent.action == "RunInstances":
        return isinstance(thing, Instance) and thing.client_token == intent.token
    if intent.action == "AllocateAddress":
        return isinstance(thing, Address) and thing.tags.get(INTENT) == intent.token
    if intent.action == "CreateNetworkInterface":
        return isinstance(thing, NetworkInterface)
    # Whatever else an operation is about, the node is not at rest while its intent is open.
    return not intent.action.startswith("Assign")
