# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is not adopted: said why, with the way out, and nothing changed."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import Collection
from tests.support.readers import only

from .account import launch, primary_interface, refused, tagged


@pytest.fixture
def collection(collection: Collection, emulator: Emulator) -> Collection:
    """In a hurry."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    return Collection(collection.endpoint, clock=FastClock())


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"aws:autoscaling:groupName": "web"}, "Auto Scaling group"),
        ({"aws:ec2:fleet-id": "fleet-1"}, "EC2 Fleet"),
        ({"karpenter.sh/nodepool": "default"}, "Karpenter"),
        ({"eks:cluster-name": "prod"}, "EKS cluster"),
        ({"kubernetes.io/cluster/prod": "owned"}, "Kubernetes"),
        ({"stateful_node:table": "others", "stateful_node:name": "x"}, "node x of table others"),
        ({"stateful_node:table": "stateful-nodes", "stateful_node:name": "x"}, "is node x's, as its tags say"),
    ],
)
def test_what_somebody_else_manages_is_refused(
    emulator: Emulator, collection: Collection, network: Network, tags: dict[str, str], words: str
) -> None:
    instance_id = launch(emulator, network, TagSpecifications=tagged(tags))
    refused(emulator, collection, words, instance_id=instance_id)


def test_an_instance_of_a_service_is_refused(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network, Operator={"Principal": "eks.amazonaws.com"})
    refused(emulator, collection, "managed by eks.amazonaws.com", instance_id=instance_id)


@pytest.mark.parametrize("unknown", ["i-0123456789abcdef0", "nonsense"])
def test_an_unknown_instance_is_refused(emulator: Emulator, collection: Collection, unknown: str) -> None:
    refused(emulator, collection, f"instance_id '{unknown}' is not the id of an instance", instance_id=unknown)


def test_an_unknown_interface_is_refused(emulator: Emulator, collection: Collection) -> None:
    refused(emulator, collection, "is not the id of a network interface", network_interface_id="eni-0123456789abcdef0")


def test_an_instance_that_has_ended_is_refused(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network)
    emulator.client("ec2").terminate_instances(InstanceIds=[instance_id])
    refused(emulator, collection, "is terminated", instance_id=instance_id)


def test_an_interface_that_is_attached_is_refused(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network)
    ec2 = emulator.client("ec2")
    second = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.attach_network_interface(NetworkInterfaceId=second, InstanceId=instance_id, DeviceIndex=1)
    refused(emulator, collection, "at device 1", network_interface_id=second)
    primary = primary_interface(emulator, instance_id)["NetworkInterfaceId"]
    refused(emulator, collection, f"instance_id={instance_id}", network_interface_id=primary)


def test_a_node_that_is_there_is_not_adopted_again(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    first, second = launch(emulator, network), launch(emulator, network)
    only(collection.adopt("b", instance_id=first))
    refused(emulator, collection, "is node b's already", instance_id=first)
    emulator.clear_calls()
    with pytest.raises(NodeError, match="has a node of this name"):
        collection.adopt("b", instance_id=second)
    collection.configure("c", network)
    with pytest.raises(NodeError, match="has a node of this name"):
        collection.adopt("c", instance_id=second)


def test_an_image_that_is_gone_is_refused(emulator: Emulator, collection: Collection, network: Network) -> None:
    ec2 = emulator.client("ec2")
    image_id = ec2.create_image(InstanceId=launch(emulator, network), Name="mine")["ImageId"]
    instance_id = launch(emulator, network, ImageId=image_id)
    ec2.deregister_image(ImageId=image_id)
    refused(emulator, collection, "does not exist any more", instance_id=instance_id)
    only(collection.adopt("a", instance_id=instance_id, launch={"image_id": network.image_id}))


def test_a_wrong_option_is_refused_as_by_the_configuration(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    refused(emulator, collection, "security_groups 'nobodys'", instance_id=instance_id, security_groups=["nobodys"])
