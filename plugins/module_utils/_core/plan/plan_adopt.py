# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An adoption: what an instance and its interface lack to be a node's, once the record accounts for them.

Nothing is terminated, and no address is changed.
"""

from __future__ import annotations

from ..model.observed import Observed
from ..model.record import Record
from ..model.tags import NAME
from .actions import Action
from .ownership_actions import SetOwnTags
from .plan_delete import plan_cancel_request
from .plan_interface import plan_keep_on_termination, plan_own_tags, plan_tags


def plan_adopt(record: Record, observed: Observed) -> tuple[Action, ...]:
    """Plan what is left to do of an adoption; what would be lost by a termination is protected first."""
    interface = observed.network_interface
    protection = plan_keep_on_termination(interface) if interface else ()
    tags = (*plan_tags(record, interface), *plan_own_tags(record, interface)) if interface else ()
    return (*plan_cancel_request(record), *protection, *tags, *_plan_other_tags(record, observed))


def _plan_other_tags(record: Record, observed: Observed) -> tuple[SetOwnTags, ...]:
    instance, address = observed.instance, observed.address
    tagged: tuple[SetOwnTags, ...] = ()
    if instance and instance.is_live and instance.tags.get(NAME) != record.name:
        tagged += (SetOwnTags(phase="interface", resource_id=instance.instance_id),)
    is_own = address is not None and address.allocation_id in record.owns.addresses
    if address and is_own and address.tags.get(NAME) != record.name:
        tagged += (SetOwnTags(phase="elastic_ip", resource_id=address.allocation_id),)
    return tagged
