# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How nodes come to be as somebody finds them, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.network import IMAGE_ID
from tests.support.collection import STEPS, TABLE, Collection

from ..world import NAME, PolicyEnvironment

WAITING = {"wait_timeout": 60}

EVERYTHING: dict[str, Any] = {
    "elastic_ip": "new",
    "public_ip_assignment": "enabled",
    "secondary_private_ip_address_count": 1,
    "ipv6_address_count": 1,
    "tags": {"team": "data"},
}

ON_DEMAND = {"launch": {"image_id": IMAGE_ID, "instance_types": ["t3.micro"], "market": "on_demand"}}

APART = {"handover": "prelaunch"}
"""Nodes whose interface is apart from their instances, so that it is handed over between two that run."""


def operate(operation: str, name: str = NAME, **choices: Any) -> Callable[[PolicyEnvironment], Result]:
    """Somebody runs an operation on the node, or on all."""
    return lambda world: world.somebody.operate(operation, [name], take_over=True, choices=choices)


def finish(world: PolicyEnvironment, operation: str, names: list[str], **launching: Any) -> Result:
    """Somebody takes an operation on, whoever began it, step by step as the roles do."""
    begun = world.somebody.run("operation", name=names, state="begun", operation=operation, take_over=True)
    operation_id = begun.values["operation_id"]
    if operation_id is None:
        return begun
    for module, state in STEPS[operation]:
        more = launching if (module, state) == ("instance", "running") else {}
        done = world.somebody.run(module, name=names, state=state, operation_id=operation_id, **more, **WAITING)
        if done.failures:
            break
    return world.somebody.run("operation", name=names, state="ended", operation_id=operation_id)


def until_ok(operation: str) -> Callable[[PolicyEnvironment], Result]:
    """Somebody waits for EC2's status checks, too."""

    def run(world: PolicyEnvironment) -> Result:
        world.emulator.configure(durations={"status_checks": 0.01})
        return finish(world, operation, [NAME], wait_for="status_ok")

    return run


def configure(collection: Collection, world: PolicyEnvironment, **options: Any) -> Result:
    return collection.configure(NAME, world.network, **options)


def configured(**options: Any) -> Callable[[PolicyEnvironment], None]:
    return lambda world: configure(world.admin, world, **options)


def resumed(**options: Any) -> Callable[[PolicyEnvironment], None]:
    def prepare(world: PolicyEnvironment) -> None:
        configure(world.admin, world, **options)
        succeed(world.admin.operate("resume", [NAME]))

    return prepare


def paused(**options: Any) -> Callable[[PolicyEnvironment], None]:
    def prepare(world: PolicyEnvironment) -> None:
        resumed(**options)(world)
        succeed(world.admin.operate("pause", [NAME]))

    return prepare


def succeed(result: Result) -> None:
    assert not result.failures, result.message


def then(
    prepare: Callable[[PolicyEnvironment], None], *steps: Callable[[PolicyEnvironment], object]
) -> Callable[[PolicyEnvironment], None]:
    def run(world: PolicyEnvironment) -> None:
        prepare(world)
        for step in steps:
            step(world)

    return run


def edited(**options: Any) -> Callable[[PolicyEnvironment], None]:
    return lambda world: succeed(world.admin.run("config", name=NAME, **options))


def admin_resumes(world: PolicyEnvironment) -> None:
    succeed(world.admin.operate("resume", [NAME]))


def from_template(world: PolicyEnvironment) -> None:
    """A node whose launch has all that a launch can name, on spot."""
    ec2, image_id = world.ec2, world.network.image_id
    ec2.create_key_pair(KeyName="admin")
    volume = ec2.create_volume(AvailabilityZone=world.network.zone_a, Size=8)["VolumeId"]
    snapshot_id = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    data = {
        "ImageId": image_id,
        "KeyName": "admin",
        "Placement": {"GroupName": "rack"},
        "IamInstanceProfile": {"Name": "cassandra"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": snapshot_id}}],
    }
    ec2.create_launch_template(LaunchTemplateName="cassandra", LaunchTemplateData=data)
    launch = {"launch_template": {"name": "cassandra"}, "instance_types": ["t3.micro", "t3.small"]}
    configure(world.admin, world, launch={**launch, "allocation": "lowest_price"}, **EVERYTHING)


def launched(world: PolicyEnvironment, *, persistent: bool = True) -> dict[str, Any]:
    """An instance with an Elastic IP of which nobody knows that it is to be a node."""
    spot = {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"}
    market = {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": spot}} if persistent else {}
    (instance,) = world.ec2.run_instances(
        ImageId=world.network.image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1,
        SubnetId=world.network.subnet_a_id, UserData="#!/bin/sh\n", **market,
    )["Instances"]  # fmt: skip
    ids = [instance["InstanceId"]]
    world.ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})
    address = world.ec2.allocate_address(Domain="vpc")["AllocationId"]
    world.ec2.associate_address(
        AllocationId=address, NetworkInterfaceId=instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
    )
    return dict(instance)


def only_instance(world: PolicyEnvironment) -> str:
    reservations = world.ec2.describe_instances()["Reservations"]
    (instance_id,) = (item["InstanceId"] for each in reservations for item in each["Instances"])
    return str(instance_id)


def seen(world: PolicyEnvironment) -> dict[str, Any]:
    (node,) = world.admin.run("info", name=[NAME]).values["nodes"]
    return node


def moved(world: PolicyEnvironment) -> None:
    edited(subnet_id=world.network.subnet_b_id, ipv6_address_count=0, allow_address_change=True)(world)


def stopped(world: PolicyEnvironment) -> None:
    ids = [seen(world)["instance_id"]]
    world.ec2.stop_instances(InstanceIds=ids)
    world.ec2.get_waiter("instance_stopped").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})


def interrupted(world: PolicyEnvironment) -> None:
    """The instance is gone, and not by the collection's doing."""
    world.ec2.terminate_instances(InstanceIds=[seen(world)["instance_id"]])


def lost(world: PolicyEnvironment) -> None:
    """The record is gone, what it was about is there."""
    world.emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": NAME}})


def cut_off(action: str, operation: str = "resume", kind: str = "lost") -> Callable[[PolicyEnvironment], None]:
    """An operation of which nobody knows what came of a call, its lease run out."""

    def run(world: PolicyEnvironment) -> None:
        world.emulator.add_fault(action, kind, call=0)
        failed = world.admin.operate(operation, [NAME])
        world.emulator.clear_faults()
        assert failed.failures

    return run


def begun(operation: str, **choices: Any) -> Callable[[PolicyEnvironment], None]:
    """An operation that was begun and never ended."""

    def run(world: PolicyEnvironment) -> None:
        world.admin.run("operation", name=[NAME], state="begun", operation=operation, **choices)
        Store(world.admin.client, TABLE).update(NAME, {"operation.expires_at": 1, "operation.has_acted": True}, {})

    return run
