# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An edited record names what is another node's, or a stranger's: nothing of it is started, used, untagged or moved."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import (
    Adoption,
    Identity,
    RecordedElasticIp,
    RecordedInstance,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.serialization import to_dict

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import Collection
from tests.support.readers import only, record_of

from .account import AccountContents, launch, own_tags, primary_interface
from .test_edited_records import edit


@pytest.fixture
def collection(collection: Collection, emulator: Emulator, network: Network) -> Collection:
    """In a hurry, with the running node `a`."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0, "stopping": 0})
    fast = Collection(collection.endpoint, clock=FastClock())
    fast.configure("a", network)
    only(fast.operate("resume", ["a"]))
    return fast


@pytest.fixture
def other(collection: Collection, network: Network) -> Identity:
    """The running node `b`, with an Elastic IP of its own."""
    collection.configure("b", network, public_ip_assignment="enabled", elastic_ip="new")
    only(collection.operate("resume", ["b"]))
    return record_of(collection, "b").identity


def recorded(instance_id: str, *, generation: int = 1, device_index: int | None = None) -> dict[str, Any]:
    """An instance as a record has it."""
    instance = RecordedInstance(
        instance_id=instance_id,
        generation=generation,
        launched_at=1,
        instance_type="t3.small",
        market="spot",
        device_index=device_index,
    )
    stored: dict[str, Any] = to_dict(instance)
    return stored


@pytest.mark.parametrize("kind", ["instance", "interface", "address"])
def test_a_delete_leaves_the_tags_of_another_node(
    emulator: Emulator, collection: Collection, other: Identity, kind: str
) -> None:
    path, resource_id = {
        "instance": ("identity.instance.instance_id", other.instance_id),
        "interface": ("identity.interface.network_interface_id", other.network_interface_id),
        "address": ("identity.spare_allocation_ids", other.allocation_id),
    }[kind]
    edit(emulator, "a", path, [resource_id] if kind == "address" else resource_id)
    failed = collection.operate("delete", ["a"])
    assert f"names {resource_id}, and EC2 shows the tags" in failed.message
    assert own_tags(emulator, resource_id or "")["stateful_node:name"] == "b"


def test_a_delete_leaves_a_strangers_interface_as_it_is(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    victim = launch(emulator, network)
    interface = primary_interface(emulator, victim)
    interface_id = interface["NetworkInterfaceId"]
    emulator.client("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=interface_id,
        Attachment={"AttachmentId": interface["Attachment"]["AttachmentId"], "DeleteOnTermination": False},
    )
    adoption = Adoption(network_interface_id=interface_id, instance_id=victim, delete_on_termination=True)
    edit(emulator, "a", "identity.interface.network_interface_id", interface_id)
    edit(emulator, "a", "identity.instance.instance_id", victim)
    edit(emulator, "a", "identity.adoption", to_dict(adoption))
    failed = collection.operate("delete", ["a"])
    assert "OwnershipUnconfirmed" in failed.message
    assert not primary_interface(emulator, victim)["Attachment"]["DeleteOnTermination"]


def test_a_strangers_instance_is_not_started(emulator: Emulator, collection: Collection, network: Network) -> None:
    only(collection.operate("pause", ["a"]))
    victim = launch(emulator, network)
    emulator.client("ec2").stop_instances(InstanceIds=[victim])
    edit(emulator, "a", "identity.instance", recorded(victim))
    failed = collection.operate("resume", ["a"])
    assert f"names {victim}" in failed.message
    assert emulator.calls(action="StartInstances") == []


def test_a_strangers_instance_does_not_get_the_interface(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    only(collection.operate("pause", ["a"]))
    victim = launch(emulator, network)
    edit(emulator, "a", "identity.instance", recorded(victim, device_index=1))
    failed = collection.operate("resume", ["a"])
    assert f"names {victim}" in failed.message
    interface_id = record_of(collection).identity.network_interface_id
    assert "Attachment" not in AccountContents(emulator).interfaces[interface_id or ""]


@pytest.mark.parametrize("operation", ["replace", "resume"])
def test_a_strangers_instance_does_not_take_over(
    emulator: Emulator, collection: Collection, network: Network, operation: str
) -> None:
    collection.configure("p", network, handover="prelaunch")
    only(collection.operate("resume", ["p"]))
    own = record_of(collection, "p").identity
    victim = launch(emulator, network)
    if operation == "resume":
        emulator.client("ec2").terminate_instances(InstanceIds=[own.instance_id or ""])
    edit(emulator, "p", "identity.standby", recorded(victim, generation=99, device_index=1))
    failed = collection.operate(operation, ["p"])
    assert f"names {victim}" in failed.message
    interface = AccountContents(emulator).interfaces[own.network_interface_id or ""]
    assert interface.get("Attachment", {}).get("InstanceId") != victim


def test_another_nodes_association_is_not_ended(emulator: Emulator, collection: Collection, other: Identity) -> None:
    forged = RecordedElasticIp(allocation_id="eipalloc-0123456789abcdef0", association_id=other.association_id)
    edit(emulator, "a", "identity.elastic_ip", to_dict(forged))
    failed = collection.operate("resume", ["a"])
    assert f"shows it on {other.network_interface_id}, which is not the node's" in failed.message
    assert AccountContents(emulator).addresses[other.allocation_id or ""]["AssociationId"] == other.association_id


def test_another_nodes_free_address_is_not_taken(
    emulator: Emulator, collection: Collection, network: Network, other: Identity
) -> None:
    emulator.client("ec2").disassociate_address(AssociationId=other.association_id or "")
    collection.configure("a", network, public_ip_assignment="enabled", elastic_ip="new")
    edit(emulator, "a", "identity.spare_allocation_ids", [other.allocation_id])
    failed = collection.operate("resume", ["a"])
    assert f"names {other.allocation_id}, and EC2 shows the tags" in failed.message
    assert "AssociationId" not in AccountContents(emulator).addresses[other.allocation_id or ""]
