# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that there is in EC2, looked at once, and whose it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

NAME_TAG = "stateful_node:name"
LIVE = ("pending", "running", "stopping", "stopped")

Described = Mapping[str, dict[str, Any]]
"""What EC2 says of resources, by their ids."""


@dataclass(frozen=True)
class AccountSnapshot:
    """Interfaces, Elastic IP addresses (by allocation id), instances and spot requests."""

    interfaces: Described
    addresses: Described
    instances: Described
    requests: Described

    @property
    def live(self) -> dict[str, dict[str, Any]]:
        """The instances that exist and that nobody has ended."""
        return {key: item for key, item in self.instances.items() if item["State"]["Name"] in LIVE}

    def without(self, ids: Collection[str]) -> AccountSnapshot:
        """Leave out resources, and the spot requests of instances, that are somebody else's."""
        return AccountSnapshot(
            {key: item for key, item in self.interfaces.items() if key not in ids},
            {key: item for key, item in self.addresses.items() if key not in ids},
            {key: item for key, item in self.instances.items() if key not in ids},
            {key: item for key, item in self.requests.items() if item.get("InstanceId") not in ids},
        )

    def tagged(self, name: str) -> AccountSnapshot:
        """Keep what carries a node's name."""
        return AccountSnapshot(
            *(_of_node(kind, name) for kind in (self.interfaces, self.addresses, self.instances, self.requests))
        )

    def only(self, ids: Collection[str]) -> AccountSnapshot:
        """Keep the resources with these ids."""
        return self.without({*self.interfaces, *self.addresses, *self.instances} - set(ids))


def look(ec2: Any, names: Collection[str] = ()) -> AccountSnapshot:
    """Read all that EC2 has, or only what carries the names of these nodes."""
    only = {"Filters": [{"Name": f"tag:{NAME_TAG}", "Values": list(names)}]} if names else {}
    reservations = ec2.describe_instances(**only)["Reservations"]
    return AccountSnapshot(
        _by(ec2.describe_network_interfaces(**only)["NetworkInterfaces"], "NetworkInterfaceId"),
        _by(ec2.describe_addresses(**only)["Addresses"], "AllocationId"),
        _by([instance for item in reservations for instance in item["Instances"]], "InstanceId"),
        _by(ec2.describe_spot_instance_requests(**only)["SpotInstanceRequests"], "SpotInstanceRequestId"),
    )


def _of_node(items: Described, name: str) -> Described:
    return {key: item for key, item in items.items() if tags_of(item).get(NAME_TAG) == name}


def _by(items: list[dict[str, Any]], key: str) -> Described:
    return {item[key]: item for item in items}


def private_ips(interface: dict[str, Any]) -> tuple[str, ...]:
    """The private addresses of an interface, the primary one first."""
    found = sorted(interface["PrivateIpAddresses"], key=lambda item: not item["Primary"])
    return tuple(item["PrivateIpAddress"] for item in found)


def ipv6_addresses(interface: dict[str, Any]) -> tuple[str, ...]:
    """The IPv6 addresses of an interface."""
    return tuple(item["Ipv6Address"] for item in interface.get("Ipv6Addresses", []))


def tags_of(item: dict[str, Any]) -> dict[str, str]:
    """The tags of a resource."""
    return {tag["Key"]: tag["Value"] for tag in item.get("TagSet", item.get("Tags", []))}
