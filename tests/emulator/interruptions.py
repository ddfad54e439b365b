# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 does to an instance by itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from moto.ec2.models import ec2_backends

from .corrections import events
from .world import ACCOUNT_ID, world

WARNING = "EC2 Spot Instance Interruption Warning"
REBALANCE = "EC2 Instance Rebalance Recommendation"
TERMINATED_BY_SPOT = "Server.SpotInstanceTermination"


def interrupt(instance_id: str, warning_seconds: float = 0, marked_after: float = 0) -> None:
    """The warning now, the end after `warning_seconds`; the request shows what is coming after `marked_after`."""
    with world.locks.holding("ec2"):
        instance = _spot_instance(instance_id)
        world.state_log.note(instance_id, "interruption-warning")
        _mark(instance, marked_after)
        events.emit(instance, WARNING, {"instance-id": instance_id, "instance-action": "terminate"})
        world.clock.after(
            warning_seconds,
            lambda: instance.terminate(TERMINATED_BY_SPOT, "Instance terminated due to spot interruption"),
        )


def _mark(instance: Any, after: float) -> None:
    request = instance.ec2_backend.spot_requests.get(instance.spot_instance_request_id)
    if request is None:
        return
    if after:
        world.clock.after(after, request.marked_for_interruption)
    else:
        request.marked_for_interruption()


def mark(instance_id: str) -> None:
    """EC2 shows that it will interrupt the instance; there is no event, and no end."""
    with world.locks.holding("ec2"):
        _mark(_spot_instance(instance_id), 0)


def rebalance(instance_id: str) -> None:
    with world.locks.holding("ec2"):
        events.emit(_spot_instance(instance_id), REBALANCE, {"instance-id": instance_id})


def impair(instance_id: str, seconds: float = 0) -> None:
    """Both status checks of a running instance fail from now on, and say that they have for so many `seconds`."""
    with world.locks.holding("ec2"):
        since = datetime.now(tz=timezone.utc) - timedelta(seconds=seconds)
        _instance(instance_id).impaired_since = since.replace(microsecond=0)


def _spot_instance(instance_id: str) -> Any:
    instance = _instance(instance_id)
    if instance.lifecycle != "spot":
        raise ValueError(f"{instance_id} is no spot instance")
    return instance


def _instance(instance_id: str) -> Any:
    backend: Any
    for backend in ec2_backends[ACCOUNT_ID].values():
        if instance_id in backend.instances_by_id:
            return backend.instances_by_id[instance_id]
    raise ValueError(f"{instance_id} is no instance")
