# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node as every module returns it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from ..configuration.options import public_config
from ..lifecycle.downtime import seconds_out_of_service
from ..model.commands import Reach
from ..model.node_error import failure_result
from ..model.observed import Observed
from ..model.record import Failure, Record
from ..model.serialization import to_dict
from ..plan.plan_hand_over import with_promotion
from ..resources.tagged import Tagged, generation_of
from .drift import Drift, find_drift, record_missing
from .pending import find_pending
from .status import derive_status
from .unused_addresses import unused_addresses

T = TypeVar("T")


def node_result(  # noqa: PLR0913 - the record, what is seen, and what one call adds
    record: Record,
    observed: Observed,
    *,
    now: int,
    timings: dict[str, float] | None = None,
    failure: Failure | None = None,
    reach: Reach | None = None,
) -> dict[str, Any]:
    """Compose the result of a node; `now` is in seconds since the epoch, `timings` seconds per phase of this call.

    `reach` completes the commands in it; the default table and the environment's region are assumed when left out.
    """
    place = reach or Reach()
    drift = find_drift(record, observed, now)
    record, observed = with_promotion(record, observed)
    return {
        "name": record.name,
        "status": derive_status(record, observed, drift),
        "desired": record.desired,
        "generation": record.identity.generation,
        "config": public_config(record.config),
        **_identity(record, observed),
        **_instance(observed, now),
        "seconds_out_of_service": seconds_out_of_service(record.identity, observed, now),
        "launch_attempts": [_attempt(attempt) for attempt in record.identity.launch_attempts],
        "drift": [_drift(item, place) for item in drift],
        "pending": [asdict(item) for item in find_pending(record, observed)],
        "unused_elastic_ips": unused_addresses(record, observed),
        "operation": _operation(record),
        "timings": {phase: round(seconds, 3) for phase, seconds in (timings or {}).items()},
        **({"error": failure_result(failure, place)} if failure else {}),
    }


def lost_result(name: str, remains: Tagged, reach: Reach, *, now: int) -> dict[str, Any]:
    """Compose the result of a node whose record is lost, from what carries its name: null is what nobody knows.

    Where two things claim to be the same part of the node, neither is taken for it, but for the instance that has the
    interface.
    """
    interface = _only(remains.lasting.network_interfaces)
    on_interface = tuple(item for item in remains.instances if interface and item.instance_id == interface.holder)
    instance = _only(on_interface or remains.instances)
    address = _only(remains.addresses)
    return {
        "name": name,
        "status": "degraded",
        "desired": None,
        "generation": generation_of(instance) if instance else 0,
        "config": None,
        "network_interface_id": interface.network_interface_id if interface else None,
        "private_ip_address": interface.private_ip_address if interface else None,
        "private_ip_addresses": list(interface.private_ip_addresses) if interface else [],
        "ipv6_addresses": list(interface.ipv6_addresses) if interface else [],
        "public_ip": address.public_ip if address else None,
        "allocation_id": address.allocation_id if address else None,
        "subnet_id": interface.subnet_id if interface else None,
        "availability_zone": interface.availability_zone if interface else None,
        **_instance(Observed(instance=instance), now),
        "seconds_out_of_service": None,
        "launch_attempts": [],
        "drift": [_drift(record_missing(name, remains), reach)],
        "pending": [],
        "unused_elastic_ips": [],
        "operation": None,
        "timings": {},
    }


def _only(found: tuple[T, ...]) -> T | None:
    return found[0] if len(found) == 1 else None


def _drift(item: Drift, reach: Reach) -> dict[str, Any]:
    return {"reason": item.reason, "message": item.sentence(reach), "repairable": item.repairable}


def deleted_result(
    record: Record,
    observed: Observed,
    *,
    now: int,
    timings: dict[str, float] | None = None,
    reach: Reach | None = None,
) -> dict[str, Any]:
    """Compose the result of a node that was forgotten a moment ago: what of its things was kept, and no drift."""
    shown = node_result(record, observed, now=now, timings=timings, reach=reach)
    return {**shown, "status": "absent", "drift": [], "pending": [], "operation": None}


def absent_result(name: str) -> dict[str, Any]:
    """Compose the result of a node that is to have no record, and has none."""
    return {"name": name, "status": "absent"}


def failed_result(name: str, failure: Failure, reach: Reach) -> dict[str, Any]:
    """Compose the result of a node of which nothing is known but that it failed."""
    return {"name": name, "error": failure_result(failure, reach)}


def _identity(record: Record, observed: Observed) -> dict[str, Any]:
    identity = record.identity
    return {
        "network_interface_id": identity.network_interface_id,
        "private_ip_address": identity.private_ip_address,
        "private_ip_addresses": list(identity.private_ip_addresses),
        "ipv6_addresses": list(identity.ipv6_addresses),
        "public_ip": _public_ip(record, observed),
        "allocation_id": identity.allocation_id,
        "subnet_id": identity.subnet_id or record.config.subnet_id,
        "availability_zone": identity.availability_zone or record.subnet.availability_zone,
    }


def _public_ip(record: Record, observed: Observed) -> str | None:
    """The public address that the node has now: its Elastic IP unless that is elsewhere, else one that EC2 assigned."""
    identity = record.identity
    address = observed.address
    is_known = address is not None and address.allocation_id == identity.allocation_id
    is_elsewhere = is_known and address and address.network_interface_id != identity.network_interface_id
    if identity.association_id and not is_elsewhere:
        return identity.public_ip
    interface = observed.network_interface
    return interface.association.public_ip if interface and interface.association else None


def _instance(observed: Observed, now: int) -> dict[str, Any]:
    instance = observed.instance
    if not instance or not instance.is_live:
        return dict.fromkeys(("instance_id", "instance_type", "instance_lifecycle", "seconds_since_launch"))
    return {
        "instance_id": instance.instance_id,
        "instance_type": instance.instance_type,
        "instance_lifecycle": instance.market,
        "seconds_since_launch": _seconds_since(instance.launched_at, now),
    }


def _seconds_since(time: str | None, now: int) -> int | None:
    # The clock here may be behind that of EC2.
    return None if time is None else max(0, now - int(datetime.strptime(time, "%Y-%m-%dT%H:%M:%S%z").timestamp()))


def _attempt(attempt: Any) -> dict[str, Any]:
    return {"instance_type": None, "code": None, **to_dict(attempt)}


def _operation(record: Record) -> dict[str, Any] | None:
    operation = record.operation
    if operation is None:
        return None
    names = ("id", "operation", "owner", "started_at", "expires_at", "from_generation", "target_generation")
    return {name: getattr(operation, name) for name in names}
