# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protection policy under enforcement: another person may do everything but give or take a node's tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from ansible_collections.stateful_node.aws.plugins.filter.protection_policy import FilterModule
from botocore.exceptions import ClientError

from tests.emulator.environment import REGION
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import Collection

from .world import PolicyEnvironment, new_world

ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OTHER, AUTOMATION = "AKIAOTHER", "AKIAAUTOMATION"
OURS = [
    {"Key": "stateful_node:table", "Value": "stateful-nodes"},
    {"Key": "stateful_node:name", "Value": "node"},
    {"Key": "stateful_node:generation", "Value": "2"},
]


def protection() -> dict[str, Any]:
    """Compose the policy; the emulator's principals are users, and the filter takes roles."""
    policy: dict[str, Any] = FilterModule().filters()["protection_policy"](["arn:aws:iam::123456789012:role/ansible"])
    for statement in policy["Statement"]:
        statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"] = [f"arn:aws:iam::123456789012:user/{AUTOMATION}"]
    return policy


@pytest.fixture
def world(shared_emulator: Emulator) -> Iterator[PolicyEnvironment]:
    """A running node and a paused one, in an account where the policy holds for all."""
    made = new_world(shared_emulator)
    for name in ("node", "paused"):
        made.admin.configure(name, made.network)
    made.admin.operate("resume", ["node", "paused"])
    made.admin.operate("pause", ["paused"])
    shared_emulator.configure(policies={key: [ALL, protection()] for key in (OTHER, AUTOMATION)})
    yield made
    shared_emulator.configure(policies={})


def client_of(world: PolicyEnvironment, key: str) -> Any:
    return boto3.session.Session().client(
        "ec2",
        endpoint_url=world.emulator.endpoint,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key="testing",
    )


def specification(kind: str, tags: list[dict[str, str]] = OURS) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tags}]


def launch(world: PolicyEnvironment, ec2: Any, **more: Any) -> str:
    given = {"ImageId": world.network.image_id, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **more}
    if "NetworkInterfaces" not in given:
        given["SubnetId"] = world.network.subnet_a_id
    return str(ec2.run_instances(**given)["Instances"][0]["InstanceId"])


def from_template(world: PolicyEnvironment, ec2: Any) -> None:
    data = {"TagSpecifications": specification("instance")}
    made = ec2.create_launch_template(LaunchTemplateName="forged", LaunchTemplateData=data)["LaunchTemplate"]
    launch(world, ec2, LaunchTemplate={"LaunchTemplateId": made["LaunchTemplateId"]})


def tag_afterwards(world: PolicyEnvironment, ec2: Any) -> None:
    ec2.create_tags(Resources=[launch(world, ec2)], Tags=OURS)


def own(world: PolicyEnvironment) -> list[str]:
    (node,) = world.admin.run("info", name=["node"]).values["nodes"]
    return [node["instance_id"], node["network_interface_id"]]


def attach_paused_interface(world: PolicyEnvironment, ec2: Any) -> None:
    instance_id = launch(world, ec2)
    world.ec2.get_waiter("instance_running").wait(InstanceIds=[instance_id], WaiterConfig={"Delay": 1})
    interface_id = world.interface("paused")["NetworkInterfaceId"]
    ec2.attach_network_interface(NetworkInterfaceId=interface_id, InstanceId=instance_id, DeviceIndex=1)


ATTEMPTS: dict[str, Callable[[PolicyEnvironment, Any], object]] = {
    "an instance": lambda world, ec2: launch(world, ec2, TagSpecifications=specification("instance")),
    "a volume of an instance": lambda world, ec2: launch(world, ec2, TagSpecifications=specification("volume")),
    "a spot request": lambda world, ec2: launch(
        world,
        ec2,
        InstanceMarketOptions={"MarketType": "spot"},
        TagSpecifications=specification("spot-instances-request"),
    ),
    "an instance by a launch template": from_template,
    "an instance, afterwards": tag_afterwards,
    "an interface": lambda world, ec2: ec2.create_network_interface(
        SubnetId=world.network.subnet_a_id, TagSpecifications=specification("network-interface")
    ),
    "an address": lambda _world, ec2: ec2.allocate_address(Domain="vpc", TagSpecifications=specification("elastic-ip")),
    "another generation": lambda world, ec2: ec2.create_tags(Resources=own(world)[:1], Tags=OURS[2:]),
    "another name": lambda world, ec2: ec2.create_tags(Resources=own(world)[1:], Tags=OURS[1:2]),
    "no tag of an instance": lambda world, ec2: ec2.delete_tags(Resources=own(world)[:1], Tags=OURS[:1]),
    "no tags of an interface": lambda world, ec2: ec2.delete_tags(Resources=own(world)[1:]),
    "a paused node's interface on an instance": attach_paused_interface,
}
"""What another person tries to have."""


def test_another_person_gives_takes_and_alters_no_tags_of_the_table(world: PolicyEnvironment) -> None:
    ec2 = client_of(world, OTHER)
    for way, attempt in ATTEMPTS.items():
        with pytest.raises(ClientError, match=r"UnauthorizedOperation.*explicit deny"):
            print(way, attempt(world, ec2))


def test_another_person_does_everything_else(world: PolicyEnvironment) -> None:
    ec2 = client_of(world, OTHER)
    tags = [{"Key": "Name", "Value": "mine"}, {"Key": "stateful_node:table", "Value": "other"}]
    made = launch(world, ec2, TagSpecifications=specification("instance", tags))
    ec2.create_tags(Resources=[made, *own(world)], Tags=tags[:1])
    ec2.delete_tags(Resources=[made])
    ec2.terminate_instances(InstanceIds=[made])


def test_the_automation_works_as_without_it(world: PolicyEnvironment) -> None:
    automation = Collection(world.emulator.endpoint, clock=FastClock(), access_key_id=AUTOMATION)
    for operation in ("replace", "pause", "resume"):
        done = automation.operate(operation, ["node"])
        assert not done.failures, done.message
