# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet that everybody brings up and down: one node in ten has an Elastic IP."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from tests.emulator.network import Network, lay_out_network
from tests.emulator.process import Emulator

INSTANCE_TYPE = "t3.micro"
CIDR_BLOCK = "10.0.16.0/20"
"""Room for a thousand nodes and more."""

NODES_PER_ELASTIC_IP = 10
"""AWS's quota is 5 Elastic IPs a region: a hundred nodes that all have one are the exception."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """What EC2 is like: `speed` shortens the states, fills the buckets and has clients wait less, all alike."""

    speed: float = 1.0

    def impose(self, emulator: Emulator) -> None:
        """EC2's own limits and times."""
        emulator.configure(profile="ec2", speed=self.speed, throttling=True)

    def lift(self, emulator: Emulator) -> None:
        """No limits, and hardly any time: for what is not measured."""
        emulator.configure(profile="test", speed=20, throttling=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fleet:
    """Nodes by name, and the subnet that they live in."""

    names: tuple[str, ...]
    network: Network

    @property
    def with_elastic_ip(self) -> tuple[str, ...]:
        """Every tenth, from the first on."""
        return self.names[::NODES_PER_ELASTIC_IP]


def new_fleet(emulator: Emulator, size: int) -> Fleet:
    """Lay out an empty account's network; the nodes are but names."""
    emulator.reset()
    ec2 = emulator.client("ec2")
    network = lay_out_network(ec2)
    subnet = ec2.create_subnet(VpcId=network.vpc_id, CidrBlock=CIDR_BLOCK, AvailabilityZone=network.zone_a)
    network = dataclasses.replace(network, subnet_a_id=subnet["Subnet"]["SubnetId"])
    return Fleet(names=tuple(f"node-{number:04}" for number in range(size)), network=network)
