# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elastic IP addresses that were allocated for a node and that it no longer uses: they cost, and are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..model.observed import Observed
from ..model.record import Record
from ..plan.plan_elastic_ip import wanted_allocation_id
from ..resources.orphan_rules import MONTHLY_COST


def unused_allocation_ids(record: Record) -> tuple[str, ...]:
    """List the addresses that are the node's own and that its configuration does not ask for."""
    wanted = wanted_allocation_id(replace(record, operation=None))
    return tuple(allocation_id for allocation_id in record.owns.addresses if allocation_id != wanted)


def unused_addresses(record: Record, observed: Observed) -> list[dict[str, Any]]:
    """Show the unused addresses that EC2 still has; `monthly_cost` is in USD."""
    found = {address.allocation_id: address.public_ip for address in observed.unused_addresses}
    return [
        {"allocation_id": allocation_id, "public_ip": found[allocation_id], "monthly_cost": MONTHLY_COST}
        for allocation_id in unused_allocation_ids(record)
        if allocation_id in found
    ]


def unused_address_warnings(record: Record, observed: Observed) -> Iterator[str]:
    """Say of each unused address what it costs, and how to give it back."""
    for address in unused_addresses(record, observed):
        yield (
            f"{record.name}: Elastic IP {address['public_ip']} ({address['allocation_id']}) was allocated for the node "
            f"and is not in its configuration. It costs {address['monthly_cost']} USD a month until it is released: "
            f"{_way_to_release(record, address['allocation_id'])}."
        )


def _way_to_release(record: Record, allocation_id: str) -> str:
    if record.config.elastic_ip:
        # The module would take the configured address off the node as well.
        return f"aws ec2 release-address --allocation-id {allocation_id}"
    return "stateful_node_eip with state=absent release=true"
