# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting nodes: what is destroyed, what is let go, and what is refused before anything is done."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import DESTROYING, TABLE, Collection
from tests.support.readers import has_record, only, record_of

from .account import AccountContents


@pytest.fixture
def collection(collection: Collection, emulator: Emulator, network: Network) -> Collection:
    """In a hurry, with a running node that has an Elastic IP of its own."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    fast = Collection(collection.endpoint, clock=FastClock())
    fast.configure("a", network, public_ip_assignment="enabled", elastic_ip="new", tags={"team": "x"})
    only(fast.operate("resume", ["a"]))
    return fast


def test_everything_is_destroyed_that_is_told_and_the_record_with_it(
    emulator: Emulator, collection: Collection
) -> None:
    node = only(collection.operate("delete", ["a"], choices=DESTROYING))
    assert (node["name"], node["status"], node["operation"], node["drift"]) == ("a", "absent", None, [])
    account = AccountContents(emulator)
    assert (account.live, account.interfaces, account.addresses) == ({}, {}, {})
    assert not has_record(collection)
    (entry, *_resume) = Store(collection.client, TABLE).history("a")
    assert (entry["operation"], sorted(entry["choices"])) == ("delete", sorted(DESTROYING))


def test_a_release_lets_everything_go_as_it_is(emulator: Emulator, collection: Collection) -> None:
    before, identity = AccountContents(emulator), record_of(collection).identity
    node = only(collection.operate("delete", ["a"]))
    account = AccountContents(emulator)
    assert account.own_tags == []
    assert list(account.live) == [identity.instance_id] == [node["instance_id"]]
    kept = account.interfaces[identity.network_interface_id]
    assert kept["Association"] == before.interfaces[identity.network_interface_id]["Association"]
    assert {"Key": "team", "Value": "x"} in kept["TagSet"]
    assert set(account.addresses) == {identity.allocation_id}
    companions = {tag["ResourceId"] for tag in account.tags if tag["Key"].startswith("stateful_node:")}
    assert companions == set()
    assert not has_record(collection)


def test_a_paused_node_is_released_with_a_free_interface(emulator: Emulator, collection: Collection) -> None:
    only(collection.operate("pause", ["a"]))
    identity = record_of(collection).identity
    only(collection.operate("delete", ["a"]))
    account = AccountContents(emulator)
    assert account.interfaces[identity.network_interface_id]["Status"] == "available"
    assert account.own_tags == []


def test_the_interface_of_a_paused_node_goes_and_its_address_is_disassociated_and_kept(
    emulator: Emulator, collection: Collection
) -> None:
    only(collection.operate("pause", ["a"]))
    allocation_id = record_of(collection).identity.allocation_id
    only(collection.operate("delete", ["a"], choices={"delete_network_interface": True}))
    account = AccountContents(emulator)
    assert (account.interfaces, account.own_tags) == ({}, [])
    assert "AssociationId" not in account.addresses[allocation_id]


def test_only_the_instance_goes(emulator: Emulator, collection: Collection) -> None:
    identity = record_of(collection).identity
    only(collection.operate("delete", ["a"], choices={"delete_instance": True}))
    account = AccountContents(emulator)
    assert (account.live, account.own_tags) == ({}, [])
    assert account.interfaces[identity.network_interface_id]["Association"]["AllocationId"] == identity.allocation_id


def test_to_release_the_address_ends_the_interface_too(emulator: Emulator, collection: Collection) -> None:
    choices = {"delete_instance": True, "delete_release_elastic_ip": True}
    only(collection.operate("delete", ["a"], choices=choices))
    assert (AccountContents(emulator).interfaces, AccountContents(emulator).addresses) == ({}, {})


def test_an_address_that_was_given_is_kept_and_said_so(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    allocation_id = emulator.client("ec2").allocate_address(Domain="vpc")["AllocationId"]
    collection.configure("b", network, public_ip_assignment="enabled", elastic_ip=allocation_id)
    only(collection.operate("resume", ["b"]))
    begun = collection.run(
        "operation", name=["b"], state="begun", operation="delete", delete_confirm=["b"], **DESTROYING
    )
    assert [allocation_id in warning for warning in begun.values["warnings"]] == [True]
    only(collection.operate("delete", ["b"], choices=DESTROYING, take_over=True))
    address = AccountContents(emulator).addresses[allocation_id]
    assert "AssociationId" not in address
    assert not has_record(collection, "b")


def test_addresses_exchanged_before_are_released_as_well(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    allocation_id = emulator.client("ec2").allocate_address(Domain="vpc")["AllocationId"]
    collection.run("config", name="a", elastic_ip=allocation_id)
    only(collection.operate("resume", ["a"]))
    assert record_of(collection).identity.spare_allocation_ids
    only(collection.operate("delete", ["a"], choices=DESTROYING))
    assert set(AccountContents(emulator).addresses) == {allocation_id}


@pytest.mark.parametrize("asked", ["delete_network_interface", "delete_release_elastic_ip"])
def test_an_instance_is_not_kept_without_its_interface(emulator: Emulator, collection: Collection, asked: str) -> None:
    before = record_of(collection)
    emulator.clear_calls()
    result = collection.operate("delete", ["a"], choices={asked: True})
    (failure,) = result.failures
    assert failure.code == "InstanceKept"
    assert asked in failure.message
    assert "delete_instance=true" in failure.message
    assert failure.next_command is None  # the same command would be refused again
    assert emulator.calls(mutating=True) == []
    assert record_of(collection) == before


@pytest.mark.parametrize("confirmed", [[], ["b"], ["a", "b"], ["all"]])
@pytest.mark.parametrize("asked", DESTROYING)
def test_whoever_destroys_names_exactly_the_nodes_once_more(
    emulator: Emulator, collection: Collection, asked: str, confirmed: list[str]
) -> None:
    emulator.clear_calls()
    with pytest.raises(NodeError, match=r"delete_confirm=a$"):
        collection.operate("delete", ["a"], choices={asked: True, "delete_confirm": confirmed})
    assert emulator.calls(mutating=True) == []


def test_all_is_confirmed_by_the_names(collection: Collection, network: Network) -> None:
    collection.configure("b", network)
    with pytest.raises(NodeError, match=r"delete_confirm=a,b$"):
        collection.operate("delete", ["all"], choices=DESTROYING)
    result = collection.operate("delete", ["all"], choices={**DESTROYING, "delete_confirm": ["b,a"]})
    assert [node["status"] for node in result.values["nodes"]] == ["absent"] * len(result.values["nodes"])
    assert Store(collection.client, TABLE).all() == {}


@pytest.mark.parametrize("choices", [{}, DESTROYING])
def test_a_node_that_is_gone_is_as_wanted(emulator: Emulator, collection: Collection, choices: dict[str, bool]) -> None:
    only(collection.operate("delete", ["a"], choices=choices))
    emulator.clear_calls()
    again = collection.operate("delete", ["a"], choices=choices)
    assert again.failures == ()
    assert (again.values["changed"], again.values["begun"]) == (False, [])
    assert again.values["nodes"] == [{"name": "a", "status": "absent"}]
    assert emulator.calls(mutating=True) == []


def test_a_node_that_was_never_resumed_is_just_forgotten(collection: Collection, network: Network) -> None:
    collection.configure("b", network)
    only(collection.operate("delete", ["b"], choices=DESTROYING))
    assert not has_record(collection, "b")


@pytest.mark.parametrize("choices", [{}, DESTROYING])
def test_check_mode_tells_all_and_does_nothing(
    emulator: Emulator, collection: Collection, choices: dict[str, bool]
) -> None:
    before, told = record_of(collection), []
    emulator.clear_calls()
    check = Collection(collection.endpoint, check_mode=True, clock=FastClock())
    confirmed = {**choices, "delete_confirm": ["a"]}
    begun = check.run("operation", name=["a"], state="begun", operation="delete", **confirmed)
    operation_id = begun.values["operation_id"]
    for module, state in (("instance", "terminated"), ("eip", "absent"), ("eni", "absent"), ("operation", "ended")):
        result = check.run(module, name=["a"], state=state, operation_id=operation_id)
        told += [action["action"] for action in result.values["actions"]]
    expected = (
        ["terminate_instance", "disassociate_address", "release_address", "delete_network_interface", "delete_record"]
        if choices
        else ["remove_own_tags"] * 5 + ["delete_record"]
    )
    assert told == expected
    assert emulator.calls(mutating=True) == []
    assert record_of(collection) == before


def test_one_step_more_of_another_kind_is_refused(emulator: Emulator, collection: Collection) -> None:
    begun = collection.run("operation", name=["a"], state="begun", operation="delete")
    emulator.clear_calls()
    for module, state in (("instance", "running"), ("eni", "present"), ("eip", "present")):
        result = collection.run(module, name=["a"], state=state, operation_id=begun.values["operation_id"])
        assert [failure.code for failure in result.failures] == ["NodeIsDeleted"]
    assert [call for call in emulator.calls(mutating=True) if call["service"] == "ec2"] == []


def test_a_delete_that_leaves_a_step_out_forgets_nothing(emulator: Emulator, collection: Collection) -> None:
    begun = collection.run("operation", name=["a"], state="begun", operation="delete")
    operation_id = begun.values["operation_id"]
    collection.run("eni", name=["a"], state="absent", operation_id=operation_id)
    ended = collection.run("operation", name=["a"], state="ended", operation_id=operation_id)
    assert [failure.code for failure in ended.failures] == ["OperationIncomplete"]
    assert record_of(collection).unfinished.operation == "delete"
    only(collection.operate("delete", ["a"]))
    assert AccountContents(emulator).own_tags == []


def test_a_delete_that_fails_is_finished_by_the_next(emulator: Emulator, collection: Collection) -> None:
    emulator.add_fault("ReleaseAddress", "refuse", code="UnauthorizedOperation", call=0)
    result = collection.operate("delete", ["a"], choices=DESTROYING)
    (failure,) = result.failures
    assert failure.next_command.text(Reach()).endswith(
        "-e delete_confirm=a -e delete_instance=true -e delete_network_interface=true -e delete_release_elastic_ip=true"
    )
    left = record_of(collection)
    assert (left.unfinished.operation, left.operation, left.identity.instance_id) == ("delete", None, None)
    emulator.clear_faults()
    only(collection.operate("delete", ["a"], choices=DESTROYING))
    assert (AccountContents(emulator).interfaces, AccountContents(emulator).addresses) == ({}, {})


def test_a_release_that_was_cut_off_may_be_taken_back(emulator: Emulator, collection: Collection) -> None:
    emulator.add_fault("DeleteItem", "refuse", service="dynamodb", code="AccessDeniedException", call=0)
    assert collection.operate("delete", ["a"]).failures
    emulator.clear_faults()
    assert AccountContents(emulator).own_tags == []
    node = only(collection.operate("resume", ["a"], take_over=True))
    assert node["status"] == "running"
    tagged = {tag["ResourceId"] for tag in AccountContents(emulator).own_tags}
    assert node["network_interface_id"] in tagged


def test_what_an_interrupted_resume_was_about_to_make_is_not_left_behind(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    before = set(AccountContents(emulator).interfaces)
    collection.configure("b", network)
    emulator.add_fault("CreateNetworkInterface", "lost", call=0)
    assert collection.operate("resume", ["b"]).failures
    emulator.clear_faults()
    assert set(AccountContents(emulator).interfaces) != before
    only(collection.operate("delete", ["b"]))
    assert set(AccountContents(emulator).interfaces) == before


def test_an_address_that_an_interrupted_resume_allocated_is_given_back(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    before = set(AccountContents(emulator).addresses)
    collection.configure("b", network, public_ip_assignment="enabled", elastic_ip="new")
    emulator.add_fault("AllocateAddress", "lost", call=1)
    emulator.add_fault("DescribeAddresses", "refuse", code="UnauthorizedOperation", call=0)
    assert collection.operate("resume", ["b"]).failures
    emulator.clear_faults()
    assert set(AccountContents(emulator).addresses) != before
    only(collection.operate("delete", ["b"]))
    assert set(AccountContents(emulator).addresses) == before


def test_an_instance_that_a_cut_off_launch_may_have_made_is_neither_kept_nor_lost(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    collection.configure("b", network)
    emulator.add_fault("RunInstances", "lost", call=0)
    assert collection.operate("resume", ["b"]).failures
    emulator.clear_faults()
    assert len(AccountContents(emulator).live) == 2
    (failure,) = collection.operate("delete", ["b"]).failures
    assert failure.code == "LaunchUnresolved"
    only(collection.operate("delete", ["b"], choices=DESTROYING))
    assert list(AccountContents(emulator).live) == [record_of(collection).identity.instance_id]
    assert list(AccountContents(emulator).interfaces) == [record_of(collection).identity.network_interface_id]


@pytest.mark.parametrize("choices", [{}, DESTROYING])
def test_interfaces_of_an_unfinished_change_of_address_go_in_any_case(
    emulator: Emulator, collection: Collection, choices: dict[str, bool]
) -> None:
    own = record_of(collection).identity.network_interface_id
    collection.run("config", name="a", private_ip_address="10.0.1.77")
    emulator.add_fault("TerminateInstances", "refuse", code="OperationNotPermitted", call=0)
    assert collection.operate("replace", ["a"], choices={"allow_address_change": True}).failures
    emulator.clear_faults()
    assert len(AccountContents(emulator).interfaces) == 2
    only(collection.operate("delete", ["a"], choices=choices))
    assert set(AccountContents(emulator).interfaces) == (set() if choices else {own})


@pytest.mark.parametrize("choices", [{}, DESTROYING])
def test_the_interface_that_a_change_of_address_left_goes_in_any_case(
    emulator: Emulator, collection: Collection, choices: dict[str, bool]
) -> None:
    collection.run("config", name="a", private_ip_address="10.0.1.77")
    emulator.add_fault("DisassociateAddress", "refuse", code="UnauthorizedOperation", call=0)
    assert collection.operate("replace", ["a"], choices={"allow_address_change": True}).failures
    emulator.clear_faults()
    own = record_of(collection).identity
    assert own.previous_interface.network_interface_id in AccountContents(emulator).interfaces
    only(collection.operate("delete", ["a"], choices=choices))
    assert set(AccountContents(emulator).interfaces) == (set() if choices else {own.network_interface_id})
    assert len(AccountContents(emulator).addresses) == (0 if choices else 1)


def test_somebody_elses_instance_on_the_interface_is_left_alone(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    only(collection.operate("pause", ["a"]))
    interface_id = record_of(collection).identity.network_interface_id
    foreign = emulator.client("ec2").run_instances(
        ImageId=network.image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1,
        NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": interface_id}],
    )["Instances"][0]["InstanceId"]  # fmt: skip
    for choices in (DESTROYING, {"delete_network_interface": True}, {"delete_instance": True}):
        (failure,) = collection.operate("delete", ["a"], choices=choices).failures
        assert failure.code == "NetworkInterfaceInUse"
        assert foreign in failure.message
    only(collection.operate("delete", ["a"]))
    account = AccountContents(emulator)
    assert (list(account.live), account.own_tags) == ([foreign], [])


def test_an_address_that_serves_something_else_by_now_is_not_released(
    emulator: Emulator, collection: Collection, network: Network
) -> None:
    ec2, identity = emulator.client("ec2"), record_of(collection).identity
    other = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.associate_address(AllocationId=identity.allocation_id, NetworkInterfaceId=other, AllowReassociation=True)
    (failure,) = collection.operate("delete", ["a"], choices=DESTROYING).failures
    assert failure.code == "ElasticIpInUse"
    assert other in failure.message
    assert identity.instance_id in AccountContents(emulator).live


def test_a_protected_instance_stops_the_delete_and_nothing_is_lost(emulator: Emulator, collection: Collection) -> None:
    identity = record_of(collection).identity
    ec2 = emulator.client("ec2")
    ec2.modify_instance_attribute(InstanceId=identity.instance_id, DisableApiTermination={"Value": True})
    (failure,) = collection.operate("delete", ["a"], choices=DESTROYING).failures
    assert failure.code == "OperationNotPermitted"
    account = AccountContents(emulator)
    assert identity.instance_id in account.live
    assert account.interfaces[identity.network_interface_id]["Association"]["AllocationId"] == identity.allocation_id
    ec2.modify_instance_attribute(InstanceId=identity.instance_id, DisableApiTermination={"Value": False})
    only(collection.operate("delete", ["a"], choices=DESTROYING))


def test_an_operation_that_was_taken_over_forgets_nothing(emulator: Emulator, collection: Collection) -> None:
    begun = collection.run("operation", name=["a"], state="begun", operation="delete")
    collection.run("operation", name=["a"], state="begun", operation="pause", take_over=True)
    result = collection.run("operation", name=["a"], state="ended", operation_id=begun.values["operation_id"])
    assert [failure.code for failure in result.failures] == ["Busy"]
    assert has_record(collection)


def test_a_node_that_is_being_deleted_says_so_and_how_to_finish(collection: Collection) -> None:
    collection.run("operation", name=["a"], state="begun", operation="delete", delete_instance=True, delete_confirm="a")
    assert collection.run("info", name=["a"]).values["nodes"][0]["status"] == "deleting"
    (failure,) = collection.operate("delete", ["a"], choices={"delete_instance": True}).failures
    assert failure.next_command.text(Reach()) == (
        "ansible-playbook stateful_node.aws.delete -e stateful_nodes=a -e delete_confirm=a -e delete_instance=true "
        "-e stateful_node_take_over=true"
    )
