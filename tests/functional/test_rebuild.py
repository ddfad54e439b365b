# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_rebuild: a lost record comes back from what is in EC2, or an error says what does not tell."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection

from .account import launch, tagged

KEPT = (
    "status", "desired", "generation", "network_interface_id", "private_ip_address", "private_ip_addresses",
    "public_ip", "allocation_id", "subnet_id", "availability_zone", "instance_id", "instance_type",
    "instance_lifecycle", "drift", "pending", "operation",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


def lose(emulator: Emulator, name: str) -> None:
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": name}})


def launch_of(network: Network, **options: Any) -> dict[str, Any]:
    return {"image_id": network.image_id, "instance_types": ["t3.large"], **options}


def shown(collection: Collection) -> dict[str, Any]:
    (node,) = collection.run("info").values["nodes"]
    return node


def refusal(collection: Collection, **options: Any) -> NodeError:
    with pytest.raises(NodeError) as caught:
        collection.rebuild("a", **options)
    return caught.value


CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "as little as can be": {},
    "everything": {
        "private_ip_address": "10.0.1.50",
        "secondary_private_ip_addresses": ["10.0.1.60", "10.0.1.61"],
        "elastic_ip": "new",
        "public_ip_assignment": "enabled",
        "source_dest_check": False,
        "tags": {"team": "data", "Name": "mine"},
    },
    "addresses by count": {"secondary_private_ip_address_count": 2, "persist_private_ip": True},
    "a public address that does not persist": {"public_ip_assignment": "enabled"},
}


@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_running_node_comes_back_as_it_was(
    emulator: Emulator, network: Network, collection: Collection, options: dict[str, Any]
) -> None:
    """And the next resume finds nothing to do, and the next replace keeps every address."""
    launch = launch_of(network, user_data="#!/bin/sh\necho ü\n", market="on_demand")
    collection.configure("a", network, launch=launch, **options)
    collection.operate("resume", ["a"])
    collection.operate("replace", ["a"])
    before = shown(collection)
    lose(emulator, "a")
    emulator.clear_calls()
    rebuilt = collection.rebuild("a")
    assert [call["action"] for call in emulator.calls(mutating=True)] == ["PutItem"]
    after = shown(collection)
    assert {key: after[key] for key in KEPT} == {key: before[key] for key in KEPT}
    config = dict(before["config"])
    launched = {**config["launch"], "metadata_options": after["config"]["launch"]["metadata_options"]}
    assert after["config"] == {**config, "launch": launched}
    assert rebuilt.values["nodes"][0]["config"] == after["config"]
    emulator.clear_calls()
    again = collection.operate("resume", ["a"])
    assert (again.values["actions"], again.values["begun"]) == ([], [])
    assert emulator.calls(mutating=True) == []
    replaced = collection.operate("replace", ["a"])
    assert not replaced.failures, replaced.message
    (node,) = replaced.values["nodes"]
    same = ("network_interface_id", "private_ip_addresses", "allocation_id")
    assert {key: node[key] for key in same} == {key: before[key] for key in same}
    assert node["generation"] == before["generation"] + 1


def test_what_the_instance_does_not_tell_for_sure_is_said(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, launch=launch_of(network, instance_types=["t3.micro", "t3.small"]))
    collection.operate("resume", ["a"])
    lose(emulator, "a")
    checked = Collection(emulator.endpoint, check_mode=True).rebuild("a")
    assert Store(collection.client, TABLE).all() == {}
    result = collection.rebuild("a", launch={"instance_types": ["t3.micro", "t3.small"]})
    assert checked.values["changed"] is result.values["changed"] is True
    options = ["launch.instance_types", "launch.fallback_to_on_demand", "launch.block_device_mappings"]
    options += ["rebalance", "auto_heal", "unhealthy_after"]
    assert [item["option"] for item in checked.values["assumed"]] == options
    assert [item["option"] for item in result.values["assumed"]] == options[1:]
    assert any("launch.fallback_to_on_demand is taken to be True" in line for line in result.values["warnings"])
    assert result.values["nodes"][0]["config"]["launch"]["instance_types"] == ["t3.micro", "t3.small"]


def test_a_paused_node_wants_its_launch_settings_again(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, elastic_ip="new", public_ip_assignment="enabled")
    collection.operate("resume", ["a"])
    collection.operate("pause", ["a"])
    before = shown(collection)
    lose(emulator, "a")
    error = refusal(collection)
    assert error.failure.code == "LaunchUnknown"
    assert "image_id" in str(error)
    assert Store(collection.client, TABLE).all() == {}
    collection.rebuild("a", launch=launch_of(network))
    after = shown(collection)
    without = [key for key in KEPT if key != "generation"]
    assert {key: after[key] for key in without} == {key: before[key] for key in without}
    (node,) = collection.operate("resume", ["a"]).values["nodes"]
    assert (node["status"], node["public_ip"]) == ("running", before["public_ip"])


def test_a_node_launched_from_a_template_comes_back_with_it(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    data = {"ImageId": network.image_id, "InstanceType": "t3.micro"}
    made = emulator.client("ec2").create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    template_id = made["LaunchTemplate"]["LaunchTemplateId"]
    collection.configure("a", network, launch={"launch_template": {"id": template_id}})
    (node,) = collection.operate("resume", ["a"]).values["nodes"]
    # The emulator gives instances no tags of EC2's own.
    tags = {"aws:ec2launchtemplate:id": template_id, "aws:ec2launchtemplate:version": "1"}
    emulator.client("ec2").create_tags(
        Resources=[node["instance_id"]], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )
    lose(emulator, "a")
    collection.rebuild("a")
    launch = shown(collection)["config"]["launch"]
    assert (launch["launch_template"], launch["image_id"]) == ({"id": template_id, "version": "1"}, None)


def test_a_node_that_has_a_record_is_refused(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    before = Store(collection.client, TABLE).all()
    assert refusal(collection).failure.code == "RecordExists"
    assert Store(collection.client, TABLE).all() == before


def test_a_record_that_is_written_meanwhile_stays(
    emulator: Emulator, network: Network, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    (before,) = Store(collection.client, TABLE).all().values()
    lose(emulator, "a")
    create = Store.create

    def create_second(store: Store, record: Any) -> None:
        create(store, before)
        create(store, record)

    monkeypatch.setattr(Store, "create", create_second)
    assert refusal(collection).failure.code == "RecordExists"
    assert Store(collection.client, TABLE).all() == {"a": before}


def test_what_is_not_clear_is_refused_with_the_way_out(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    ec2 = emulator.client("ec2")
    assert refusal(collection).failure.code == "NothingToRebuild"
    collection.configure("a", network)
    (node,) = collection.operate("resume", ["a"]).values["nodes"]
    lose(emulator, "a")
    interface_id = node["network_interface_id"]

    (tags,) = [
        item["TagSet"]
        for item in ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"]
    ]
    (value,) = [tag["Value"] for tag in tags if tag["Key"] == "stateful_node:config"]
    ec2.delete_tags(Resources=[interface_id], Tags=[{"Key": "stateful_node:config"}])
    missing = refusal(collection)
    assert missing.failure.code == "ConfigTagMissing"
    assert f"--tags 'Key=stateful_node:config,Value={value}'" in str(missing)
    ec2.create_tags(Resources=[interface_id], Tags=[{"Key": "stateful_node:config", "Value": value}])

    own = [{"Key": "stateful_node:table", "Value": TABLE}, {"Key": "stateful_node:name", "Value": "a"}]
    other = ec2.create_network_interface(
        SubnetId=network.subnet_a_id, TagSpecifications=[{"ResourceType": "network-interface", "Tags": own}]
    )["NetworkInterface"]["NetworkInterfaceId"]
    twice = refusal(collection)
    assert twice.failure.code == "ClaimedTwice"
    assert interface_id in str(twice)
    assert other in str(twice)
    assert "repair_confirm" in str(twice)
    ec2.delete_network_interface(NetworkInterfaceId=other)

    ec2.delete_tags(Resources=[node["instance_id"]], Tags=[{"Key": "stateful_node:name"}])
    assert refusal(collection).failure.code == "NetworkInterfaceInUse"
    assert Store(collection.client, TABLE).all() == {}


def test_the_tag_follows_the_configuration(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    collection.run("config", name="a", secondary_private_ip_address_count=1)
    collection.operate("resume", ["a"])
    lose(emulator, "a")
    collection.rebuild("a")
    node = shown(collection)
    assert (node["config"]["secondary_private_ip_address_count"], len(node["private_ip_addresses"])) == (1, 2)


def forged_instance(emulator: Emulator, network: Network, generation: str) -> str:
    tags = {"stateful_node:table": TABLE, "stateful_node:name": "a", "stateful_node:generation": generation}
    return launch(emulator, network, TagSpecifications=tagged(tags))


def test_nothing_is_written_without_consent_to_each_resource(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, elastic_ip="new", public_ip_assignment="enabled")
    (node,) = collection.operate("resume", ["a"]).values["nodes"]
    lose(emulator, "a")
    ids = [node["instance_id"], node["network_interface_id"], node["allocation_id"]]
    for confirmed in ([], ids[:1], ids[:2], ids[1:]):
        with pytest.raises(NodeError) as caught:
            collection.run("rebuild", name="a", confirm=confirmed)
        assert caught.value.failure.code == "NotConfirmed"
        command = caught.value.failure.next_command
        assert command
        assert command.text(Reach()).endswith(f"-e repair_confirm={','.join(ids)}")
        assert all(words in str(caught.value) for words in ("account 123456789012", "launched 20", "Name 'a'"))
    assert Store(collection.client, TABLE).all() == {}
    assert not collection.run("rebuild", name="a", confirm=[",".join(ids), "i-0123456789abcdef0"]).failures
    assert collection.operate("resume", ["a"]).values["actions"] == []


@pytest.mark.parametrize("generation", ["9", "abc", "9" * 200])
def test_a_forged_twin_neither_hides_the_real_instance_nor_keeps_the_record_from_coming_back(
    emulator: Emulator, network: Network, collection: Collection, generation: str
) -> None:
    collection.configure("a", network)
    (node,) = collection.operate("resume", ["a"]).values["nodes"]
    forged = forged_instance(emulator, network, generation)
    lose(emulator, "a")
    assert shown(collection)["instance_id"] == node["instance_id"]
    collection.rebuild("a")
    rebuilt = shown(collection)
    assert (rebuilt["instance_id"], rebuilt["generation"]) == (node["instance_id"], 1)
    assert forged in rebuilt["drift"][0]["message"]


def test_of_two_interfaces_that_claim_to_be_the_nodes_the_confirmed_one_is_taken(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    (node,) = collection.operate("resume", ["a"]).values["nodes"]
    lose(emulator, "a")
    tags = [{"Key": "stateful_node:table", "Value": TABLE}, {"Key": "stateful_node:name", "Value": "a"}]
    emulator.client("ec2").create_network_interface(
        SubnetId=network.subnet_a_id, TagSpecifications=[{"ResourceType": "network-interface", "Tags": tags}]
    )
    assert refusal(collection).failure.code == "ClaimedTwice"
    collection.run("rebuild", name="a", confirm=[node["network_interface_id"], node["instance_id"]])
    assert shown(collection)["network_interface_id"] == node["network_interface_id"]
