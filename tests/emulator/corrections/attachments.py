# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attaching and detaching network interfaces.

ec2/models/elastic_network_interfaces.py attach_network_interface checks neither use, zone, device index, the limit of
the instance's type nor its state; detach_network_interface takes the primary interface as soon as there is a second,
and ec2/responses/elastic_network_interfaces.py reads no Force; Attachment is `attached` at once.
ec2/models/instances.py Instance.attach_eni, detach_eni.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.exceptions import InvalidNetworkAttachmentIdError
from moto.ec2.models.elastic_network_interfaces import Attachment, NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.instances import Instance
from moto.ec2.responses import EC2Response
from moto.ec2.utils import random_eni_attach_id

from ..errors import EC2ClientError, ServerError, invalid, not_permitted_together
from ..world import world
from . import instance_types
from .patching import corrects, property_of


@corrects(NetworkInterfaceBackend, "attach_network_interface")
def _attach(_original: Any, self: Any, eni_id: str, instance_id: str, device_index: int) -> Any:
    interface, instance = self.get_network_interface(eni_id), self.get_instance(instance_id)
    check_free(interface)
    if instance.state not in ("running", "stopped"):
        raise EC2ClientError("IncorrectState", f"Instance '{instance_id}' is not 'running' or 'stopped'.")
    if interface.availability_zone != instance.availability_zone:
        raise not_permitted_together(
            f"You may not attach a network interface to an instance if they are not in the same availability zone: "
            f"{eni_id} is in {interface.availability_zone}, {instance_id} is in {instance.availability_zone}"
        )
    if int(device_index) in instance.nics:
        raise invalid(f"Instance '{instance_id}' already has an interface attached at device index '{device_index}'.")
    most = instance_types.interface_limit(instance.instance_type)
    if len(instance.nics) >= most:
        raise EC2ClientError(
            "AttachmentLimitExceeded",
            f"Interface count {len(instance.nics) + 1} exceeds the limit for {instance.instance_type}",
        )
    interface.delete_on_termination = False
    instance.attach_eni(interface, device_index)
    return interface.attachment


def check_free(interface: Any) -> None:
    if interface.attachment_id or getattr(interface, "is_held_after_refusal", False):
        raise EC2ClientError("InvalidNetworkInterface.InUse", f"Interface: [{interface.id}] in use.")


@contextmanager
def held_after_refusal(interfaces: list[Any]) -> Iterator[None]:
    """A launch that is refused for want of capacity may keep its interfaces in use for a while, on no instance.

    Field reports: https://github.com/openshift/cluster-network-operator/issues/1675,
    https://github.com/hashicorp/terraform-provider-aws/issues/27513. EC2 shows such an interface as available.
    """
    try:
        yield
    except ServerError:
        for interface in interfaces:
            interface.is_held_after_refusal = True
            release = partial(setattr, interface, "is_held_after_refusal", False)
            world.clock.after(world.settings.duration("interface_hold"), release)
        raise


@corrects(Instance, "attach_eni")
def _attach_eni(_original: Any, self: Any, eni: Any, device_index: int) -> str:
    self.nics[int(device_index)] = eni
    eni.instance, eni.device_index = self, int(device_index)
    # These outlive `instance`: a terminated instance keeps its interface for a while.
    eni.attached_instance_id, eni.attached_device_index = self.id, int(device_index)
    eni.attachment_id, eni.attach_time = random_eni_attach_id(), utcnow()
    eni.status, eni.attachment_status = "in-use", "attaching"
    eni.check_auto_public_ip()
    world.state_log.note(eni.id, "attaching", self.id)
    _later("attaching", eni, lambda: _attached(eni), while_it_is="attaching")
    return eni.attachment_id


def _attached(interface: Any) -> None:
    interface.attachment_status = "attached"
    world.state_log.note(interface.id, "attached", interface.attached_instance_id)


@corrects(NetworkInterfaceBackend, "detach_network_interface")
def _detach(_original: Any, self: Any, attachment_id: str) -> None:
    interface = next((eni for eni in self.enis.values() if eni.attachment_id == attachment_id), None)
    if interface is None:
        raise InvalidNetworkAttachmentIdError(attachment_id)
    if interface.device_index == 0:
        raise EC2ClientError(
            "OperationNotPermitted",
            "The network interface at device index 0 and networkCard index 0 cannot be detached.",
        )
    interface.attachment_status = "detaching"
    world.state_log.note(interface.id, "detaching", interface.attached_instance_id)
    _later("detaching", interface, lambda: free(interface), while_it_is="detaching")


@corrects(EC2Response, "detach_network_interface")
def _detach_by_force(original: Any, self: Any) -> Any:
    """By force it does not matter whether the instance lets go of it."""
    answer = original(self)
    attachment_id = self._get_param("AttachmentId")
    interface = next((eni for eni in self.ec2_backend.enis.values() if eni.attachment_id == attachment_id), None)
    if interface is not None and self._get_param("Force"):
        free(interface)
    return answer


def _later(duration: str, interface: Any, change: Any, while_it_is: str) -> None:
    attachment_id = interface.attachment_id

    def due() -> None:
        if (interface.attachment_id, interface.attachment_status) == (attachment_id, while_it_is):
            change()

    world.clock.after(world.settings.duration(duration), due)


def free(interface: Any) -> None:
    """The interface belongs to no instance any more."""
    if interface.attachment_id:
        world.state_log.note(interface.id, "detached", interface.attached_instance_id)
    if interface.instance is not None:
        interface.instance.nics.pop(interface.device_index, None)
    interface.instance = interface.attachment_id = interface.attach_time = interface.device_index = None
    interface.auto_public_ip = None
    interface.delete_on_termination = False
    interface.status = "available"


@corrects(Instance, "detach_eni")
def _detach_eni(_original: Any, self: Any, eni: Any) -> None:
    free(eni)


@property_of(NetworkInterface, "attachment")
def _attachment(self: Any) -> Attachment | None:
    if not self.attachment_id:
        return None
    attachment = Attachment(self)
    attachment.status = self.attachment_status
    return attachment
