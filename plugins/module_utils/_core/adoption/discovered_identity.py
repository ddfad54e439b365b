# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identity of a node that is made of what there is in EC2 already: adopted, or rebuilt."""

from __future__ import annotations

from ..configuration.options import public_config
from ..model.config import Config
from ..model.identity import RecordedInstance, RecordedInterface
from ..model.observed import Instance, NetworkInterface
from ..resources.applied import options_of_found


def recorded_interface(interface: NetworkInterface, config: Config) -> RecordedInterface:
    """Compose what an interface tells, with every address that it has. It counts as the first of its node."""
    return RecordedInterface(
        network_interface_id=interface.network_interface_id,
        private_ip_addresses=interface.private_ip_addresses,
        ipv6_addresses=interface.ipv6_addresses,
        subnet_id=interface.subnet_id,
        availability_zone=interface.availability_zone,
        tag_keys=tuple(sorted(config.tags)),
        applied=options_of_found(interface, config),
    )


def recorded_instance(
    instance: Instance, interface: NetworkInterface, generation: int, launched: Config
) -> RecordedInstance:
    """Compose what an instance tells; `launched` is the configuration that it was launched by."""
    attachment = interface.attachment
    device_index = attachment.device_index or None if attachment else None
    return RecordedInstance(
        instance_id=instance.instance_id,
        generation=generation,
        instance_type=instance.instance_type,
        market=instance.market,
        launch=public_config(launched)["launch"],
        device_index=device_index,
        primary_network_interface_id=instance.primary_network_interface_id if device_index else None,
    )
