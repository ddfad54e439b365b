# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes in a second region of the emulator."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from tests.emulator.process import Emulator
from tests.support.collection import Collection, create_tables

OTHER_REGION = "eu-west-1"


class _Elsewhere(Collection):
    def client(self, service: str, settings: Any) -> Any:
        return _client(self.endpoint, service, settings)


def configure_elsewhere(emulator: Emulator, *names: str) -> None:
    """Make the tables, a subnet and nodes in the other region."""
    create_tables(_client(emulator.endpoint, "dynamodb", {}))
    ec2 = _client(emulator.endpoint, "ec2", {})
    vpc_id = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.1.1.0/24", AvailabilityZone=f"{OTHER_REGION}a")["Subnet"]
    for name in names:
        launch = {"image_id": "ami-0a1b2c3d4e5f60001", "instance_types": ["t3.micro"]}
        _Elsewhere(emulator.endpoint).run("config", name=name, subnet_id=subnet["SubnetId"], launch=launch)


def _client(endpoint: str, service: str, settings: Any) -> Any:
    return boto3.session.Session().client(
        service,
        config=Config(**settings),
        endpoint_url=endpoint,
        region_name=OTHER_REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
