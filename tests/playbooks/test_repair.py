# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""repair: what is safe is mended, what is not is told, and a lost record comes back."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.playbooks import Playbooks

from .conftest import NODES
from .output import tasks_that_print


def seen(collection: Collection) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in collection.run("info").values["nodes"]}


def reasons(collection: Collection) -> dict[str, list[str]]:
    return {name: [drift["reason"] for drift in node["drift"]] for name, node in seen(collection).items()}


def move_address(emulator: Emulator, network: Network, node: dict[str, Any]) -> None:
    """Associate the node's Elastic IP with an interface that is not the node's."""
    ec2 = emulator.client("ec2")
    other = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.associate_address(AllocationId=node["allocation_id"], NetworkInterfaceId=other, AllowReassociation=True)


def test_what_is_safe_is_mended_and_what_is_not_is_told(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    """One lost its instance, a paused one its interface, and a third its Elastic IP to somebody else."""
    collection.operate("resume", NODES.split(","))
    collection.operate("pause", ["b"])
    # An interface that was made just now may be invisible still, and is looked for again and again.
    Store(collection.client, TABLE).update("b", {"identity.interface.created_at": 0}, {})
    before, ec2 = seen(collection), emulator.client("ec2")
    ec2.terminate_instances(InstanceIds=[before["a"]["instance_id"]])
    ec2.delete_network_interface(NetworkInterfaceId=before["b"]["network_interface_id"])
    move_address(emulator, network, before["c"])
    damaged = {"a": ["instance_missing"], "b": ["interface_missing"], "c": ["elastic_ip_moved"]}
    assert reasons(collection) == damaged

    emulator.clear_calls()
    checked = playbooks.operate("repair", "all", "--check", "--diff")
    assert checked.status == 0, checked.output
    assert checked.changed > 0
    assert emulator.calls(mutating=True) == []

    done = playbooks.operate("repair", NODES)
    assert done.status == 0, done.output
    assert reasons(collection) == {**damaged, "a": [], "b": []}
    after = seen(collection)
    assert [after[name]["status"] for name in "abc"] == ["running", "paused", "degraded"]
    assert after["a"]["private_ip_address"] == before["a"]["private_ip_address"]
    assert after["b"]["private_ip_address"] == before["b"]["private_ip_address"]
    assert after["c"]["instance_id"] == before["c"]["instance_id"]
    assert '"reason": "elastic_ip_moved"' in done.output
    assert "aws ec2 disassociate-address" in done.output

    emulator.clear_calls()
    again = playbooks.operate("repair", "all")
    assert (again.status, again.changed) == (0, 0), again.output
    assert emulator.calls(mutating=True) == []


@pytest.mark.thorough
def test_an_operation_that_was_cut_off_is_finished_and_one_that_runs_is_not_touched(
    playbooks: Playbooks, collection: Collection
) -> None:
    collection.operate("resume", ["a", "b"])
    begun = collection.run("operation", name=["a", "b"], state="begun", operation="pause")
    assert begun.values["begun"] == ["a", "b"]
    cut_off = {"operation.expires_at": 1, "operation.has_acted": True, "desired": "paused"}
    Store(collection.client, TABLE).update("a", cut_off, {})
    done = playbooks.operate("repair", "a,b")
    assert done.status == 0, done.output
    nodes = seen(collection)
    assert (nodes["a"]["status"], nodes["a"]["operation"]) == ("paused", None)
    assert nodes["b"]["operation"]["id"] == begun.values["operation_id"]
    assert '"reason": "busy"' in done.output


@pytest.mark.thorough
def test_one_node_that_cannot_be_mended_does_not_keep_the_others_from_it(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    collection.operate("resume", ["a", "b"])
    for node in (seen(collection)[name] for name in "ab"):
        emulator.client("ec2").terminate_instances(InstanceIds=[node["instance_id"]])
    collection.configure("b", network, launch={"instance_types": ["m5.large"], "fallback_to_on_demand": False})
    emulator.set_capacity(instance_type="m5.large", outcome="refused")
    done = playbooks.operate("repair", "a,b,nobody")
    assert done.status != 0
    nodes = seen(collection)
    assert (nodes["a"]["status"], nodes["b"]["status"]) == ("running", "degraded")
    for message in ("b: no candidate could be launched", "nobody: table stateful-nodes has no node of this name"):
        assert tasks_that_print(done, message) == ["stateful_node.aws.repair : Fail with every node's error"]


def test_a_lost_record_is_told_and_rebuilt_when_asked_for(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    """One of a running node, and one of a paused node whose launch settings nothing tells."""
    collection.operate("resume", ["b", "c"])
    collection.operate("pause", ["b"])
    before = seen(collection)
    for name in ("b", "c"):
        emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": name}})
    told = playbooks.operate("repair", "all")
    assert (told.status, told.changed) == (0, 0), told.output
    assert told.output.count('"reason": "record_missing"') == 2

    emulator.clear_calls()
    refused = playbooks.operate("repair", "b,all", repair_rebuild="true")
    assert refused.status != 0
    assert "repair_rebuild takes the names of the nodes, not all" in " ".join(refused.output.split()), refused.output
    assert emulator.calls() == []

    asked = playbooks.operate("repair", "b,c", repair_rebuild="true")
    assert asked.status != 0
    consent = [before["b"]["network_interface_id"], before["c"]["instance_id"], before["c"]["network_interface_id"]]
    consent += [node["allocation_id"] for node in before.values() if node["allocation_id"] and node["name"] in "bc"]
    text = " ".join(asked.output.split())
    assert all(item in text for item in (*consent, "key pair", "launched 20", "by account 123456789012"))
    assert emulator.calls(mutating=True) == []

    done = playbooks.operate("repair", "b,c", repair_rebuild="true", repair_confirm=",".join(consent))
    assert done.status != 0
    assert "b: no instance runs on interface" in done.output
    assert [call["action"] for call in emulator.calls(mutating=True)] == ["PutItem"]
    rest = seen(collection)
    assert (rest["c"]["status"], rest["b"]["drift"][0]["reason"]) == ("running", "record_missing")

    launch = '{"repair_rebuild_launch": {"image_id": "ami-0a1b2c3d4e5f60003", "instance_types": ["t3.micro"]}}'
    rebuilt = playbooks.operate("repair", "b", "-e", launch, repair_rebuild="true", repair_confirm=",".join(consent))
    assert rebuilt.status == 0, rebuilt.output
    after = seen(collection)
    same = ("status", "network_interface_id", "private_ip_address", "public_ip", "instance_id")
    assert [{key: after[name][key] for key in same} for name in "bc"] == [
        {key: before[name][key] for key in same} for name in "bc"
    ]
