# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out the actions by which things become a node's, and are let go again."""

from __future__ import annotations

from dataclasses import replace

from ..._aws.calls.aws_error import AwsError
from ..._core.actions import ownership_actions
from ..._core.actions.address_change_actions import DiscardNextInterface
from ..._core.model import tags
from ..._core.model.node_error import NodeError
from ..._core.model.record import Intent
from ..._core.resources.config_tag import config_tag
from ..context.node import Node
from .address_change import discard_next
from .elastic_ip import abandon_allocation
from .interface import make


async def abandon_intent(node: Node, _action: ownership_actions.AbandonIntent) -> None:
    """End what an interrupted run was about to create, whether it was created or not."""
    intent = node.record.intent
    if intent and intent.action == "CreateNetworkInterface":
        await _abandon_interface(node, intent)
    elif intent and intent.action == "AllocateAddress":
        await abandon_allocation(node)
    elif intent:
        # Addresses that were assigned go, or stay, with their interface.
        await node.save(intent=None)


async def _abandon_interface(node: Node, intent: Intent) -> None:
    """Make it again by its token, as one that is not the node's own yet, and delete it."""
    try:
        await make(node, replace(intent, role="next"), first=False)
    except (AwsError, NodeError):
        if node.record.intent:
            raise
        # EC2 has refused it: it was not made.
    if made := node.identity.next_interface:
        await discard_next(node, DiscardNextInterface(network_interface_id=made.network_interface_id))


async def remove_own_tags(node: Node, action: ownership_actions.RemoveOwnTags) -> None:
    """Remove the collection's tags; what is gone has none."""
    await node.ec2.delete_tags_if_present(action.resource_id, tags.OWN)


async def put_back_delete_on_termination(node: Node, action: ownership_actions.PutBackDeleteOnTermination) -> None:
    """Switch DeleteOnTermination on again."""
    attribute = {"Attachment": {"AttachmentId": action.attachment_id, "DeleteOnTermination": True}}
    await node.ec2.modify_network_interface_attribute(node.network_interface_id, attribute)


async def cancel_spot_request(node: Node, action: ownership_actions.CancelSpotRequest) -> None:
    """Cancel the request, and note that; its instance runs on."""
    await node.ec2.cancel_spot_instance_requests(action.spot_instance_request_id)
    if adoption := node.identity.adoption:
        await node.save_identity(adoption=replace(adoption, spot_instance_request_id=None))


async def set_own_tags(node: Node, action: ownership_actions.SetOwnTags) -> None:
    """Tag something as the node's."""
    own = {tags.TABLE: node.context.table, tags.NAME: node.name}
    if action.resource_id == node.identity.instance_id:
        own[tags.GENERATION] = str(node.identity.instance_generation)
    if action.resource_id == node.identity.network_interface_id:
        own[tags.CONFIG] = config_tag(node.record.wanted)
    await node.ec2.create_tags(action.resource_id, own)
