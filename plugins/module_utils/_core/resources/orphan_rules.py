# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orphans: what carries a table's tag in EC2 and belongs to none of its records, and what may be done about it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from ..model.names import is_name, split_list
from ..model.node_error import NodeError
from ..model.observed import Address, Instance, NetworkInterface
from ..model.tags import NAME
from .resource_text import shown_text
from .tagged import Thing, id_of

MONTHLY_COST = 3.65
"""USD a month for a public IPv4 address: 730 hours at the list price of 0.005, whether it is in use or not.

Source: https://aws.amazon.com/vpc/pricing/ (Public IPv4 address)
"""

ID = re.compile(r"(i|eni|eipalloc)-[0-9a-f]{8,17}")
"""An id of something that can be an orphan."""

ACTIONS: dict[type, str] = {
    Instance: "terminate_instance",
    NetworkInterface: "delete_network_interface",
    Address: "release_address",
}
"""What is done to an orphan of a kind that is to be deleted."""

KINDS: dict[type, str] = {Instance: "instance", NetworkInterface: "network_interface", Address: "elastic_ip"}


def parse_ids(values: Iterable[str], option: str = "delete") -> tuple[str, ...]:
    """Read an option that names resources: split on commas and newlines, stripped.

    They come in the order in which they can be deleted: instances hold interfaces, and interfaces addresses. Raises
    NodeError for what is not an id of any of them, and for a list that was cut.
    """
    ids = dict.fromkeys(split_list(values, option))
    for item in ids:
        if not ID.fullmatch(item):
            raise NodeError(
                "InvalidId",
                f"{option}: '{item}' is not an id of an instance (i-), an interface (eni-) or an address (eipalloc-).",
            )
    order = {"i": 0, "eni": 1, "eipalloc": 2}
    return tuple(sorted(ids, key=lambda item: order[item.partition("-")[0]]))


def orphan_result(thing: Thing) -> dict[str, Any]:
    """Show an orphan; costs are those of public addresses only, each counted once."""
    name = thing.tags.get(NAME, "")
    return {
        "id": id_of(thing),
        "type": KINDS[type(thing)],
        "name": name if is_name(name) else None,
        "invalid_name": None if is_name(name) else shown_text(name),
        "name_tag": thing.tags.get("Name"),
        "owner_id": None if isinstance(thing, Address) else thing.owner_id,
        "launched_at": thing.launched_at if isinstance(thing, Instance) else None,
        "private_ip_address": _private_ip_address(thing),
        "public_ip": _public_ip(thing),
        "used_by": used_by(thing),
        "monthly_cost": _monthly_cost(thing),
    }


def _private_ip_address(thing: Thing) -> str | None:
    if isinstance(thing, NetworkInterface):
        return thing.private_ip_address
    return thing.private_ip_address if isinstance(thing, Address) else None


def _public_ip(thing: Thing) -> str | None:
    if isinstance(thing, Address):
        return thing.public_ip
    return thing.association.public_ip if isinstance(thing, NetworkInterface) and thing.association else None


def used_by(thing: Thing) -> str | None:
    """The id of what the orphan is attached to or associated with."""
    if isinstance(thing, NetworkInterface):
        return thing.holder or (thing.attachment.attachment_id if thing.attachment else None)
    return (thing.network_interface_id or thing.instance_id) if isinstance(thing, Address) else None


def _monthly_cost(thing: Thing) -> float:
    if isinstance(thing, Address):
        return MONTHLY_COST
    # An Elastic IP that an interface carries is charged where it is listed itself.
    lent = isinstance(thing, NetworkInterface) and thing.association and thing.association.allocation_id is None
    return MONTHLY_COST if lent else 0.0


def check_unused(thing: Thing, deleted: Collection[str]) -> None:
    """Raise NodeError while something uses the orphan that has not been `deleted` by the same call."""
    user = used_by(thing)
    if user is None or user in deleted:
        return
    way_out = (
        f"Name {user} too, if that is an orphan, or detach the interface first"
        if isinstance(thing, NetworkInterface)
        else f"Name {user} too, if that is an orphan, or disassociate the address first"
    )
    raise NodeError("OrphanInUse", f"{id_of(thing)} is used by {user} and is not deleted. {way_out}.")
