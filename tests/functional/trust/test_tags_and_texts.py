# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags that others give to things of theirs, and texts of EC2's: they are shown, and lead to nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection

from ..account import AccountContents, launch
from .hostile import DEEP, LONG, SHORT, assert_is_noise, nodes_of

KEPT = ("network_interface_id", "private_ip_address", "allocation_id", "public_ip")


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})


def forge(emulator: Emulator, network: Network, tags: Mapping[str, str]) -> set[str]:
    """Make an instance, an interface and an address with these tags, as somebody does who owns no node."""
    ec2 = emulator.client("ec2")
    instance_id = launch(emulator, network)
    made = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]
    ids = [instance_id, made["NetworkInterfaceId"], ec2.allocate_address(Domain="vpc")["AllocationId"]]
    ec2.create_tags(Resources=ids, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    return set(ids)


def forged(name: str, generation: str = "2") -> dict[str, str]:
    return {"stateful_node:table": TABLE, "stateful_node:name": name, "stateful_node:generation": generation}


def existing(emulator: Emulator) -> set[str]:
    account = AccountContents(emulator)
    return {*account.live, *account.interfaces, *account.addresses}


def test_hostile_names_in_tags_break_nothing(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    theirs = set[str]()
    for text in SHORT.values():
        theirs |= forge(emulator, network, {**forged(text), "Name": text})
    done = collection.operate("resume", ["a"])
    assert not done.failures, done.message
    found = collection.run("info", name=["all"])
    assert_is_noise(done, found, collection.run("orphans"))
    assert nodes_of(found)["a"]["status"] == "running"
    assert theirs <= existing(emulator)


def test_twins_of_a_node_survive_every_operation(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network, elastic_ip="new", public_ip_assignment="enabled")
    collection.operate("resume", ["a"])
    before = nodes_of(collection.run("info"))["a"]
    theirs = set[str]()
    for generation in ("1", "2", "9"):
        theirs |= forge(emulator, network, forged("a", generation))
    for operation in ("resume", "replace", "pause", "resume"):
        assert_is_noise(collection.operate(operation, ["a"]))
        after = nodes_of(collection.run("info"))["a"]
        assert theirs <= existing(emulator), operation
        assert {key: after[key] for key in KEPT} == {key: before[key] for key in KEPT}, operation
        assert after["instance_id"] not in theirs, operation


@pytest.mark.parametrize("text", ["".join(SHORT.values()), LONG[:100_000], DEEP], ids=["short", "long", "deep"])
def test_a_hostile_error_of_ec2_is_shown_and_the_node_comes_up_afterwards(
    emulator: Emulator, network: Network, collection: Collection, text: str
) -> None:
    printable = "".join(character for character in text if character.isprintable())
    collection.configure("a", network)
    emulator.add_fault("RunInstances", "refuse", call=0, code="InvalidParameterValue", message=printable)
    failed = collection.operate("resume", ["a"])
    assert failed.failures
    assert_is_noise(failed, collection.run("info"))
    emulator.clear_faults()
    done = collection.operate("resume", ["a"])
    assert not done.failures, done.message
