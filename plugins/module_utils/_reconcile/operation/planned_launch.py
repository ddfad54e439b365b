# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A launch that is about to be made, as far as it is known before the node is taken for it."""

from __future__ import annotations

from dataclasses import dataclass

from ..._core.configuration.launch_findings import (
    LaunchRequirements,
)
from ..._core.configuration.launch_preflight import (
    launch_requirements,
)
from ..._core.configuration.lookups import LaunchTemplateVersion
from ..._core.model.config import LaunchTemplate
from ..._core.model.record import Record
from ..._core.plan.plan_address_change import is_due
from ..context.node import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedLaunch:
    """A launch that is about to be made: `record` is the node's as the launch finds it, in subnet and zone."""

    node: Node
    record: Record
    subnet_id: str
    availability_zone: str

    @property
    def template(self) -> LaunchTemplate | None:
        """The launch template that is configured."""
        return self.record.wanted.launch.launch_template

    def requirements(self, template: LaunchTemplateVersion | None) -> LaunchRequirements:
        """List what the launch names."""
        return launch_requirements(self.record.wanted, self.subnet_id, self.availability_zone, template)


def planned_launch(node: Node, record: Record) -> PlannedLaunch:
    """Find where the node's next instance will be launched: where its interface is, unless that is about to change."""
    identity, wanted = node.identity, record.wanted
    stays = identity.subnet_id is not None and not is_due(record, node.observed)
    return PlannedLaunch(
        node=node,
        record=record,
        subnet_id=(identity.subnet_id if stays else None) or wanted.subnet_id,
        availability_zone=(identity.availability_zone if stays else None) or record.subnet.availability_zone,
    )
