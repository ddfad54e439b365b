# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identity of a node that is made of what there is in EC2 already: adopted, or rebuilt."""

from __future__ import annotations

from typing import Any

from .applied import options_of_found
from .config import Config
from .observed import Instance, NetworkInterface
from .options import public_config


def identity_of_interface(interface: NetworkInterface, config: Config) -> dict[str, Any]:
    """Compose what an interface tells, with every address that it has; the record counts it as the node's first."""
    return {
        "network_interface_id": interface.network_interface_id,
        "incarnation": 1,
        "private_ip_address": interface.private_ip_addresses[0],
        "private_ip_addresses": interface.private_ip_addresses,
        "ipv6_addresses": interface.ipv6_addresses,
        "subnet_id": interface.subnet_id,
        "availability_zone": interface.availability_zone,
        "tag_keys": tuple(sorted(config.tags)),
        "applied": options_of_found(interface, config),
    }


def identity_of_instance(
    instance: Instance | None, interface: NetworkInterface, generation: int, launched: Config
) -> dict[str, Any]:
    """Compose what an instance tells, nothing without one; `launched` is the configuration it was launched by."""
    if instance is None:
        return {}
    return {
        "generation": generation,
        "instance_id": instance.instance_id,
        "instance_generation": generation,
        "instance_type": instance.instance_type,
        "market": instance.market,
        **_of_device(instance, interface),
        "launch": public_config(launched)["launch"],
    }


def _of_device(instance: Instance, interface: NetworkInterface) -> dict[str, Any]:
    """Say where the instance has the interface, and what it has at device 0 in that case."""
    attachment = interface.attachment
    if attachment is None or not attachment.device_index:
        return {}
    return {
        "device_index": attachment.device_index,
        "primary_network_interface_id": instance.primary_network_interface_id,
    }
