# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes in the states that the tests start from: what is recorded of them, and what EC2 says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.base_action import Action
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import (
    Candidate,
    Config,
    Launch,
    Subnet,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Identity
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import (
    Address,
    Association,
    Attachment,
    Instance,
    NetworkInterface,
    Observed,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import (
    Failure,
    Intent,
    Operation,
    Record,
    Unfinished,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import NAME
from hypothesis import HealthCheck, settings

from tests.support.identities import make_identity_of

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How examples are run: a slow machine is no reason to fail."""

NOW = 1_700_000_000
INTERFACE, INSTANCE, FOREIGN = "eni-1", "i-1", "i-foreign"
PRIMARY, GROUP = "10.0.1.10", "sg-1"
ALLOCATION, ASSOCIATION, PUBLIC_IP = "eipalloc-1", "eipassoc-1", "198.51.100.1"
FIRST_CANDIDATE = Candidate(instance_type="t3.micro", market="spot")


def make_config(**options: Any) -> Config:
    """What the user wants: two instance types on spot, one security group."""
    launch = Launch(image_id="ami-1", instance_types=("t3.micro", "t3.small"))
    return Config(**{"subnet_id": "subnet-1", "security_groups": (GROUP,), "launch": launch, **options})


def make_subnet(*, assigns_public_ip: bool = False) -> Subnet:
    return Subnet(
        subnet_id="subnet-1",
        vpc_id="vpc-1",
        availability_zone="us-east-1a",
        cidr_block="10.0.1.0/24",
        assigns_public_ip=assigns_public_ip,
    )


def make_record(config: Config | None = None, **fields: Any) -> Record:
    """A node that was configured and never resumed."""
    given = {"name": "db-1", "id": "r1", "config": config or make_config(), "subnet": make_subnet()}
    return Record(**{**given, **fields})


def make_identity(**fields: Any) -> Identity:
    """The identity of a node that has its interface and no instance, after one launch."""
    given = {
        "network_interface_id": INTERFACE,
        "incarnation": 1,
        "private_ip_address": PRIMARY,
        "private_ip_addresses": (PRIMARY,),
        "subnet_id": "subnet-1",
        "availability_zone": "us-east-1a",
        "generation": 1,
        "instance_generation": 1,
    }
    return make_identity_of(**{**given, **fields})


def paused(config: Config | None = None, **identity: Any) -> Record:
    """The record of a paused node."""
    return make_record(config, desired="paused", identity=make_identity(**identity))


def running(config: Config | None = None, **identity: Any) -> Record:
    """The record of a running node."""
    carried = {"instance_id": INSTANCE, "instance_type": "t3.micro", "market": "spot", **identity}
    return make_record(config, desired="running", identity=make_identity(**carried))


def with_address(record: Record, **fields: Any) -> Record:
    """The record once the Elastic IP address has been given to the node."""
    held = {"allocation_id": ALLOCATION, "association_id": ASSOCIATION, "public_ip": PUBLIC_IP, **fields}
    return replace(record, identity=make_identity_of(record.identity, **held))


def make_operation(operation: str, from_generation: int = 1, **fields: Any) -> Operation:
    """An operation that was begun a minute ago and is held for four more."""
    given = {
        "id": f"{operation}-1",
        "operation": operation,
        "owner": "ann@laptop",
        "started_at": NOW - 60,
        "expires_at": NOW + 240,
        "from_generation": from_generation,
        "target_generation": from_generation + (operation == "replace"),
        "config": make_config(),
        "has_acted": True,
    }
    return Operation(**{**given, **fields})


def make_unfinished(operation: str, from_generation: int = 1) -> Unfinished:
    target = from_generation + (operation == "replace")
    error = Failure(code="NoCapacity", message="no candidate could be launched")
    return Unfinished(operation=operation, from_generation=from_generation, target_generation=target, error=error)


def make_intent(action: Any, number: int = 1, **parameters: Any) -> Intent:
    candidate = FIRST_CANDIDATE if action == "RunInstances" else None
    return Intent(action=action, token="t", parameters=parameters, number=number, candidate=candidate)


def make_interface(*secondary: str, **fields: Any) -> NetworkInterface:
    """The interface as it is once it was created, tagged as the node's and attached to nothing."""
    given = {
        "network_interface_id": INTERFACE,
        "subnet_id": "subnet-1",
        "availability_zone": "us-east-1a",
        "status": "available",
        "private_ip_addresses": (PRIMARY, *secondary),
        "security_groups": (GROUP,),
        "tags": {"Name": "db-1"},
    }
    made = NetworkInterface(**{**given, **fields})
    return replace(made, tags={NAME: "db-1", **made.tags})


def attached(interface: NetworkInterface, instance_id: str, *, delete_on_termination: bool = False) -> NetworkInterface:
    attachment = Attachment(
        attachment_id="eni-attach-1",
        instance_id=instance_id,
        device_index=0,
        delete_on_termination=delete_on_termination,
    )
    return replace(interface, status="in-use", attachment=attachment)


def associated(interface: NetworkInterface, allocation_id: str | None = ALLOCATION) -> NetworkInterface:
    """The interface with an Elastic IP address, or, without an allocation id, with an address that EC2 lends."""
    association = Association(
        public_ip=PUBLIC_IP, allocation_id=allocation_id, association_id=allocation_id and ASSOCIATION
    )
    return replace(interface, association=association)


def make_instance(state: str = "running", instance_id: str = INSTANCE, **fields: Any) -> Instance:
    return Instance(instance_id=instance_id, state=state, instance_type="t3.micro", market="spot", **fields)


def make_address(network_interface_id: str | None = None, **fields: Any) -> Address:
    """The Elastic IP address, on an interface or on nothing."""
    association_id = ASSOCIATION if network_interface_id else None
    given = {"allocation_id": ALLOCATION, "public_ip": PUBLIC_IP, "association_id": association_id}
    return Address(**{**given, "network_interface_id": network_interface_id, **fields})


def see_paused(**fields: Any) -> Observed:
    """What EC2 says of a paused node."""
    return Observed(**{"network_interface": make_interface(), **fields})


def see_running(state: str = "running", *, delete_on_termination: bool = False, **fields: Any) -> Observed:
    """What EC2 says of a node whose instance is in this state; one that is not terminated holds the interface."""
    instance = make_instance(state)
    if state == "terminated":
        return Observed(**{"network_interface": make_interface(), "instance": instance, **fields})
    interface = attached(make_interface(), INSTANCE, delete_on_termination=delete_on_termination)
    return Observed(**{"network_interface": interface, "instance": instance, "holder": instance, **fields})


def see_foreign(state: str = "running") -> Observed:
    """What EC2 says when somebody else's instance sits on the node's interface."""
    interface = attached(make_interface(), FOREIGN)
    return Observed(network_interface=interface, holder=make_instance(state, FOREIGN))


def names_of(actions: Iterable[Action]) -> list[str]:
    return [action.action for action in actions]
