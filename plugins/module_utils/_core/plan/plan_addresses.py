# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private addresses that an interface still lacks, and why it may not get them: another interface has them."""

from __future__ import annotations

from ..actions.wanted_addresses import kept_secondary_addresses, wanted_private_ip_address
from ..model.node_error import NodeError
from ..model.observed import Observed
from ..model.record import Record

SubnetAddress = tuple[str, str]
"""The id of a subnet, and a private address of it."""


def lacked_addresses(record: Record, observed: Observed) -> tuple[SubnetAddress, ...]:
    """List the particular private addresses that the node is to have and its interface does not have."""
    interface = observed.network_interface
    present = interface.private_ip_addresses if interface else ()
    subnet_id = record.identity.subnet_id or record.wanted.subnet_id
    own = (wanted_private_ip_address(record), *kept_secondary_addresses(record))
    lacked = [(subnet_id, address) for address in own if address and address not in present]
    following = record.wanted.private_ip_address
    if following and following not in present:
        # It waits for a change of address.
        lacked.append((record.wanted.subnet_id, following))
    return tuple(dict.fromkeys(lacked))


def refuse_taken(record: Record, observed: Observed, subnet_id: str, *addresses: str | None) -> None:
    """Raise NodeError when another interface of the subnet has one of the addresses."""
    for address in addresses:
        holder = observed.taken.get((subnet_id, address or ""))
        if holder is None:
            continue
        place = f"interface {holder.network_interface_id} (on {holder.instance_id or 'no instance'})"
        raise NodeError(
            "PrivateIpAddressInUse",
            f"{record.name}: private_ip_address: {address} is taken by {holder.add_owner(place)}. {holder.way_out}",
            phase="interface",
            next_command=holder.next_command,
            retry="after_correction",
        )


def refuse_unrecorded(record: Record, observed: Observed) -> None:
    """Raise NodeError when EC2 has an interface with the node's tags, and the record never had one."""
    if not observed.unrecorded:
        return
    found = ", ".join(holder.network_interface_id for holder in observed.unrecorded)
    raise NodeError(
        "NetworkInterfaceUnrecorded",
        f"{record.name}: the record has no network interface, and {found} carries the node's tags: the record seems to "
        f"have been lost and made new. No further interface is made. {observed.unrecorded[0].way_out} If the interface "
        "is not the node's, remove its tags that begin with stateful_node:.",
        phase="interface",
        next_command=observed.unrecorded[0].next_command,
        retry="after_correction",
    )
