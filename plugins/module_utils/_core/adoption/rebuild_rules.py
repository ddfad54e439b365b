# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a record from being rebuilt: no consent, two resources for one part, and what nothing tells."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from typing import Any

from ..model.commands import rebuild_command
from ..model.config import Config
from ..model.node_error import NodeError
from ..model.observed import NetworkInterface
from ..model.tags import CONFIG
from ..resources.config_tag import TaggedConfig, config_tag, parse_config_tag
from ..resources.resource_text import describe_resource
from ..resources.tagged import Thing, id_of


def only(name: str, found: Sequence[Any]) -> Any:
    """Give the only one. Raises NodeError where there are more: which one is the node's is for a person to say."""
    if len(found) > 1:
        raise NodeError(
            "ClaimedTwice",
            f"{name}: each of these claims to be the node's, by its tags: "
            f"{'; '.join(describe_resource(thing) for thing in found)}. Find out which one is, and confirm that one "
            "alone by its id, with the others of the node's resources: -e repair_confirm=ID,ID.",
        )
    return found[0]


def check_confirmed(
    name: str, resources: Sequence[Thing], confirmed: Collection[str], given_allocation_id: str | None = None
) -> None:
    """Raise NodeError, which describes the resources, unless each of them is confirmed by its id.

    `given_allocation_id` is an Elastic IP that the node is to be given, since the interface's tag names it.
    """
    ids = [id_of(thing) for thing in resources]
    described = [describe_resource(thing) for thing in resources]
    if given_allocation_id:
        ids.append(given_allocation_id)
        described.append(f"Elastic IP {given_allocation_id} (named by the interface's tag {CONFIG})")
    missing = [item for item in ids if item not in confirmed]
    if not missing:
        return
    raise NodeError(
        "NotConfirmed",
        f"{name}: only tags say that these are the node's, and anyone who may tag resources can give them: "
        f"{'; '.join(described)}. Once they are in the record, pause, replace and "
        f"delete act on them. Not confirmed: {', '.join(missing)}. Nothing was written. If all of them are the node's, "
        "confirm them with the next command.",
        next_command=rebuild_command(name, ids),
    )


def read_config_tag(name: str, interface: NetworkInterface) -> TaggedConfig:
    """Read what the interface's tag says of the options. Raises NodeError where it says nothing."""
    tagged = parse_config_tag(interface.tags.get(CONFIG, ""))
    if tagged:
        return tagged
    association = interface.association
    example = Config(
        subnet_id=interface.subnet_id,
        secondary_private_ip_address_count=len(interface.private_ip_addresses) - 1,
        ipv6_address_count=len(interface.ipv6_addresses),
        elastic_ip=association.allocation_id if association else None,
    )
    interface_id, value = interface.network_interface_id, config_tag(example)
    raise NodeError(
        "ConfigTagMissing",
        f"{name}: interface {interface_id} has no tag {CONFIG} that could be read. Nothing else tells "
        "persist_private_ip, whether private and secondary addresses are particular ones, how many there are to be, "
        "public_ip_assignment and elastic_ip. Give the tag these, and rebuild the node then: aws ec2 create-tags "
        f"--resources {interface_id} --tags {shlex.quote(f'Key={CONFIG},Value={value}')}",
    )


def check_counts(name: str, interface: NetworkInterface, tagged: TaggedConfig) -> None:
    """Raise NodeError where the interface has more addresses than the node's: which are its own is not known."""
    secondary, ipv6 = len(interface.private_ip_addresses) - 1, len(interface.ipv6_addresses)
    wrong = secondary != tagged.secondary if tagged.named else secondary > tagged.secondary > 0
    for kind, is_wrong, present, wanted in (
        ("secondary private", wrong, secondary, tagged.secondary),
        ("IPv6", ipv6 > tagged.ipv6 > 0, ipv6, tagged.ipv6),
    ):
        if is_wrong:
            raise NodeError(
                "AddressesUnclear",
                f"{name}: interface {interface.network_interface_id} has {present} {kind} addresses, and the node's "
                f"are {wanted}, as its tag {CONFIG} says. Unassign or assign the others, or correct the tag.",
            )
