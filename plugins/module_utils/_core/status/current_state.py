# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 shows of a node now, in one line for an error: its interface, its Elastic IP and its instance."""

from __future__ import annotations

from ..model.observed import Observed
from ..model.record import Record


def describe_state(record: Record, observed: Observed) -> str:
    """Describe what the record promises as EC2 shows it: what was deleted or moved is never described as kept."""
    parts = (
        _describe_interface(record, observed),
        _describe_elastic_ip(record, observed),
        _describe_instance(record, observed),
    )
    return ", ".join(part for part in parts if part)


def _describe_interface(record: Record, observed: Observed) -> str:
    interface_id = record.identity.network_interface_id
    if interface_id is None:
        return "no interface"
    interface = observed.network_interface
    if interface is None:
        return f"interface {interface_id} does not exist, {record.identity.private_ip_address} is not held"
    return f"interface {interface_id} with {interface.shown_address} kept"


def _describe_elastic_ip(record: Record, observed: Observed) -> str:
    allocation_id = record.identity.allocation_id
    if allocation_id is None:
        return ""
    address = observed.address
    if address is None:
        return f"Elastic IP {record.identity.public_ip or allocation_id} does not exist"
    if address.allocation_id != allocation_id:
        # The configuration names another one, which is the one that was looked at.
        return ""
    place = address.network_interface_id or address.instance_id
    if place is None:
        return f"Elastic IP {address.public_ip} on nothing"
    own = place == record.identity.network_interface_id
    return f"Elastic IP {address.public_ip} {'kept' if own else f'on {place}'}"


def _describe_instance(record: Record, observed: Observed) -> str:
    instance = observed.instance
    if instance is not None:
        return f"instance {instance.instance_id} {instance.state}"
    recorded = record.identity.instance_id
    return f"instance {recorded} does not exist" if recorded else "no instance"
