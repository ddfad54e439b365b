# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances and interfaces that are to become nodes, looked up in EC2. Each method blocks and raises AwsError."""

from __future__ import annotations

from typing import Any

from ..._core.adoption.adoption_request import Adoptee
from ..._core.resources.spot_requests import LAUNCHING_STATES
from ..api.descriptions import to_instance, to_network_interface
from ..calls.aws_error import translated
from .launch_settings import from_instance, read_undescribed
from .reference_lookup import Lookup

OWN_TYPES = ("interface", "efa")
"""Types of interface that are nobody's but their user's."""


class Adoptees(Lookup):
    """EC2's reads that an adoption needs, through a boto3 EC2 client."""

    def find_with_instance(self, instance_id: str) -> Adoptee:
        """Look up an instance with its primary interface; an empty Adoptee where there is none."""
        found = self._read("describe_instances", "Reservations", {"instance-id": [instance_id]})
        instances = [instance for reservation in found for instance in reservation["Instances"]]
        return self._to_adoptee(instances[0]) if instances else Adoptee()

    def find_interface(self, network_interface_id: str) -> Adoptee:
        """Look up an interface by itself; an empty Adoptee where there is none."""
        found = self._interface(network_interface_id)
        if found is None:
            return Adoptee()
        return Adoptee(network_interface=to_network_interface(found), operator=_interface_operator(found))

    def _to_adoptee(self, instance: dict[str, Any]) -> Adoptee:
        attached = {item["Attachment"]["DeviceIndex"]: item for item in instance.get("NetworkInterfaces", [])}
        primary = self._interface(attached[0]["NetworkInterfaceId"]) if 0 in attached else None
        launched = from_instance(instance, self._user_data(instance), self._undescribed(instance))
        return Adoptee(
            network_interface=to_network_interface(primary) if primary else None,
            instance=to_instance(instance),
            operator=_operator(instance) or (_interface_operator(primary) if primary else None),
            launch=launched.options,
            image_exists=self._has_image(instance["ImageId"]),
            placement_group=instance.get("Placement", {}).get("GroupName") or None,
            root_volume_id=_root_volume(instance),
            other_interfaces=tuple(item["NetworkInterfaceId"] for index, item in attached.items() if index),
            spot_instance_request_id=self._persistent_request(instance),
        )

    def _has_image(self, image_id: str) -> bool:
        # Instances are launched from deprecated images, too, and a filter leaves out those of other owners:
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
        return bool(self._read("describe_images", "Images", {"image-id": [image_id]}, IncludeDeprecated=True))

    def _interface(self, network_interface_id: str) -> dict[str, Any] | None:
        filters = {"network-interface-id": [network_interface_id]}
        found = self._read("describe_network_interfaces", "NetworkInterfaces", filters)
        return found[0] if found else None

    def _user_data(self, instance: dict[str, Any]) -> str | None:
        if instance["State"]["Name"] == "terminated":
            return None
        with translated("DescribeInstanceAttribute"):
            answer = self._client.describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
        value: str | None = answer.get("UserData", {}).get("Value")
        return value

    def _undescribed(self, instance: dict[str, Any]) -> dict[str, Any]:
        return {} if instance["State"]["Name"] == "terminated" else read_undescribed(self._client, instance)

    def _persistent_request(self, instance: dict[str, Any]) -> str | None:
        request_id = instance.get("SpotInstanceRequestId")
        filters = {"spot-instance-request-id": [request_id] if request_id else []}
        for found in self._read("describe_spot_instance_requests", "SpotInstanceRequests", filters):
            if found.get("Type") == "persistent" and found["State"] in LAUNCHING_STATES:
                return str(found["SpotInstanceRequestId"])
        return None


def _operator(answer: dict[str, Any]) -> str | None:
    operator = answer.get("Operator") or {}
    return (operator.get("Principal") or "another service") if operator.get("Managed") else None


def _interface_operator(answer: dict[str, Any]) -> str | None:
    if answer.get("RequesterManaged"):
        return answer.get("RequesterId") or "another service"
    kind = answer.get("InterfaceType", "interface")
    return _operator(answer) or (None if kind in OWN_TYPES else f"its service, as one of type {kind}")


def _root_volume(instance: dict[str, Any]) -> str | None:
    devices = {item["DeviceName"]: item.get("Ebs", {}) for item in instance.get("BlockDeviceMappings", [])}
    volume_id: str | None = devices.get(instance.get("RootDeviceName"), {}).get("VolumeId")
    return volume_id
