# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configurations and what EC2 says of them, for tests of the rules."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.lookups import (
    AddressHolder,
    Facts,
    LaunchTemplateVersion,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.validation import check_config
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import (
    Config,
    Launch,
    LaunchTemplate,
    Subnet,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Address
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Intent, Operation, Record

from tests.support.identities import make_identity_of

SUBNET = Subnet(
    subnet_id="subnet-1",
    vpc_id="vpc-1",
    availability_zone="us-east-1a",
    cidr_block="10.0.1.0/26",
    assigns_public_ip=False,
)
PUBLIC_SUBNET = dataclasses.replace(SUBNET, assigns_public_ip=True)
LAUNCH = Launch(image_id="ami-1", instance_types=("m6i.large",))
CONFIG = Config(subnet_id="subnet-1", launch=LAUNCH)
FACTS = Facts(region="us-east-1", table_name="nodes", subnet=SUBNET)
OWN_TAGS = {"stateful_node:table": "nodes", "stateful_node:name": "db-1"}
TEMPLATE = LaunchTemplate(id="lt-1", version="4")
DATA = {"ImageId": "ami-1", "InstanceType": "m6i.large"}
RECORD = Record(name="db-1", config=CONFIG, subnet=SUBNET, identity=make_identity_of(network_interface_id="eni-1"))
OPERATION = Operation(
    id="1",
    operation="resume",
    owner="alice",
    started_at=0,
    expires_at=1,
    from_generation=0,
    target_generation=1,
    config=CONFIG,
)
INTENT = Intent(action="CreateNetworkInterface", token="t", parameters={}, number=1)


def config(**changes: Any) -> Config:
    return dataclasses.replace(CONFIG, **changes)


def launching(**changes: Any) -> Config:
    return config(launch=dataclasses.replace(LAUNCH, **changes))


def facts(**changes: Any) -> Facts:
    return dataclasses.replace(FACTS, **changes)


def record(**changes: Any) -> Record:
    return dataclasses.replace(RECORD, **changes)


def refusal(configured: Config, known: Facts = FACTS, before: Record | None = None) -> NodeError:
    with pytest.raises(NodeError) as caught:
        check_config("db-1", before, configured, known)
    assert str(caught.value).startswith("db-1: ")
    assert caught.value.failure.message == str(caught.value)
    return caught.value


def expect(error: NodeError, code: str, *words: str) -> None:
    assert error.failure.code == code
    missing = [word for word in words if word not in str(error)]
    assert not missing, f"{missing} not in: {error}"


def address(**changes: Any) -> Address:
    return dataclasses.replace(Address(allocation_id="eipalloc-1", public_ip="198.51.100.7"), **changes)


def template(**data: Any) -> Facts:
    return facts(launch_template=LaunchTemplateVersion(id="lt-1", name="web", version="4", data={**DATA, **data}))


def holder(**changes: Any) -> Facts:
    other = AddressHolder(network_interface_id="eni-9", attached_to="i-9")
    return facts(holders={"10.0.1.15": dataclasses.replace(other, **changes)})
