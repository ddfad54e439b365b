# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the interface of a running node may lack."""

from __future__ import annotations

from ..world import PolicyEnvironment
from .nodes import EVERYTHING, edited, resumed, seen, then


def _edited(world: PolicyEnvironment) -> None:
    """Everything of the interface, of which each change is one call."""
    other = world.ec2.allocate_address(Domain="vpc")["AllocationId"]
    edited(
        elastic_ip=other,
        security_groups=[world.network.other_security_group_id],
        source_dest_check=False,
        tags={"team": "web"},
        purge_tags=True,
        secondary_private_ip_address_count=2,
        ipv6_address_count=2,
    )(world)


def _retagged(world: PolicyEnvironment) -> None:
    edited(tags={"owner": "web"}, purge_tags=True, secondary_private_ip_address_count=0, ipv6_address_count=0)(world)


def deleted_with_instance(world: PolicyEnvironment) -> None:
    """Somebody has switched DeleteOnTermination on."""
    attachment = world.interface()["Attachment"]["AttachmentId"]
    world.ec2.modify_network_interface_attribute(
        NetworkInterfaceId=seen(world)["network_interface_id"],
        Attachment={"AttachmentId": attachment, "DeleteOnTermination": True},
    )


ADDRESS = edited(elastic_ip="new", public_ip_assignment="enabled")

CHANGES = {
    "edited": then(resumed(**EVERYTHING), _edited),
    "edited to have less": then(resumed(**EVERYTHING), _retagged),
    "edited to have an address": then(resumed(), ADDRESS),
    "deleted with its instance": then(resumed(), deleted_with_instance),
}
"""What the interface of a running node lacks."""
