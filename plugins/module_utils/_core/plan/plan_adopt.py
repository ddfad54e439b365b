# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An adoption: what an instance and its interface lack to be a node's, once the record accounts for them.

Nothing is terminated, and no address is changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..actions.base_action import Action
from ..actions.ownership_actions import SetOwnTags
from ..model.observed import Observed
from ..model.record import Record
from ..model.tags import NAME
from .plan_delete import plan_cancel_request
from .plan_interface import plan_keep_on_termination, plan_own_tags, plan_tags


def plan_adopt(record: Record, observed: Observed) -> Iterator[Action]:
    """Plan what is left to do of an adoption; what would be lost by a termination is protected first."""
    yield from plan_cancel_request(record)
    interface = observed.network_interface
    if interface:
        yield from plan_keep_on_termination(interface)
        yield from plan_tags(record, interface)
        yield from plan_own_tags(record, interface)

    instance = observed.instance
    if instance and instance.is_live and instance.tags.get(NAME) != record.name:
        yield SetOwnTags(phase="interface", resource_id=instance.instance_id)

    address = observed.address
    is_own = address is not None and address.allocation_id in record.owns.addresses
    if address and is_own and address.tags.get(NAME) != record.name:
        yield SetOwnTags(phase="elastic_ip", resource_id=address.allocation_id)
