# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Termination: an instance shuts down, then its interfaces are free.

ec2/models/instances.py Instance.terminate goes straight to `terminated` and never frees an interface;
InstanceBackend.terminate_instances terminates what stands before a protected instance; ec2/responses/instances.py
terminate_instances reads no state.
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ec2.exceptions import InvalidParameterCombination
from moto.ec2.models.instances import Instance, InstanceBackend, InstanceState, StateReason

from ..errors import EC2ClientError
from ..world import world
from . import attachments, instances, interfaces, spot
from .patching import corrects

USER_INITIATED = "Client.UserInitiatedShutdown"
moto_terminate = Instance.terminate


@corrects(InstanceBackend, "terminate_instances")
def _terminate_instances(_original: Any, self: Any, instance_ids: list[str]) -> list[tuple[Any, InstanceState]]:
    if not instance_ids:
        raise InvalidParameterCombination("No instances specified")
    found = self.get_multi_instances_by_id(list(dict.fromkeys(instance_ids)))
    protected = [instance for instance in found if instance.disable_api_termination]
    zones = {instance.availability_zone for instance in protected}
    done = [(each, each.terminate()) for each in found if each.availability_zone not in zones]
    if protected:
        raise EC2ClientError(
            "OperationNotPermitted",
            f"The instance '{protected[0].id}' may not be terminated. "
            "Modify its 'disableApiTermination' instance attribute and try again.",
        )
    return done


@corrects(Instance, "terminate")
def _terminate(
    _original: Any, self: Any, code: str = USER_INITIATED, message: str = "User initiated shutdown"
) -> InstanceState:
    previous = self._state
    if self.state in ("shutting-down", "terminated"):
        return previous
    by_user = code.startswith("Client.UserInitiated")
    self._reason = f"User initiated ({utcnow():%Y-%m-%d %H:%M:%S UTC})" if by_user else code
    self.state_reason = StateReason(f"{code}: {message}", code)
    instances.enter(self, "shutting-down")
    spot.ended(self, by_user)
    instances.later(self, "shutting_down", "shutting-down", lambda: finish(self))
    return previous


def die(instance: Any, code: str, message: str) -> None:
    """A launch that was accepted and comes to nothing: from `pending` straight to `terminated`."""
    instance._reason, instance.state_reason = code, StateReason(f"{code}: {message}", code)
    spot.ended(instance, by_user=False)
    finish(instance)


def finish(instance: Any) -> None:
    reason, state_reason = instance._reason, instance.state_reason
    interfaces_left = list(instance.nics.values())
    instance.nics = {}
    for interface in interfaces_left:
        interface.instance, interface.attachment_status = None, "detaching"
    moto_terminate(instance)  # volumes, fleets, instance profile
    instance._reason, instance.state_reason, instance._subnet_id = reason, state_reason, None
    for interface in interfaces_left:
        _release(interface)
    instances.enter(instance, "terminated")


def _release(interface: Any) -> None:
    attachment_id = interface.attachment_id

    def due() -> None:
        if interface.attachment_id != attachment_id:
            return
        if interface.delete_on_termination:
            interfaces.remove(interface)
        else:
            attachments.free(interface)

    world.clock.after(world.settings.duration("interface_release"), due)
