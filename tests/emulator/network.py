# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small VPC for tests to work in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

IMAGE_ID = "ami-0a1b2c3d4e5f60001"


@dataclass(frozen=True)
class Network:
    vpc_id: str
    internet_gateway_id: str
    subnet_a_id: str
    subnet_b_id: str
    public_subnet_id: str
    security_group_id: str
    other_security_group_id: str
    image_id: str = IMAGE_ID
    other_image_id: str = "ami-0a1b2c3d4e5f60003"
    zone_a: str = "us-east-1a"
    zone_b: str = "us-east-1b"


def lay_out_network(ec2_client: Any) -> Network:
    vpc_id = ec2_client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway_id = ec2_client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2_client.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)

    def subnet(cidr_block: str, zone: str) -> str:
        made = ec2_client.create_subnet(VpcId=vpc_id, CidrBlock=cidr_block, AvailabilityZone=zone)
        return made["Subnet"]["SubnetId"]

    def group(name: str) -> str:
        made = ec2_client.create_security_group(GroupName=name, Description=name, VpcId=vpc_id)
        return made["GroupId"]

    public_subnet_id = subnet("10.0.3.0/24", Network.zone_a)
    ec2_client.modify_subnet_attribute(SubnetId=public_subnet_id, MapPublicIpOnLaunch={"Value": True})
    return Network(
        vpc_id=vpc_id,
        internet_gateway_id=gateway_id,
        subnet_a_id=subnet("10.0.1.0/24", Network.zone_a),
        subnet_b_id=subnet("10.0.2.0/24", Network.zone_b),
        public_subnet_id=public_subnet_id,
        security_group_id=group("nodes"),
        other_security_group_id=group("clients"),
    )
