# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_orphans: what belongs to no record, and only what is named is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls import executor
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.rate_limits import RateLimits
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe, tagged_resources
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.tasks import orphans

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import STEP_BY_STEP, TABLE, Collection


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


@pytest.fixture
def lost(emulator: Emulator, network: Network, collection: Collection) -> dict[str, Any]:
    """A running node with an Elastic IP of its own, whose record is gone."""
    collection.configure("a", network, elastic_ip="new", public_ip_assignment="enabled")
    (node,) = collection.operate("resume", ["a"]).values["nodes"]
    forget(emulator, "a")
    return node


def forget(emulator: Emulator, name: str) -> None:
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": name}})


def ids(collection: Collection) -> list[str]:
    return [orphan["id"] for orphan in collection.run("orphans").values["orphans"]]


def all_of(node: dict[str, Any]) -> list[str]:
    return [node["instance_id"], node["network_interface_id"], node["allocation_id"]]


def codes(result: Any) -> list[str]:
    return [failure.code for failure in result.failures]


def test_what_a_lost_record_leaves_is_listed_with_what_its_address_costs(
    collection: Collection, lost: dict[str, Any]
) -> None:
    result = collection.run("orphans")
    instance, interface, address = result.values["orphans"]
    assert [instance["id"], interface["id"], address["id"]] == all_of(lost)
    assert [orphan["name"] for orphan in result.values["orphans"]] == ["a"] * 3
    assert (interface["used_by"], address["used_by"]) == (lost["instance_id"], lost["network_interface_id"])
    assert (interface["private_ip_address"], address["public_ip"]) == (lost["private_ip_address"], lost["public_ip"])
    assert [orphan["monthly_cost"] for orphan in result.values["orphans"]] == [0, 0, 3.65]
    assert (result.values["monthly_cost"], result.values["changed"]) == (3.65, False)


def test_what_belongs_to_nodes_is_no_orphan(emulator: Emulator, network: Network, collection: Collection) -> None:
    """Neither a spare address, nor what an exchange of the interface is about to use or has left."""
    collection.configure("a", network, elastic_ip="new", public_ip_assignment="enabled")
    collection.operate("resume", ["a"])
    given = emulator.client("ec2").allocate_address(Domain="vpc")["AllocationId"]
    collection.run("config", name="a", elastic_ip=given, private_ip_address="10.0.1.77", allow_address_change=True)
    begun = collection.run("operation", name="a", state="begun", operation="replace", allow_address_change=True)
    for module, state in STEP_BY_STEP:
        assert ids(collection) == []
        done = collection.run(module, name="a", state=state, operation_id=begun.values["operation_id"])
        assert (codes(done), done.values["changed"]) == ([], True)
    assert ids(collection) == []


@pytest.mark.parametrize(
    ("action", "modules"), [("CreateNetworkInterface", ["eni"]), ("RunInstances", ["eni", "instance"])]
)
def test_what_was_made_by_a_call_whose_answer_was_lost_is_no_orphan(
    emulator: Emulator,
    network: Network,
    collection: Collection,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    modules: list[str],
) -> None:
    monkeypatch.setattr(executor, "REPLAYS", 1)
    collection.configure("a", network)
    begun = collection.run("operation", name=["a"], state="begun", operation="resume")
    emulator.add_fault(action, "lost", call=0)
    for module in modules:
        collection.run(module, name=["a"], operation_id=begun.values["operation_id"])
    assert ids(collection) == []
    intent = Store(collection.client, TABLE).get(["a"])["a"].intent
    assert (intent.action if intent else None) == action


def test_each_call_waits_in_the_queue_of_its_action(
    collection: Collection, lost: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    queues, permit = [], RateLimits.permit

    def noted(rate_limits: RateLimits, action: str) -> Any:
        queues.append(action)
        return permit(rate_limits, action)

    monkeypatch.setattr(RateLimits, "permit", noted)
    assert not collection.run("orphans", delete=all_of(lost)).failures
    assert queues == ["TerminateInstances", "DeleteNetworkInterface", "ReleaseAddress"]


def test_only_what_is_named_is_deleted_and_only_once(
    emulator: Emulator, collection: Collection, lost: dict[str, Any]
) -> None:
    """In the order in which they can be: the address last."""
    instance, interface, address = all_of(lost)
    checked = Collection(emulator.endpoint, check_mode=True)
    emulator.clear_calls()
    predicted = checked.run("orphans", delete=[f"{address}, {interface}", instance])
    assert emulator.calls(mutating=True) == []
    done = collection.run("orphans", delete=[f"{address}, {interface}", instance])
    assert not done.failures, done.message
    assert done.values["deleted"] == [instance, interface, address]
    assert predicted.values["deleted"] == done.values["deleted"]
    assert predicted.values["actions"] == done.values["actions"]
    assert predicted.values["diff"] == done.values["diff"]
    actions = [call["action"] for call in emulator.calls(mutating=True)]
    assert actions == ["TerminateInstances", "DeleteNetworkInterface", "ReleaseAddress"]
    assert ids(collection) == []
    again = collection.run("orphans", delete=[address, interface, instance])
    assert (again.values["changed"], again.values["gone"], again.failures) == (
        False,
        [instance, interface, address],
        (),
    )


def test_what_is_used_by_something_that_is_not_named_is_left(
    emulator: Emulator, collection: Collection, lost: dict[str, Any]
) -> None:
    instance, interface, address = all_of(lost)
    for checked in (Collection(emulator.endpoint, check_mode=True), collection):
        result = checked.run("orphans", delete=[interface, address])
        assert codes(result) == ["OrphanInUse", "OrphanInUse"]
        assert instance in result.message
    assert ids(collection) == [instance, interface, address]


INVALID_NAMES = (
    "all",
    "a,b",
    "{{ lookup('pipe', 'id') }}",
    "two\nlines",
    "x" * 64,
    "-e",
    "x'; touch pwned; '",
    "<script>alert(1)</script>",
    "\u043d\u043e\u0434\u0430",
    "",
)


@pytest.fixture
def invalid(emulator: Emulator, network: Network) -> dict[str, str]:
    """Interfaces whose tags name what no node can be called, by id."""
    made = {}
    for name in INVALID_NAMES:
        tags = {"stateful_node:table": "stateful-nodes", "stateful_node:name": name, "Name": "mine"}
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        specification = [{"ResourceType": "network-interface", "Tags": listed}]
        answer = emulator.client("ec2").create_network_interface(
            SubnetId=network.subnet_a_id, TagSpecifications=specification
        )
        made[answer["NetworkInterface"]["NetworkInterfaceId"]] = name
    return made


def test_what_is_tagged_with_an_invalid_name_is_an_orphan_and_no_node(
    network: Network, collection: Collection, invalid: dict[str, str]
) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    (node,) = collection.run("info").values["nodes"]
    assert (node["name"], node["drift"]) == ("a", [])
    assert not collection.run("events", receive=False).failures
    orphans = {orphan["id"]: orphan for orphan in collection.run("orphans").values["orphans"]}
    assert orphans.keys() == invalid.keys()
    assert {orphan["name"] for orphan in orphans.values()} == {None}
    for resource_id in invalid:
        shown = orphans[resource_id]["invalid_name"]
        assert shown.isprintable()
        assert shown.isascii()
        assert len(shown) < 80
    ids_of = list(invalid)
    deleted = collection.run("orphans", delete=ids_of)
    assert not deleted.failures, deleted.message
    assert {action["name"] for action in deleted.values["actions"]} == {None}
    assert ids(collection) == []


def test_an_orphan_is_shown_with_what_a_person_recognizes_it_by(
    emulator: Emulator, collection: Collection, lost: dict[str, Any]
) -> None:
    shown = {orphan["type"]: orphan for orphan in collection.run("orphans").values["orphans"]}
    recognized = {kind: (item["name_tag"], item["owner_id"], item["launched_at"]) for kind, item in shown.items()}
    reservations = emulator.client("ec2").describe_instances(InstanceIds=[lost["instance_id"]])["Reservations"]
    launched = reservations[0]["Instances"][0]["LaunchTime"].strftime("%Y-%m-%dT%H:%M:%SZ")
    assert recognized == {
        "instance": ("a", "123456789012", launched),
        "network_interface": ("a", "123456789012", None),
        "elastic_ip": ("a", None, None),
    }


def test_what_belongs_to_a_node_or_to_nobody_we_know_is_not_deleted(
    emulator: Emulator, network: Network, collection: Collection, lost: dict[str, Any]
) -> None:
    """And leaves the others to be deleted."""
    collection.configure("b", network)
    (node,) = collection.run("eni", name="b").values["nodes"]
    foreign = emulator.client("ec2").create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]
    named = [node["network_interface_id"], foreign["NetworkInterfaceId"], lost["instance_id"]]
    result = collection.run("orphans", delete=named)
    assert codes(result) == ["NotAnOrphan", "NotAnOrphan"]
    assert result.values["deleted"] == [lost["instance_id"]]
    assert len(emulator.client("ec2").describe_network_interfaces()["NetworkInterfaces"]) == 3


def test_a_protected_instance_is_left_and_said_so(
    emulator: Emulator, collection: Collection, lost: dict[str, Any]
) -> None:
    emulator.client("ec2").modify_instance_attribute(
        InstanceId=lost["instance_id"], DisableApiTermination={"Value": True}
    )
    result = collection.run("orphans", delete=[lost["instance_id"]])
    assert codes(result) == ["OperationNotPermitted"]
    described = emulator.client("ec2").describe_instance_attribute(
        InstanceId=lost["instance_id"], Attribute="disableApiTermination"
    )
    assert described["DisableApiTermination"]["Value"]
    assert lost["instance_id"] in ids(collection)


def test_an_instance_that_would_take_an_interface_along_is_left(
    emulator: Emulator, collection: Collection, lost: dict[str, Any]
) -> None:
    ec2 = emulator.client("ec2")
    (interface,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[lost["network_interface_id"]])[
        "NetworkInterfaces"
    ]
    ec2.modify_network_interface_attribute(
        NetworkInterfaceId=lost["network_interface_id"],
        Attachment={"AttachmentId": interface["Attachment"]["AttachmentId"], "DeleteOnTermination": True},
    )
    result = collection.run("orphans", delete=[lost["instance_id"]])
    assert codes(result) == ["OrphanInUse"]
    assert lost["network_interface_id"] in result.message
    both = collection.run("orphans", delete=[lost["instance_id"], lost["network_interface_id"]])
    assert not both.failures, both.message
    assert ids(collection) == [lost["allocation_id"]]


def test_a_record_that_is_written_meanwhile_saves_what_it_names(
    emulator: Emulator, network: Network, collection: Collection, lost: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """EC2 is asked before the records are: an address is given to a node just before it would be released."""
    ec2 = emulator.client("ec2")
    (address,) = ec2.describe_addresses(AllocationIds=[lost["allocation_id"]])["Addresses"]
    ec2.disassociate_address(AssociationId=address["AssociationId"])
    collection.configure("b", network)
    looks: list[int] = []
    look_at = tagged_resources.look_at

    async def configured_after(context: Any, wanted: Any) -> Any:
        found = await look_at(context, wanted)
        looks.append(1)
        if len(looks) == 2:  # the first look is that of the listing, or of the first check
            wanted_address = {"config.elastic_ip": lost["allocation_id"]}
            await context.store.update("b", wanted_address, {})
        return found

    monkeypatch.setattr(orphans, "look_at", configured_after)
    result = collection.run("orphans", delete=[lost["allocation_id"]])
    assert codes(result) == ["NotAnOrphan"]
    assert len(looks) == 2
    assert emulator.calls(action="ReleaseAddress") == []


@pytest.mark.parametrize("wrong", ["vol-0123456789abcdef0", "a", "eni-"])
def test_what_is_no_id_is_refused_before_anything_is_read(
    emulator: Emulator, collection: Collection, wrong: str
) -> None:
    emulator.clear_calls()
    with pytest.raises(NodeError, match=f"'{wrong}' is not an id"):
        collection.run("orphans", delete=[wrong])
    assert emulator.calls() == []


def test_what_is_gone_by_the_time_the_records_are_read_is_no_orphan(
    emulator: Emulator, network: Network, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delete may have ended meanwhile: its interface first, its record then."""
    collection.configure("a", network)
    (node,) = collection.run("eni", name=["a"]).values["nodes"]
    read_all = Store.all

    def ended_before(store: Store) -> Any:
        emulator.client("ec2").delete_network_interface(NetworkInterfaceId=node["network_interface_id"])
        forget(emulator, "a")
        monkeypatch.setattr(Store, "all", read_all)
        return read_all(store)

    monkeypatch.setattr(Store, "all", ended_before)
    assert ids(collection) == []
