# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Target groups of IP addresses.

elbv2/models.py register accepts any target and is `healthy` at once, deregister forgets at once.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.exceptions import InvalidTargetError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from .patching import corrects


@corrects(FakeTargetGroup, "register")
def _register(original: Any, self: Any, targets: list[dict[str, Any]]) -> None:
    if getattr(self, "target_type", None) == "ip":
        for target in targets:
            _check_address(self, target)
    original(self, targets)


def _check_address(group: Any, target: dict[str, Any]) -> None:
    try:
        address = ipaddress.ip_address(target["Id"])
    except ValueError:
        raise InvalidTargetError from None
    vpc = group.ec2_backend.get_vpc(group.vpc_id)
    if address not in ipaddress.ip_network(vpc.cidr_block) and target.get("AvailabilityZone") != "all":
        raise InvalidTargetError


@corrects(ELBv2Backend, "describe_target_health")
def _describe_target_health(original: Any, self: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> Any:
    group = self.target_groups.get(target_group_arn)
    described = original(self, target_group_arn, targets)
    if group is None or getattr(group, "target_type", None) != "ip":
        return described
    used = bool(group.load_balancer_arns)
    return [_health(self, group, status, used) for status in described]


def _health(backend: Any, group: Any, status: Any, used: bool) -> Any:
    if status.instance_id not in group.targets:
        return status
    if not used:
        return _status(group, status, "unused", "Target.NotInUse", "Target group is not configured to receive traffic")
    if not _answers(backend, status.instance_id):
        return _status(group, status, "unhealthy", "Target.Timeout", "Request timed out")
    return status


def _status(group: Any, status: Any, state: str, reason: str, description: str) -> FakeHealthStatus:
    return FakeHealthStatus(status.instance_id, status.port, group.health_check_port, state, reason, description)


def _answers(backend: Any, address: str) -> bool:
    """An address answers while a running instance carries it."""
    interfaces = ec2_backends[backend.account_id][backend.region_name].enis.values()
    return any(
        interface.instance is not None
        and interface.instance.state == "running"
        and any(item["PrivateIpAddress"] == address for item in interface.private_ip_addresses)
        for interface in interfaces
    )
