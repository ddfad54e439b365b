# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance's network and its states.

ec2/models/instances.py: Instance.__init__ takes a launch by interface id for EC2-Classic in zone a; prep_nics uses an
interface without looking whether it is free and keeps created ones for ever; state is `running` at once; start and
stop bring terminated instances back to life; setup_defaults puts the root volume elsewhere than the image says;
get_instance searches all reservations; __del__ frees addresses at random times.
"""

from __future__ import annotations

import time
from typing import Any

from moto.ec2.exceptions import InvalidInstanceIdError
from moto.ec2.models.instances import Instance, InstanceBackend, InstanceState, StateReason
from moto.ec2.responses import EC2Response

from ..errors import EC2ClientError
from ..world import world
from . import events, terminations
from .attachments import check_free
from .patching import corrects, property_of
from .xml import PlainResult

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

del Instance.__del__
Instance.spot_instance_request_id = None  # type: ignore[attr-defined]
Instance.reservation_id = None  # type: ignore[attr-defined]
Instance.status_ok_from = 0.0  # type: ignore[attr-defined]
Instance.impaired_since = None  # type: ignore[attr-defined]
Instance.operator = None  # type: ignore[attr-defined]


@property_of(InstanceBackend, "instances_by_id")
def _instances_by_id(self: Any) -> dict[str, Any]:
    return vars(self).setdefault("known_instances", {})


@corrects(InstanceBackend, "get_instance")
def _get_instance(_original: Any, self: Any, instance_id: str) -> Any:
    if instance_id not in self.instances_by_id:
        raise InvalidInstanceIdError(instance_id)
    return self.instances_by_id[instance_id]


@corrects(InstanceBackend, "get_instance_by_id")
def _get_instance_by_id(_original: Any, self: Any, instance_id: str) -> Any:
    return self.instances_by_id.get(instance_id)


@corrects(InstanceBackend, "get_multi_instances_by_id")
def _get_multi(_original: Any, self: Any, instance_ids: list[str], filters: Any = None) -> list[Any]:
    missing = [each for each in instance_ids if each not in self.instances_by_id]
    if missing:
        raise InvalidInstanceIdError(missing)
    return [self.instances_by_id[each] for each in instance_ids if self.instances_by_id[each].applies(filters)]


@corrects(Instance, "__init__")
def _init(
    original: Any, self: Any, ec2_backend: Any, image_id: str, user_data: Any, security_groups: Any, **options: Any
) -> None:
    primary: dict[str, Any] = next(
        (nic for nic in options.get("nics") or [] if int(nic.get("DeviceIndex") or 0) == 0), {}
    )
    if primary.get("NetworkInterfaceId"):
        interface = ec2_backend.get_network_interface(primary["NetworkInterfaceId"])
        options.update(subnet_id=interface.subnet.id, associate_public_ip=False)
    original(self, ec2_backend, image_id, user_data, security_groups, **options)
    ec2_backend.instances_by_id[self.id] = self
    world.consistency.note(self.id)
    self._state = InstanceState("pending", 0)


@corrects(Instance, "setup_defaults")
def _setup_defaults(_original: Any, self: Any) -> None:
    volume = self.ec2_backend.create_volume(size=8, zone_name=self.placement.zone)
    self.ec2_backend.attach_volume(volume.id, self.id, self.root_device_name, True)


@corrects(Instance, "prep_nics")
def _prep_nics(
    _original: Any,
    self: Any,
    nic_spec: list[dict[str, Any]],
    private_ip: str | None = None,
    associate_public_ip: bool | None = None,
    security_groups: Any = None,
    ipv6_address_count: int | None = None,
) -> None:
    self.nics = {}
    defaults = {"PrivateIpAddress": private_ip, "Ipv6AddressCount": ipv6_address_count}
    for spec in nic_spec or [{"DeviceIndex": 0}]:
        index = int(spec.get("DeviceIndex") or 0)
        if spec.get("NetworkInterfaceId"):
            interface = self.ec2_backend.get_network_interface(spec["NetworkInterfaceId"])
            check_free(interface)
            interface.delete_on_termination = False
        else:
            wanted = {**defaults, **spec} if index == 0 else spec
            interface = _create_interface(self, wanted, index == 0 and associate_public_ip, security_groups)
        self.attach_eni(interface, index)


def _create_interface(instance: Any, spec: dict[str, Any], public_by_default: Any, groups: Any) -> Any:
    public = spec.get("AssociatePublicIpAddress")
    return instance.ec2_backend.create_network_interface(
        spec.get("SubnetId") or instance.subnet_id,
        spec.get("PrivateIpAddress"),
        spec.get("PrivateIpAddresses"),
        group_ids=spec.get("Groups") or [group.id for group in groups or []],
        description=spec.get("Description"),
        delete_on_termination=spec.get("DeleteOnTermination") is not False,
        public_ip_auto_assign=bool(public_by_default if public is None else public),
        secondary_ips_count=spec.get("SecondaryPrivateIpAddressCount"),
        ipv6_address_count=spec.get("Ipv6AddressCount"),
    )


@property_of(Instance, "private_ip", "private_ip_address")
def _private_ip(self: Any) -> str | None:
    return self.nics[0].private_ip_address if 0 in self.nics else None


@property_of(Instance, "public_ip", "public_ip_address")
def _public_ip(self: Any) -> str | None:
    return self.nics[0].public_ip if 0 in self.nics else None


def _security_groups(self: Any) -> list[Any]:
    nics = vars(self).get("nics") or {}
    return nics[0]._group_set if 0 in nics else vars(self).get("launch_groups", [])


def _set_security_groups(self: Any, groups: list[Any]) -> None:
    self.launch_groups = groups
    nics = vars(self).get("nics") or {}
    if 0 in nics:
        nics[0]._group_set = list(groups)


Instance.security_groups = property(_security_groups, _set_security_groups)  # type: ignore[assignment]


def enter(instance: Any, state: str) -> None:
    """Every state an instance comes into is announced on EventBridge."""
    instance._state = InstanceState(state, STATE_CODES[state])
    world.state_log.note(instance.id, state)
    events.state_changed(instance)


def later(instance: Any, duration: str, from_state: str, change: Any) -> None:
    def due() -> None:
        if instance.state == from_state:
            change()

    world.clock.after(world.settings.duration(duration), due)


def begin(instance: Any) -> None:
    placed = (instance.placement.zone, instance.instance_type, instance.lifecycle or "on-demand")
    enter(instance, "pending")
    end = world.capacity.end_of(*placed)
    world.capacity.take(*placed)
    later(instance, "pending", "pending", lambda: _run(instance) if end is None else terminations.die(instance, *end))


def _run(instance: Any) -> None:
    instance.status_ok_from = time.monotonic() + world.settings.duration("status_checks")
    enter(instance, "running")


@corrects(Instance, "start")
def _start(_original: Any, self: Any) -> InstanceState:
    previous = self._state
    if self.state not in ("stopped", "running", "pending"):
        raise EC2ClientError(
            "IncorrectInstanceState", f"The instance '{self.id}' is not in a state from which it can be started."
        )
    if self.state == "stopped":
        self._reason, self.state_reason = "", StateReason()
        for nic in self.nics.values():
            nic.start()
        begin(self)
    return previous


@corrects(Instance, "stop")
def _stop(original: Any, self: Any) -> InstanceState:
    previous = self._state
    if self.state not in ("running", "stopping", "stopped"):
        raise EC2ClientError(
            "IncorrectInstanceState", f"The instance '{self.id}' is not in a state from which it can be stopped."
        )
    if self.state == "running":
        self._state = InstanceState("running", 16)  # the original changes the object, and `previous` is shown
        original(self)
        enter(self, "stopping")
        later(self, "stopping", "stopping", lambda: enter(self, "stopped"))
    return previous


@corrects(InstanceBackend, "stop_instances")
def _stop_instances(original: Any, self: Any, instance_ids: list[str]) -> Any:
    for instance in self.get_multi_instances_by_id(instance_ids):
        if instance.lifecycle == "spot" and not instance.spot_request_is_persistent:
            raise EC2ClientError(
                "UnsupportedOperation",
                f"You can't stop the Spot Instance '{instance.id}' because it is associated with a one-time Spot "
                "Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.",
            )
    return original(self, instance_ids)


@corrects(EC2Response, "start_instances")
def _start_instances(_original: Any, self: Any) -> PlainResult:
    instance_ids = self._get_param("InstanceIds", [])
    self.error_on_dryrun()
    changes = [
        {
            "InstanceId": instance.id,
            "CurrentState": {"Code": instance.state_code, "Name": instance.state},
            "PreviousState": {"Code": previous.code, "Name": previous.name},
        }
        for instance, previous in self.ec2_backend.start_instances(instance_ids)
    ]
    return PlainResult({"StartingInstances": changes})


@property_of(Instance, "instance_status", "system_status")
def _status(self: Any) -> dict[str, Any]:
    if self.state != "running":
        return {"Status": "not-applicable"}
    if self.impaired_since:
        detail = {"Name": "reachability", "Status": "failed", "ImpairedSince": self.impaired_since}
        return {"Status": "impaired", "Details": [detail]}
    passed = time.monotonic() >= self.status_ok_from
    detail = {"Name": "reachability", "Status": "passed" if passed else "initializing"}
    return {"Status": "ok" if passed else "initializing", "Details": [detail]}
