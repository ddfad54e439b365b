# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person recognizes a resource by: its Name tag, who made it and when, as far as EC2 tells.

A tag is text of anyone's. It is shown in ASCII, cut, and never as a part of a command.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model.observed import Address, Instance, NetworkInterface

if TYPE_CHECKING:
    from .tagged import Thing

LONGEST = 60
"""How many characters of a tag are shown."""


def shown_text(value: str) -> str:
    """Show a tag's value in quotes, other characters than ASCII's printable ones escaped, and cut."""
    cut = value if len(value) <= LONGEST else f"{value[:LONGEST]}..."
    return ascii(cut)


def describe_resource(thing: Thing) -> str:
    """Describe a resource in one line."""
    if isinstance(thing, Instance):
        return f"instance {thing.instance_id} ({', '.join(_of_instance(thing))})"
    if isinstance(thing, NetworkInterface):
        return f"interface {thing.network_interface_id} ({', '.join(_of_interface(thing))})"
    return f"Elastic IP {thing.allocation_id} ({', '.join(_of_address(thing))})"


def _of_instance(instance: Instance) -> Iterator[str]:
    yield instance.state
    yield from _name(instance)
    if instance.launched_at:
        yield f"launched {instance.launched_at}"
    if instance.owner_id:
        yield f"by account {instance.owner_id}"
    yield f"key pair {shown_text(instance.key_name)}" if instance.key_name else "no key pair"


def _of_interface(interface: NetworkInterface) -> Iterator[str]:
    yield interface.shown_address
    yield from _name(interface)
    if interface.owner_id:
        yield f"of account {interface.owner_id}"
    yield f"on {interface.holder}" if interface.holder else "attached to no instance"


def _of_address(address: Address) -> Iterator[str]:
    yield address.public_ip
    yield from _name(address)
    holder = address.network_interface_id or address.instance_id
    yield f"on {holder}" if holder else "associated with nothing"


def _name(thing: Thing) -> Iterator[str]:
    name = thing.tags.get("Name")
    yield f"Name {shown_text(name)}" if name else "no Name tag"
