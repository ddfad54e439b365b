# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be true of an instance once it is adopted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .expected_identity import Kept
from .snapshot import AccountSnapshot


def to_be_adopted(account: AccountSnapshot, instance_id: str) -> Kept:
    """Tell what an instance brings along."""
    interface = _primary_interface(account, instance_id)
    association = interface["Association"]
    return Kept(
        interface["NetworkInterfaceId"],
        interface["PrivateIpAddress"],
        association["PublicIp"],
        association["AllocationId"],
        instance_id,
    )


def adopted(account: AccountSnapshot, before: Kept) -> Iterator[str]:
    """The instance runs on, its interface outlives it, and nothing launches another one after it."""
    instance_id = before.instance_id or ""
    interface = _primary_interface(account, instance_id)
    state = account.instances[instance_id]["State"]["Name"]
    if state != "running":
        yield f"A1 instance {instance_id} is {state}"
    if interface["Attachment"]["DeleteOnTermination"]:
        yield f"A2 {interface['NetworkInterfaceId']} would be deleted with its instance"
    for request_id, request in account.requests.items():
        if request.get("InstanceId") == instance_id and request["State"] != "cancelled":
            yield f"A3 spot request {request_id} is {request['State']}"


def _primary_interface(account: AccountSnapshot, instance_id: str) -> dict[str, Any]:
    interfaces = account.interfaces.values()
    (interface,) = (item for item in interfaces if item.get("Attachment", {}).get("InstanceId") == instance_id)
    return interface
