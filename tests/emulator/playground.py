# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user who tries things by hand needs: a VPC with two subnets, a security group, a key pair, an image."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from .environment import environment
from .network import IMAGE_ID

CIDR_BLOCK = "10.42.0.0/16"
SUBNET = ("10.42.2.0/24", "us-east-1a")
OTHER_SUBNET = ("10.42.3.0/24", "us-east-1b")
KEY_NAME = "playground"
INSTANCE_TYPES = ("t3.small", "t3a.small", "m6i.large")
"""Some that both zones have."""


def lay_out(endpoint: str) -> dict[str, str]:
    """Create the playground, and return the variables that name what is in it."""
    ec2 = _client(endpoint)
    vpc_id = ec2.create_vpc(CidrBlock=CIDR_BLOCK)["Vpc"]["VpcId"]
    gateway_id = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
    ec2.create_key_pair(KeyName=KEY_NAME)
    return {
        "VPC_ID": vpc_id,
        "SUBNET_ID": _create_subnet(ec2, vpc_id, *SUBNET),
        "OTHER_SUBNET_ID": _create_subnet(ec2, vpc_id, *OTHER_SUBNET),
        "SECURITY_GROUP_ID": _create_security_group(ec2, vpc_id),
        "IMAGE_ID": IMAGE_ID,
        "KEY_NAME": KEY_NAME,
        "INSTANCE_TYPES": ",".join(INSTANCE_TYPES),
    }


def _client(endpoint: str) -> Any:
    settings = environment(endpoint)
    return boto3.client(
        "ec2",
        endpoint_url=endpoint,
        region_name=settings["AWS_REGION"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        config=Config(proxies={}),
    )


def _create_subnet(ec2: Any, vpc_id: str, cidr_block: str, zone: str) -> str:
    created = ec2.create_subnet(VpcId=vpc_id, CidrBlock=cidr_block, AvailabilityZone=zone)
    return str(created["Subnet"]["SubnetId"])


def _create_security_group(ec2: Any, vpc_id: str) -> str:
    created = ec2.create_security_group(GroupName="nodes", Description="The nodes of the playground", VpcId=vpc_id)
    return str(created["GroupId"])
