# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way in which an identity can own a resource, for the tests of those that ask what a record owns."""

from __future__ import annotations

from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import (
    RecordedInstance,
    RecordedInterface,
)

NEXT = RecordedInterface(
    network_interface_id="eni-next",
    private_ip_addresses=("10.0.1.9",),
    subnet_id="subnet-1",
    availability_zone="us-east-1a",
)
STANDBY = RecordedInstance(
    instance_id="i-standby",
    generation=2,
    launched_at=1,
    instance_type="t3.micro",
    market="spot",
    primary_network_interface_id="eni-standby",
)
OWNING = {
    "its interface": ({"network_interface_id": "eni-own"}, {"eni-own"}),
    "the next interface": ({"next_interface": NEXT}, {"eni-next"}),
    "the previous interface": ({"previous_network_interface_id": "eni-previous"}, {"eni-previous"}),
    "its instance": ({"instance_id": "i-own"}, {"i-own"}),
    "its instance with an interface of its own": (
        {"instance_id": "i-own", "primary_network_interface_id": "eni-primary"},
        {"i-own", "eni-primary"},
    ),
    "a standby": ({"standby": STANDBY}, {"i-standby", "eni-standby"}),
    "the previous instance": ({"previous_instance_id": "i-previous"}, {"i-previous"}),
    "an allocated address": ({"allocation_id": "eipalloc-own", "allocated": True}, {"eipalloc-own"}),
    "a spare address": ({"spare_allocation_ids": ("eipalloc-spare",)}, {"eipalloc-spare"}),
}
"""The fields of an identity, and the ids that it owns with them."""
