# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which private and IPv6 addresses the node's interface should have, as far as they are known."""

from __future__ import annotations

from ..model.record import Record


def wanted_private_ip_address(record: Record) -> str | None:
    """Say which primary private address an interface made now must have; None leaves the choice to EC2."""
    kept = record.identity.private_ip_address if record.wanted.persist_private_ip else None
    return kept or record.wanted.private_ip_address


def kept_secondary_addresses(record: Record) -> tuple[str, ...]:
    """List those secondary private addresses that the interface should have and that are known."""
    wanted = record.wanted
    recorded = record.identity.private_ip_addresses[1:]
    return wanted.secondary_private_ip_addresses or recorded[: wanted.secondary_private_ip_address_count]


def kept_ipv6_addresses(record: Record) -> tuple[str, ...]:
    """List those IPv6 addresses that the interface should have and that are known."""
    return record.identity.ipv6_addresses[: record.wanted.ipv6_address_count]
