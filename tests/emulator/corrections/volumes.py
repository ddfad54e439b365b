# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attaching volumes.

ec2/models/elastic_block_store.py attach_volume checks neither use nor zone; detach_volume needs the instance's id;
Attachments show no DeleteOnTermination. ec2/responses/elastic_block_store.py describe_volumes has no pages.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.elastic_block_store import EBSBackend, VolumeAttachment
from moto.ec2.responses import EC2Response

from ..errors import EC2ClientError
from . import filters
from .patching import corrects, property_of


@corrects(EBSBackend, "attach_volume")
def _attach(original: Any, self: Any, volume_id: str, instance_id: str, device_path: str, *flags: Any) -> Any:
    volume, instance = self.get_volume(volume_id), self.get_instance(instance_id)
    if volume.attachment:
        raise EC2ClientError("VolumeInUse", f"{volume_id} is already attached to an instance")
    zone = getattr(volume.zone, "name", volume.zone)
    if zone != instance.placement.zone:
        raise EC2ClientError(
            "InvalidVolume.ZoneMismatch",
            f"The volume '{volume_id}' is not in the same availability zone as instance '{instance_id}'",
        )
    return original(self, volume_id, instance_id, device_path, *flags)


@corrects(EBSBackend, "detach_volume")
def _detach(original: Any, self: Any, volume_id: str, instance_id: str | None, device_path: str | None) -> Any:
    attachment = self.get_volume(volume_id).attachment
    if attachment is None:
        raise EC2ClientError("IncorrectState", f"Volume '{volume_id}' is in the 'available' state.")
    return original(self, volume_id, instance_id or attachment.instance.id, device_path or attachment.device)


@property_of(VolumeAttachment, "delete_on_termination")
def _delete_on_termination(self: Any) -> bool:
    device = self.instance.block_device_mapping.get(self.device)
    return bool(device and device.delete_on_termination)


@corrects(EC2Response, "describe_volumes")
def _describe(original: Any, self: Any) -> ActionResult:
    shown, token = filters.page(self, original(self).result["Volumes"])
    return ActionResult({"Volumes": shown, "NextToken": token})
