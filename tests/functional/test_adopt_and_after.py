# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An adoption in check mode, cut off, twice at once, and the way back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import TABLE, Collection
from tests.support.readers import has_record, only, record_of

from .account import AccountContents, give_address, launch, own_tags, primary_interface

SECRET = "#!/bin/sh\necho a-password-of-somebody"


@pytest.fixture
def collection(collection: Collection, emulator: Emulator) -> Collection:
    """In a hurry."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    return Collection(collection.endpoint, clock=FastClock())


def test_check_mode_tells_all_and_does_nothing(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network, UserData=SECRET)
    give_address(emulator, primary_interface(emulator, instance_id))
    emulator.clear_calls()
    check = Collection(collection.endpoint, check_mode=True, clock=FastClock())
    result = check.adopt("a", instance_id=instance_id)
    assert [action["action"] for action in result.values["actions"]] == [
        "create_record", "keep_on_termination", "set_tags", "set_own_tags", "set_own_tags", "set_own_tags",
    ]  # fmt: skip
    node = only(result)
    assert (node["name"], node["instance_id"]) == ("a", instance_id)
    assert result.values["diff"][0]["after"]["launch"]["user_data_sha256"]
    assert "a-password" not in json.dumps(result.values)
    assert emulator.calls(mutating=True) == []
    assert not has_record(collection)


@pytest.mark.parametrize("action", ["ModifyNetworkInterfaceAttribute", "CreateTags"])
def test_an_adoption_that_failed_is_finished_by_the_same_playbook(
    emulator: Emulator, collection: Collection, network: Network, action: str
) -> None:
    """A resume in between is refused: nothing carries the node's tags yet."""
    instance_id = launch(emulator, network)
    emulator.add_fault(action, "refuse", code="UnauthorizedOperation", call=0)
    result = collection.adopt("a", instance_id=instance_id)
    (failure,) = result.failures
    assert f"aws.adopt -e stateful_nodes=a -e adopt_instance_id={instance_id}" in failure.next_command.text(Reach())
    assert record_of(collection).unfinished.operation == "adopt"
    emulator.clear_faults()
    (refused,) = collection.operate("resume", ["a"]).failures
    assert refused.code == "OwnershipUnconfirmed"
    node = only(collection.adopt("a", instance_id=instance_id))
    assert (node["status"], node["instance_id"], node["drift"]) == ("running", instance_id, [])
    interface = primary_interface(emulator, instance_id)
    assert interface["Attachment"]["DeleteOnTermination"] is False
    assert own_tags(emulator, interface["NetworkInterfaceId"])["stateful_node:name"] == "a"


def test_an_adoption_that_is_under_way_is_busy(emulator: Emulator, collection: Collection, network: Network) -> None:
    instance_id = launch(emulator, network)
    emulator.add_fault("UpdateItem", "refuse", service="dynamodb", code="AccessDeniedException", call=0)
    assert collection.adopt("a", instance_id=instance_id).failures
    emulator.clear_faults()
    with pytest.raises(NodeError, match="holds the node") as caught:
        collection.adopt("a", instance_id=instance_id)
    assert caught.value.failure.next_command.text(Reach()) == (
        f"ansible-playbook stateful_node.aws.adopt -e stateful_nodes=a -e adopt_instance_id={instance_id} "
        "-e stateful_node_take_over=true"
    )
    assert "that playbook has ended" not in caught.value.failure.message
    Store(collection.client, TABLE).update("a", {"operation.playbook_pid": 2**22 - 3}, {})
    with pytest.raises(NodeError) as caught:
        collection.adopt("a", instance_id=instance_id)
    assert "that playbook has ended" in caught.value.failure.message
    only(collection.adopt("a", instance_id=instance_id, take_over=True))


def test_one_instance_adopted_under_two_names_at_the_same_time_becomes_one_node_at_most(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    other = Collection(collection.endpoint, clock=FastClock())
    seen: list[str] = []

    class Interfering(Collection):
        """Has the other name adopted between the look at the table and the record."""

        def client(self, service: str, settings: Any) -> Any:
            if service == "dynamodb" and not seen:
                made = super().client(service, settings)
                made.meta.events.register_first("before-call.dynamodb.PutItem", self.interfere)
                return made
            return super().client(service, settings)

        @staticmethod
        def interfere(**_details: Any) -> None:
            if not seen:
                seen.append("adopted")
                only(other.adopt("b", instance_id=instance_id))

    with pytest.raises(NodeError, match="was adopted as b at the same time"):
        Interfering(collection.endpoint, clock=FastClock()).adopt("a", instance_id=instance_id)
    assert seen
    assert not has_record(collection)
    assert record_of(collection, "b").identity.instance_id == instance_id
    node = only(collection.run("info", name=["b"]))
    assert (node["status"], node["drift"]) == ("running", [])


def test_to_release_what_was_adopted_leaves_it_as_it_was(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    interface = primary_interface(emulator, instance_id)
    address = give_address(emulator, interface)
    before = primary_interface(emulator, instance_id)
    only(collection.adopt("a", instance_id=instance_id))
    only(collection.operate("delete", ["a"]))
    after = primary_interface(emulator, instance_id)
    assert after["Attachment"]["DeleteOnTermination"] is True
    assert after["Association"] == before["Association"]
    account = AccountContents(emulator)
    assert (account.own_tags, list(account.live), list(account.addresses)) == (
        [], [instance_id], [address["AllocationId"]],
    )  # fmt: skip


def test_an_adopted_address_is_released_where_that_is_told(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    instance_id = launch(emulator, network)
    give_address(emulator, primary_interface(emulator, instance_id))
    only(collection.adopt("a", instance_id=instance_id))
    only(collection.operate("destroy", ["a"]))
    account = AccountContents(emulator)
    assert (account.live, account.interfaces, account.addresses) == ({}, {}, {})


def test_an_instance_that_is_stopped_is_meant_to_run(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    emulator.configure(durations={"stopping": 0})
    instance_id = launch(emulator, network)
    emulator.client("ec2").stop_instances(InstanceIds=[instance_id])
    node = only(collection.adopt("a", instance_id=instance_id))
    assert (node["desired"], [drift["reason"] for drift in node["drift"]]) == ("running", ["instance_stopped"])
    resumed = only(collection.operate("resume", ["a"]))
    assert (resumed["status"], resumed["instance_id"]) == ("running", instance_id)
