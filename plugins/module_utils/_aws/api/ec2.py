# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EC2, one method per API call. Every method blocks and raises AwsError.

Nothing calls these methods directly: `async_ec2.py` does, as `call_policy.py` says of each.

Reads use filters rather than id lists: an unknown id in a list is an error for the whole call, a filter just leaves
it out. A filter takes at most 200 values
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from ..._core.model.observed import Address, Instance, NetworkInterface
from ..._core.resources.spot_requests import LAUNCHING_STATES
from ..calls.aws_error import AwsError, translated
from ..calls.clients import READS, WRITES, ClientFactory
from ..calls.error_codes import is_dry_run_passed, is_gone
from .descriptions import from_tags, to_address, to_instance, to_network_interface

FILTER_VALUES = 200

STATUS_IDS = 100
"""How many ids DescribeInstanceStatus takes, where nothing can be filtered by id.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html
"""

CHECKS = ("InstanceStatus", "SystemStatus")
"""EC2's status checks; that of attached EBS volumes is not looked at."""


class Ec2:
    """EC2's API. Reads are retried by botocore; writes are made once, replaying them is the caller's decision."""

    def __init__(self, client_factory: ClientFactory) -> None:
        self.client_factory = client_factory
        """Makes the clients, of other services, too."""
        self.reads = client_factory("ec2", READS)
        """The boto3 client for reading. Made at once: the first calls are made side by side, in threads."""

    @property
    def region(self) -> str:
        """The region that is asked."""
        return str(self.reads.meta.region_name)

    @cached_property
    def _writes(self) -> Any:
        # Made when the first write is due: a second client costs a third of a CPU second.
        return self.client_factory("ec2", WRITES)

    def describe_network_interfaces(self, name: str, values: Iterable[str]) -> list[NetworkInterface]:
        """Find the interfaces whose filter `name` has one of the values."""
        pages = self._pages("describe_network_interfaces", "NetworkInterfaces", name, values)
        return [to_network_interface(answer) for answer in pages]

    def describe_instances(self, name: str, values: Iterable[str]) -> list[Instance]:
        """Find the instances, in any state, whose filter `name` has one of the values."""
        pages = self._pages("describe_instances", "Reservations", name, values)
        return [
            to_instance(answer, reservation.get("OwnerId"))
            for reservation in pages
            for answer in reservation.get("Instances", [])
        ]

    def describe_addresses(self, name: str, values: Iterable[str]) -> list[Address]:
        """Find the Elastic IP addresses whose filter `name` has one of the values."""
        found: list[Address] = []
        for chunk in _chunks(values):
            with translated("DescribeAddresses"):
                answer = self.reads.describe_addresses(Filters=[{"Name": name, "Values": chunk}])
            found += [to_address(address) for address in answer.get("Addresses", [])]
        return found

    def describe_spot_status_codes(self, request_ids: Iterable[str]) -> dict[str, str]:
        """Return the status code of each Spot request that EC2 knows, such as `fulfilled`."""
        pages = self._pages(
            "describe_spot_instance_requests", "SpotInstanceRequests", "spot-instance-request-id", request_ids
        )
        return {answer["SpotInstanceRequestId"]: answer.get("Status", {}).get("Code", "") for answer in pages}

    def describe_spot_instances(self, request_ids: Iterable[str]) -> dict[str, str | None]:
        """Return, for each Spot request that may launch an instance now or later, the one that it has launched.

        None where it has launched none yet. Source:
        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotInstanceRequest.html (instanceId)
        """
        pages = self._pages(
            "describe_spot_instance_requests", "SpotInstanceRequests", "spot-instance-request-id", request_ids
        )
        return {
            answer["SpotInstanceRequestId"]: answer.get("InstanceId")
            for answer in pages
            if answer["State"] in LAUNCHING_STATES
        }

    def describe_instance_status(self, instance_ids: Iterable[str]) -> dict[str, bool]:
        """Say for each running instance whether both of EC2's status checks have passed."""
        return {
            status["InstanceId"]: all(status[check]["Status"] == "ok" for check in CHECKS)
            for status in self._instance_statuses(instance_ids)
        }

    def describe_impaired_since(self, instance_ids: Iterable[str]) -> dict[str, int]:
        """Say for each running instance that fails a status check since when, in seconds since the epoch.

        Of the two checks it is the one that has failed for longer.
        """
        since: dict[str, int] = {}
        for status in self._instance_statuses(instance_ids):
            details = [detail for check in CHECKS for detail in status[check].get("Details", [])]
            failed = [int(item["ImpairedSince"].timestamp()) for item in details if item.get("ImpairedSince")]
            if failed:
                since[status["InstanceId"]] = min(failed)
        return since

    def _instance_statuses(self, instance_ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        for chunk in _chunks(instance_ids, STATUS_IDS):
            yield from self._known_statuses(chunk)

    def _known_statuses(self, ids: list[str]) -> list[dict[str, Any]]:
        filters = [{"Name": "instance-state-name", "Values": ["running"]}]
        try:
            with translated("DescribeInstanceStatus"):
                answer = self.reads.describe_instance_status(InstanceIds=ids, Filters=filters)
        except AwsError as error:
            if not is_gone(error):
                raise
            # One that is not visible yet, or any more, keeps EC2 from telling of the others.
            return [status for item in ids for status in self._known_statuses([item])] if len(ids) > 1 else []
        return list(answer.get("InstanceStatuses", []))

    def create_network_interface(self, parameters: dict[str, Any]) -> NetworkInterface:
        """Create an interface; idempotent by the ClientToken in the parameters."""
        with translated("CreateNetworkInterface"):
            answer = self._writes.create_network_interface(**parameters)["NetworkInterface"]
        return to_network_interface(answer)

    def delete_network_interface(self, network_interface_id: str) -> None:
        """Delete an interface that is attached to nothing."""
        with translated("DeleteNetworkInterface"):
            self._writes.delete_network_interface(NetworkInterfaceId=network_interface_id)

    def modify_network_interface_attribute(self, network_interface_id: str, attribute: dict[str, Any]) -> None:
        """Change one attribute (EC2 takes one at a time)."""
        with translated("ModifyNetworkInterfaceAttribute"):
            self._writes.modify_network_interface_attribute(NetworkInterfaceId=network_interface_id, **attribute)

    def attach_network_interface(self, network_interface_id: str, instance_id: str, device_index: int) -> None:
        """Attach an interface that is attached to nothing; it is not deleted with the instance."""
        with translated("AttachNetworkInterface"):
            self._writes.attach_network_interface(
                NetworkInterfaceId=network_interface_id, InstanceId=instance_id, DeviceIndex=device_index
            )

    def detach_network_interface(self, attachment_id: str, *, force: bool) -> None:
        """Detach an interface; with `force` also from an instance that does not let go of it."""
        with translated("DetachNetworkInterface"):
            self._writes.detach_network_interface(AttachmentId=attachment_id, Force=force)

    def assign_private_ip_addresses(self, parameters: dict[str, Any]) -> None:
        """Give an interface secondary private addresses, by address or by count."""
        with translated("AssignPrivateIpAddresses"):
            self._writes.assign_private_ip_addresses(**parameters)

    def unassign_private_ip_addresses(self, network_interface_id: str, addresses: Sequence[str]) -> None:
        """Take secondary private addresses from an interface."""
        with translated("UnassignPrivateIpAddresses"):
            self._writes.unassign_private_ip_addresses(
                NetworkInterfaceId=network_interface_id, PrivateIpAddresses=list(addresses)
            )

    def assign_ipv6_addresses(self, parameters: dict[str, Any]) -> None:
        """Give an interface IPv6 addresses, by count."""
        with translated("AssignIpv6Addresses"):
            self._writes.assign_ipv6_addresses(**parameters)

    def unassign_ipv6_addresses(self, network_interface_id: str, addresses: Sequence[str]) -> None:
        """Take IPv6 addresses from an interface."""
        with translated("UnassignIpv6Addresses"):
            self._writes.unassign_ipv6_addresses(NetworkInterfaceId=network_interface_id, Ipv6Addresses=list(addresses))

    def create_tags(self, resource_id: str, tags: dict[str, str]) -> None:
        """Set tags; those of the same key are overwritten."""
        with translated("CreateTags"):
            self._writes.create_tags(Resources=[resource_id], Tags=from_tags(tags))

    def delete_tags(self, resource_id: str, keys: Sequence[str]) -> None:
        """Remove tags, whatever their values."""
        with translated("DeleteTags"):
            self._writes.delete_tags(Resources=[resource_id], Tags=[{"Key": key} for key in keys])

    def allocate_address(self, parameters: dict[str, Any]) -> Address:
        """Allocate an Elastic IP address. The call has no token: made twice, it allocates twice."""
        with translated("AllocateAddress"):
            answer = self._writes.allocate_address(**parameters)
        return to_address(answer)

    def associate_address(self, allocation_id: str, network_interface_id: str, private_ip_address: str) -> str:
        """Associate an Elastic IP address that is associated with nothing; returns the association's id."""
        with translated("AssociateAddress"):
            answer = self._writes.associate_address(
                AllocationId=allocation_id,
                NetworkInterfaceId=network_interface_id,
                PrivateIpAddress=private_ip_address,
                AllowReassociation=False,
            )
        return str(answer["AssociationId"])

    def disassociate_address(self, association_id: str) -> None:
        """End an association."""
        with translated("DisassociateAddress"):
            self._writes.disassociate_address(AssociationId=association_id)

    def release_address(self, allocation_id: str, network_border_group: str | None = None) -> None:
        """Give an Elastic IP address back to Amazon.

        Without its network border group EC2 does not find one that is not of the region's own
        (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html).
        """
        named = {"NetworkBorderGroup": network_border_group} if network_border_group else {}
        with translated("ReleaseAddress"):
            self._writes.release_address(AllocationId=allocation_id, **named)

    def run_instances(self, parameters: dict[str, Any]) -> Instance:
        """Launch one instance; idempotent by the ClientToken in the parameters."""
        given = _with_user_data(parameters)
        with translated("RunInstances", secret=_secret_of(given)):
            answer = self._writes.run_instances(MinCount=1, MaxCount=1, **given)
        return to_instance(answer["Instances"][0])

    def dry_run_instances(self, parameters: dict[str, Any]) -> None:
        """Ask whether a launch would be permitted; nothing is launched. Raises AwsError when EC2 refuses it."""
        try:
            with translated("RunInstances"):
                self.reads.run_instances(MinCount=1, MaxCount=1, DryRun=True, **parameters)
        except AwsError as error:
            if not is_dry_run_passed(error):
                raise

    def start_instances(self, instance_ids: Sequence[str]) -> None:
        """Start stopped instances."""
        with translated("StartInstances"):
            self._writes.start_instances(InstanceIds=list(instance_ids))

    def cancel_spot_instance_requests(self, request_id: str) -> None:
        """Cancel one Spot request, so that it launches nothing more; its instance runs on."""
        with translated("CancelSpotInstanceRequests"):
            self._writes.cancel_spot_instance_requests(SpotInstanceRequestIds=[request_id])

    def terminate_instances(self, instance_ids: Sequence[str]) -> None:
        """Terminate instances; one id that EC2 refuses may keep it from terminating the others."""
        with translated("TerminateInstances"):
            self._writes.terminate_instances(InstanceIds=list(instance_ids))

    def _pages(self, operation: str, key: str, name: str, values: Iterable[str]) -> Iterator[Any]:
        action = "".join(word.capitalize() for word in operation.split("_"))
        for chunk in _chunks(values):
            with translated(action):
                for page in self.reads.get_paginator(operation).paginate(
                    Filters=[{"Name": name, "Values": chunk}], PaginationConfig={"PageSize": 1000}
                ):
                    yield from page.get(key, [])


def _chunks(values: Iterable[str], size: int = FILTER_VALUES) -> Iterator[list[str]]:
    remaining = iter(sorted(set(values)))
    while chunk := list(islice(remaining, size)):
        yield chunk


def _with_user_data(parameters: dict[str, Any]) -> dict[str, Any]:
    """Put binary user data into its place. boto3 encodes it in base64, as it does with a text."""
    given = dict(parameters)
    encoded = given.pop("UserDataBase64", None)
    if encoded:
        given["UserData"] = base64.b64decode(encoded)
    return given


def _secret_of(parameters: dict[str, Any]) -> str | None:
    """What no message may quote: the text of the user data, or, where it is not a text, its base64."""
    user_data = parameters.get("UserData")
    if not isinstance(user_data, bytes):
        return user_data
    try:
        return user_data.decode()
    except ValueError:
        return base64.b64encode(user_data).decode()
