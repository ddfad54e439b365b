# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done to a node that hands over, and what EC2 shows of it."""

from __future__ import annotations

from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.readers import only, record_of

LIVE = ("pending", "running", "stopping", "stopped")
OPTIONS = {"public_ip_assignment": "enabled", "elastic_ip": "new", "handover": "prelaunch"}


def interface_of(emulator: Emulator, node: dict[str, Any]) -> dict[str, Any]:
    found = emulator.client("ec2").describe_network_interfaces(NetworkInterfaceIds=[node["network_interface_id"]])
    return dict(found["NetworkInterfaces"][0])


def holder_of(emulator: Emulator, node: dict[str, Any]) -> str | None:
    return interface_of(emulator, node).get("Attachment", {}).get("InstanceId")


def interfaces(emulator: Emulator) -> list[str]:
    found = emulator.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    return [interface["NetworkInterfaceId"] for interface in found]


def living(emulator: Emulator) -> list[str]:
    filters = [{"Name": "instance-state-name", "Values": list(LIVE)}]
    found = emulator.client("ec2").describe_instances(Filters=filters)["Reservations"]
    return [instance["InstanceId"] for reservation in found for instance in reservation["Instances"]]


def writes(emulator: Emulator) -> list[str]:
    return [call["action"] for call in emulator.calls(mutating=True, service="ec2")]


def begin(collection: Collection, operation: str = "replace", **options: Any) -> str:
    begun = collection.run("operation", name="a", state="begun", operation=operation, **options)
    return str(begun.values["operation_id"])


def prelaunch(collection: Collection, operation_id: str) -> Result:
    return collection.run("instance", name="a", state="prelaunched", operation_id=operation_id)


def leave(collection: Collection, operation_id: str) -> Result:
    return collection.run("operation", name="a", state="ended", operation_id=operation_id)


def leave_with_standby(collection: Collection) -> str:
    """Replace as far as the standby runs; returns its id."""
    operation_id = begin(collection)
    only(prelaunch(collection, operation_id))
    leave(collection, operation_id)
    standby = record_of(collection).identity.standby
    assert standby
    return standby.instance_id


def stays(before: dict[str, Any], now: dict[str, Any]) -> bool:
    return all(before[key] == now[key] for key in ("network_interface_id", "private_ip_address", "public_ip"))
