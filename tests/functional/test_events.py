# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_events: what is received, what is decided about it, and what becomes of the messages."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.handlers.handle_events import handle
from ansible_collections.stateful_node.aws.plugins.module_utils._module.runner import run
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context.failures import aws_message

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.queue import REBALANCE, EventQueue, an_event
from tests.support.readers import record_of
from tests.support.waiting import until

from .account import launch, tagged


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0, "stopping": 0})


@pytest.fixture
def queue(emulator: Emulator) -> EventQueue:
    return EventQueue(emulator)


def resumed(collection: Collection, network: Network, *names: str, **options: Any) -> list[str]:
    """Configure and resume nodes; return their instances."""
    for name in names:
        collection.configure(name, network, **options)
    done = collection.operate("resume", list(names))
    assert done.failures == (), done.message
    return [node["instance_id"] for node in done.values["nodes"]]


def find(collection: Collection, **options: Any) -> dict[str, Any]:
    result = collection.run("events", **options)
    assert result.failures == ()
    return result.values


def reasons(notes: list[dict[str, Any]]) -> list[str]:
    return sorted(note["reason"] for note in notes)


def actions(emulator: Emulator) -> list[str]:
    return [call["action"] for call in emulator.calls()]


def test_nothing_to_do_costs_a_handful_of_reads_and_no_write(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    resumed(collection, network, "a", "b", "c", auto_heal=True)
    queue.forget()
    emulator.clear_calls()
    found = find(collection)
    assert (found["resume"], found["replace"], found["changed"]) == ([], [], False)
    assert sorted(actions(emulator)) == [
        "DescribeInstanceStatus", "DescribeInstances", "GetQueueUrl", "ReceiveMessage", "Scan",
    ]  # fmt: skip
    assert emulator.calls(mutating=True, service="ec2") == []


def test_a_warning_leads_to_a_replace_and_its_message_stays_until_that_is_done(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    (instance,) = resumed(collection, network, "a")
    emulator.interrupt(instance, warning_seconds=120)
    found = find(collection)
    (decision,) = found["decisions"]
    assert (found["replace"], found["resume"], decision["reason"]) == (["a"], [], "interruption")
    assert (decision["instance_id"], decision["generation"]) == (instance, 1)
    assert queue.waiting == 1
    done = collection.run("events", state="deleted", receipt_handles=decision["receipt_handles"])
    assert done.values["changed"] is True
    assert queue.waiting == 0


def test_a_warning_of_one_that_is_gone_leads_to_a_resume(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    (instance,) = resumed(collection, network, "a")
    emulator.interrupt(instance)
    found = find(collection, reconcile=False)
    assert (found["resume"], found["replace"]) == (["a"], [])
    # The warning and two changes of state.
    assert [len(decision["receipt_handles"]) for decision in found["decisions"]] == [3]


def test_what_got_lost_is_found_by_looking_at_the_nodes(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    instances = resumed(collection, network, "a", "b", "c")
    collection.operate("pause", ["c"])
    emulator.interrupt(instances[0])
    emulator.client("ec2").terminate_instances(InstanceIds=[instances[1]])
    queue.forget()
    found = find(collection)
    assert [(item["name"], item["operation"], item["reason"]) for item in found["decisions"]] == [
        ("a", "resume", "interrupted"),
        ("b", "resume", "instance_missing"),
    ]
    assert find(collection, exclude=["a"])["resume"] == ["b"]
    assert find(collection, reconcile=False)["resume"] == []


def test_twenty_messages_are_read_together_and_sorted(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    warned, ignoring, following, before, paused = resumed(
        collection, network, "warned", "ignoring", "following", "replaced", "paused"
    )
    collection.run("config", name="following", rebalance="replace")
    collection.operate("replace", ["replaced"])
    collection.operate("pause", ["paused"])
    stranger = launch(emulator, network)
    of_another_table = launch(
        emulator,
        network,
        TagSpecifications=tagged({"stateful_node:table": "others", "stateful_node:name": "warned"}),
    )
    queue.forget()
    emulator.mark(warned)
    queue.send(
        *[an_event(warned)] * 3,
        an_event(warned, REBALANCE),
        *[an_event(ignoring, REBALANCE)] * 2,
        *[an_event(following, REBALANCE)] * 2,
        *[an_event(before)] * 2,
        *[an_event(paused)] * 2,
        *[an_event(stranger)] * 2,
        an_event(of_another_table),
        an_event("i-0123456789abcdef0"),
        an_event(warned, account="210987654321"),
        an_event(warned, region="eu-central-1"),
        an_event(warned, source="aws.autoscaling"),
        "no JSON",
        {"detail-type": "EC2 Spot Instance Interruption Warning"},
    )
    emulator.clear_calls()
    found = find(collection, reconcile=False)
    assert found["replace"] == ["following", "warned"]
    assert {item["name"]: len(item["receipt_handles"]) for item in found["decisions"]} == {"following": 2, "warned": 3}
    assert reasons(found["dropped"]) == sorted([
        *["rebalance_ignored"] * 3, *["older_generation"] * 4, *["not_a_node"] * 4,
        "other_account", "other_region", "other_event",
    ])  # fmt: skip
    assert reasons(found["unreadable"]) == ["unreadable", "unreadable"]
    assert len(found["actions"]) == len(found["dropped"]) == 14
    assert queue.waiting == 7
    made = actions(emulator)
    reads = ("DescribeInstances", "DescribeSpotInstanceRequests", "BatchGetItem", "DeleteMessageBatch")
    assert [made.count(action) for action in reads] == [1, 1, 1, 2]


def test_a_message_that_cannot_be_read_ends_on_the_dead_letter_queue(
    emulator: Emulator, collection: Collection
) -> None:
    queue = EventQueue(emulator, VisibilityTimeout=0)
    queue.send("no JSON")
    for _receive in range(5):
        assert reasons(find(collection, reconcile=False)["unreadable"]) == ["unreadable"]
        assert (queue.waiting, queue.dead) == (1, 0)
    assert find(collection, reconcile=False)["unreadable"] == []
    assert (queue.waiting, queue.dead) == (0, 1)


def test_a_node_that_was_just_tried_keeps_its_message(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    queue = EventQueue(emulator, VisibilityTimeout=0)
    (instance,) = resumed(collection, network, "a")
    queue.forget()
    emulator.mark(instance)
    queue.send(an_event(instance))
    found = find(collection, exclude=["a"])
    assert (found["decisions"], reasons(found["later"]), queue.waiting) == ([], ["interruption"], 1)
    assert find(collection)["replace"] == ["a"]


def test_a_node_that_is_held_is_left_for_later(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    (instance,) = resumed(collection, network, "a")
    begun = collection.run("operation", name="a", state="begun", operation="pause")
    emulator.client("ec2").terminate_instances(InstanceIds=[instance])
    assert find(collection)["decisions"] == []
    Store(collection.client, TABLE).update("a", {"operation.operation": "resume"}, {})
    queue.forget()
    queue.send(an_event(instance))
    found = find(collection)
    assert (found["decisions"], reasons(found["later"])) == ([], ["busy"])
    assert queue.waiting == 1
    assert begun.values["operation_id"] in found["later"][0]["message"]


def test_an_operation_that_was_cut_off_is_gone_on_with(network: Network, collection: Collection) -> None:
    resumed(collection, network, "a", "b")
    for name, operation in (("a", "replace"), ("b", "pause")):
        collection.run("operation", name=name, state="begun", operation=operation)
        Store(collection.client, TABLE).update(name, {"operation.expires_at": 1, "operation.has_acted": True}, {})
    found = find(collection, receive=False)
    assert (found["replace"], found["resume"]) == (["a"], [])


def test_a_stopped_and_an_impaired_instance_are_mended_with_auto_heal_alone(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    launch_on_demand = {"image_id": network.image_id, "instance_types": ["t3.micro"], "market": "on_demand"}
    instances = resumed(collection, network, "a", "b", launch=launch_on_demand)
    emulator.client("ec2").stop_instances(InstanceIds=[instances[0]])
    emulator.impair(instances[1], seconds=180)
    assert find(collection, receive=False)["decisions"] == []
    for name in ("a", "b"):
        collection.run("config", name=name, auto_heal=True)
    found = find(collection, receive=False)
    assert (found["resume"], found["replace"]) == (["a"], [])  # b was launched a moment ago
    Store(collection.client, TABLE).update("b", {"identity.instance.launched_at": 1}, {})
    found = find(collection, receive=False)
    assert (found["resume"], found["replace"]) == (["a"], ["b"])
    collection.run("config", name="b", unhealthy_after=600)
    assert find(collection, receive=False)["replace"] == []


def test_a_wait_ends_with_the_event_that_it_waits_for(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    """The warning comes while the queue is polled; the wait of ten minutes would not end in this test's time."""
    (instance,) = resumed(collection, network, "a")
    queue.forget()
    emulator.clear_calls()

    def warn_once_it_waits() -> None:
        until(lambda: "ReceiveMessage" in actions(emulator))
        emulator.interrupt(instance, warning_seconds=120)

    warner = threading.Thread(target=warn_once_it_waits)
    warner.start()
    assert find(collection, wait_seconds=600)["replace"] == ["a"]
    warner.join()


def test_warnings_that_come_one_after_the_other_are_dealt_with_together(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    """The others come once the first is decided about, and would otherwise wait until its node runs again."""
    instances = resumed(collection, network, "a", "b", "c")
    queue.forget()
    emulator.clear_calls()

    def warn_one_by_one() -> None:
        for instance, seen in zip(instances, ("ReceiveMessage", "BatchGetItem", "BatchGetItem"), strict=True):
            until(lambda seen=seen: seen in actions(emulator))
            emulator.interrupt(instance, warning_seconds=120)

    warner = threading.Thread(target=warn_one_by_one)
    warner.start()
    found = find(collection, wait_seconds=600)
    warner.join()
    assert found["replace"] == ["a", "b", "c"]
    assert [len(decision["receipt_handles"]) for decision in found["decisions"]] == [1, 1, 1]


def test_given_events_are_decided_about_and_the_queue_is_left_alone(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    (instance,) = resumed(collection, network, "a")
    emulator.mark(instance)
    emulator.clear_calls()
    given = [an_event(instance), "no JSON", None, an_event("i-0123456789abcdef0")]
    found = find(collection, events=given, reconcile=False)
    assert (found["replace"], reasons(found["unreadable"])) == (["a"], ["unreadable", "unreadable"])
    assert reasons(found["dropped"]) == ["not_a_node"]
    assert emulator.calls(service="sqs") == []


def test_check_mode_leaves_the_queue_alone(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    (instance,) = resumed(collection, network, "a")
    emulator.client("ec2").terminate_instances(InstanceIds=[instance])
    emulator.clear_calls()
    checking = Collection(emulator.endpoint, check_mode=True)
    assert find(checking, wait_seconds=600)["resume"] == ["a"]
    assert checking.run("events", state="deleted", receipt_handles=["x"]).values["changed"] is True
    assert emulator.calls(service="sqs") == []


def test_a_queue_that_is_missing_is_an_error_at_once(emulator: Emulator, collection: Collection) -> None:
    with pytest.raises(AwsError) as caught:
        collection.run("events", wait_seconds=600)
    assert "GetQueueUrl failed: the queue does not exist. Run the setup playbook" in aws_message(
        caught.value, playbook="watch"
    )
    assert actions(emulator)[-1:] == ["GetQueueUrl"]


@pytest.mark.parametrize(
    ("action", "permission"),
    [
        ("GetQueueUrl", "sqs:GetQueueUrl"),
        ("ReceiveMessage", "sqs:ReceiveMessage"),
        ("DeleteMessageBatch", "sqs:DeleteMessage"),
    ],
)
def test_a_queue_that_is_forbidden_is_an_error_at_once(
    emulator: Emulator, collection: Collection, queue: EventQueue, action: str, permission: str
) -> None:
    queue.send(an_event("i-0123456789abcdef0"))
    emulator.clear_calls()
    emulator.add_fault(action, "refuse", code="AccessDenied", status=403, service="sqs", call=0)
    with pytest.raises(AwsError) as caught:
        collection.run("events", wait_seconds=600)
    told = aws_message(caught.value, playbook="watch")
    assert f"{action} was not allowed (AccessDenied)" in told
    assert f"lacks the permission {permission}" in told
    assert actions(emulator).count(action) == 1


def test_less_than_no_time_is_refused(emulator: Emulator, collection: Collection) -> None:
    with pytest.raises(NodeError, match="wait_seconds '-1'"):
        collection.run("events", wait_seconds=-1)
    assert emulator.calls(service="sqs") == []


def test_what_was_decided_on_another_generation_is_not_begun(network: Network, collection: Collection) -> None:
    """Two watches that found the same: the first has replaced the node before the second begins."""
    resumed(collection, network, "a", "b")
    collection.operate("replace", ["a"])
    generations = {"a": 1, "b": "1", "c": 7}
    begun = collection.run("operation", name=["a", "b"], state="begun", operation="replace", generations=generations)
    assert begun.values["begun"] == ["b"]
    assert begun.failures == ()
    assert record_of(collection, "a").operation is None


def test_the_module_runs_without_anything_but_its_parameters(emulator: Emulator, collection: Collection) -> None:
    """A caller that is no AnsibleModule hands over what the argument spec would have made."""
    params = {"table_name": TABLE, "state": "received", "queue_name": None, "receive": False, "reconcile": True,
              "events": None, "wait_seconds": 0, "exclude": [], "receipt_handles": []}  # fmt: skip
    result = run(handle, params, check_mode=False, client_factory=collection.client)
    assert result.values["decisions"] == []
