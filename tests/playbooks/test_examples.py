# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import Playbooks, Run

from .test_lifecycle import addresses, instances, statuses

EXAMPLES = "stateful_node.aws.examples"


def run(playbooks: Playbooks, example: str, **extra: str) -> Run:
    done = playbooks.run(f"{EXAMPLES}.{example}", **extra)
    assert done.status == 0, done.output
    return done


def note(directory: Path, word: str) -> str:
    """Make a command that notes which node it was called for."""
    command = directory / word
    command.write_text(f'#!/bin/sh\necho "{word} $NODE $ADDRESS" >> {directory}/notes\n')
    command.chmod(0o700)
    return str(command)


@pytest.mark.thorough
def test_a_cluster_is_rolled_one_by_one_with_a_health_check_between(
    playbooks: Playbooks, collection: Collection, tmp_path: Path
) -> None:
    collection.operate("resume", ["a", "b", "c"])
    kept, old = addresses(collection), instances(collection)
    drain, health = note(tmp_path, "drain"), note(tmp_path, "health")
    run(
        playbooks, "cassandra_rolling", example_cluster="a,b,c", example_drain_command=drain,
        example_health_command=health,
    )  # fmt: skip
    notes = [line.split()[:2] for line in (tmp_path / "notes").read_text().splitlines()]
    assert notes == [[word, name] for name in ("a", "b", "c") for word in ("drain", "health")]
    assert addresses(collection) == kept
    assert not set(instances(collection).values()) & set(old.values())


@pytest.mark.thorough
def test_a_node_that_does_not_get_healthy_stops_the_roll(
    playbooks: Playbooks, collection: Collection, tmp_path: Path
) -> None:
    collection.operate("resume", ["a", "b", "c"])
    old = instances(collection)
    done = playbooks.run(
        f"{EXAMPLES}.cassandra_rolling", example_cluster="a,b,c", example_health_command="false",
        example_health_delay="0", example_health_retries="2",
    )  # fmt: skip
    assert done.status != 0
    assert instances(collection) == {**old, "a": instances(collection)["a"]}


@pytest.mark.thorough
def test_a_load_balancers_target_is_registered_once(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    extra = {"example_node": "a", "example_vpc_id": network.vpc_id, "example_target_group": "web"}
    run(playbooks, "load_balancer_target", **extra)
    kept, elb = addresses(collection)["a"], emulator.client("elbv2")
    (group,) = elb.describe_target_groups(Names=["web"])["TargetGroups"]
    health: list[dict[str, Any]] = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])[
        "TargetHealthDescriptions"
    ]
    assert [item["Target"]["Id"] for item in health] == [kept[1]]
    assert len(emulator.calls(action="RegisterTargets")) == 1
    assert emulator.calls(action="DeregisterTargets") == []


@pytest.mark.thorough
def test_an_instance_is_migrated_to_spot_with_its_address(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    ec2 = emulator.client("ec2")
    launch = {"ImageId": network.image_id, "InstanceType": "t3.small", "SubnetId": network.subnet_a_id}
    (old,) = ec2.run_instances(**launch, MinCount=1, MaxCount=1)["Instances"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[old["InstanceId"]], WaiterConfig={"Delay": 1})
    extra = {"example_node": "web", "example_instance_id": old["InstanceId"]}
    run(playbooks, "migrate_to_spot", example_accept_root_volume_loss="true", **extra)
    (node,) = collection.run("info", name=["web"]).values["nodes"]
    assert node["private_ip_address"] == old["PrivateIpAddress"]
    assert (node["instance_lifecycle"], node["instance_type"]) == ("spot", "t3.small")
    assert node["instance_id"] != old["InstanceId"]


def test_a_fleet_of_a_schedule_is_paused_and_resumed(playbooks: Playbooks, collection: Collection) -> None:
    for name in ("a", "b"):
        collection.run("config", name=name, tags={"schedule": "office-hours"})
    collection.operate("resume", ["a", "b", "c"])
    run(playbooks, "fleet_pause", example_schedule="office-hours")
    assert statuses(collection) == {"a": "paused", "b": "paused", "c": "running"}
    run(playbooks, "fleet_resume", example_schedule="office-hours")
    assert set(statuses(collection).values()) == {"running"}


def test_a_schedule_that_no_node_has_is_an_error(playbooks: Playbooks, collection: Collection) -> None:
    """It was mistyped, or its nodes are gone."""
    collection.run("config", name="a", tags={"schedule": "office-hours"})
    done = playbooks.run(f"{EXAMPLES}.fleet_pause", example_schedule="nope")
    assert done.status != 0
    assert "'tag:schedule=nope' matches no node of table stateful-nodes." in done.output
    assert "The tag schedule has the values office-hours." in done.output
