# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""watch: Spot takes instances, and the nodes run again on their addresses; killed, doubled and badly fed."""

from __future__ import annotations

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import Playbooks
from tests.support.queue import EventQueue, an_event

from .conftest import NODES
from .output import tasks_that_print
from .test_cut_off import kill_when
from .test_lifecycle import addresses, instances, statuses

NAMES = NODES.split(",")
WATCH = "stateful_node.aws.watch"


@pytest.fixture
def queue(emulator: Emulator) -> EventQueue:
    return EventQueue(emulator)


def live_instances(emulator: Emulator) -> list[str]:
    states = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    found = emulator.client("ec2").describe_instances(Filters=states)["Reservations"]
    return sorted(instance["InstanceId"] for reservation in found for instance in reservation["Instances"])


def test_one_that_is_gone_one_that_is_warned_and_one_behind_our_back(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, queue: EventQueue
) -> None:
    """One look brings all three back, whatever else lies on the queue; the next one has nothing to do."""
    collection.operate("resume", NAMES)
    before, kept = instances(collection), addresses(collection)
    queue.forget()
    emulator.interrupt(before["a"])
    emulator.interrupt(before["b"], warning_seconds=120)
    emulator.client("ec2").terminate_instances(InstanceIds=[before["c"]])
    queue.send("no JSON", an_event(before["b"]), an_event("i-0123456789abcdef0"))
    done = playbooks.run(WATCH, watch_seconds="0")
    assert done.status == 0, done.output
    assert f"b: instance {before['b']} is about to be interrupted by Spot." in done.output
    assert "cannot be read: it is not valid JSON." in done.output
    assert "i-0123456789abcdef0" not in done.output
    assert statuses(collection) == dict.fromkeys(NAMES, "running")
    assert addresses(collection) == kept
    after = instances(collection)
    assert not set(after.values()) & set(before.values())
    assert live_instances(emulator) == sorted(after.values())
    # What is left is the end of b's own instance, which the replacement brought about, and what cannot be read.
    queue.send(an_event(before["a"]))
    again = playbooks.run(WATCH, watch_seconds="0")
    assert again.status == 0, again.output
    assert instances(collection) == after
    assert "Messages that require no action: " in again.output
    assert "is not the node's instance" not in again.output
    assert queue.waiting == 1


@pytest.mark.thorough
def test_a_warning_that_comes_while_it_watches(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, queue: EventQueue
) -> None:
    collection.operate("resume", ["a"])
    before, kept = instances(collection)["a"], addresses(collection)["a"]
    queue.forget()
    emulator.clear_calls()
    watch = playbooks.start(WATCH, watch_seconds="20")
    while not emulator.calls(action="ReceiveMessage"):
        assert watch.poll() is None, watch.communicate()[0]
    emulator.interrupt(before, warning_seconds=120)
    output, _nothing = watch.communicate(timeout=120)
    assert watch.returncode == 0, output
    assert statuses(collection)["a"] == "running"
    assert addresses(collection)["a"] == kept
    assert live_instances(emulator) == [instances(collection)["a"]] != [before]


@pytest.mark.thorough
def test_a_watch_that_is_killed_is_gone_on_with_by_the_next(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    """The message is on the queue still; while the lease lasts the node is left alone, and no operator's either."""
    queue = EventQueue(emulator, VisibilityTimeout=0)
    collection.operate("resume", ["a"])
    before, kept = instances(collection)["a"], addresses(collection)["a"]
    queue.forget()
    emulator.mark(before)
    queue.send(an_event(before))
    emulator.clear_calls()
    watch = playbooks.start(WATCH, watch_seconds="0")
    kill_when(watch, lambda: bool(emulator.calls(action="TerminateInstances")))
    assert queue.waiting > 0
    held = playbooks.run(WATCH, watch_seconds="0")
    assert held.status == 0, held.output
    assert statuses(collection)["a"] == "replacing"
    emulator.client("dynamodb").update_item(
        TableName="stateful-nodes",
        Key={"name": {"S": "a"}},
        UpdateExpression="SET #operation.expires_at = :past",
        ExpressionAttributeNames={"#operation": "operation"},
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
    done = playbooks.run(WATCH, watch_seconds="0")
    assert done.status == 0, done.output
    assert statuses(collection)["a"] == "running"
    assert addresses(collection)["a"] == kept
    assert live_instances(emulator) == [instances(collection)["a"]] != [before]


@pytest.mark.thorough
def test_two_watches_at_the_same_time_replace_a_node_once(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, queue: EventQueue
) -> None:
    collection.operate("resume", NAMES)
    before = instances(collection)
    queue.forget()
    for instance in before.values():
        emulator.mark(instance)
    queue.send(*[an_event(instance) for instance in before.values()] * 4)
    watches = [playbooks.start(WATCH, watch_seconds="3") for _number in range(2)]
    for watch in watches:
        output, _nothing = watch.communicate(timeout=180)
        assert watch.returncode == 0, output
    nodes = collection.run("info").values["nodes"]
    assert [(node["status"], node["generation"]) for node in nodes] == [("running", 2)] * 3
    assert live_instances(emulator) == sorted(instances(collection).values())


@pytest.mark.thorough
def test_one_node_that_cannot_be_brought_back_leaves_the_others_and_is_told_last(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network, queue: EventQueue
) -> None:
    """It is tried once in a watch; a paused node is not started, a failing check replaces where that is wanted."""
    collection.operate("resume", NAMES)
    collection.operate("pause", ["c"])
    only_m5 = {"image_id": network.image_id, "instance_types": ["m5.large"], "fallback_to_on_demand": False}
    collection.configure("a", network, launch=only_m5)
    collection.run("config", name="b", auto_heal=True, unhealthy_after=0)
    emulator.set_capacity(instance_type="m5.large", outcome="refused")
    before = instances(collection)
    emulator.interrupt(before["a"])
    emulator.impair(before["b"], seconds=300)
    emulator.client("dynamodb").update_item(
        TableName="stateful-nodes",
        Key={"name": {"S": "b"}},
        UpdateExpression="SET #identity.instance.launched_at = :past",
        ExpressionAttributeNames={"#identity": "identity"},
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
    emulator.clear_calls()
    done = playbooks.run(WATCH, watch_seconds="10")
    assert done.status != 0
    assert statuses(collection) == {"a": "degraded", "b": "running", "c": "paused"}
    assert instances(collection)["b"] != before["b"]
    assert done.output.rindex("node  status") < done.output.rindex("a: no candidate could be launched")
    assert len(tasks_that_print(done, "a: no candidate could be launched")) == 1
    assert len([call for call in emulator.calls(action="RunInstances") if call["node"] == "a"]) == 1
    assert queue.waiting > 0


def test_a_queue_that_is_missing_is_told_and_can_be_done_without(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    collection.operate("resume", ["a"])
    emulator.interrupt(instances(collection)["a"])
    missing = playbooks.run(WATCH)
    assert missing.status != 0
    assert "the queue does not exist. Run the setup playbook" in missing.output
    done = playbooks.run(WATCH, watch_events="false", watch_seconds="0")
    assert done.status == 0, done.output
    assert statuses(collection)["a"] == "running"


@pytest.mark.thorough
def test_what_others_put_on_the_queue_makes_no_long_log_and_keeps_nothing_from_being_done(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, queue: EventQueue
) -> None:
    """Sixty messages of 250 kB, lone surrogates, Jinja, a false warning; and a genuine one among them."""
    collection.operate("resume", ["a", "b"])
    before, ran = instances(collection), playbooks.directory / "ran"
    text = "{{ lookup('pipe', 'touch FILE') }}".replace("FILE", str(ran))
    queue.forget()
    queue.send(*[{"source": "x", "detail-type": "y" * 250_000, "detail": {}}] * 60)
    queue.send('{"source":"x","detail-type":"\\ud800","detail":{}}', {"source": text, "detail-type": text})
    queue.send(an_event(before["b"]))
    emulator.interrupt(before["a"], warning_seconds=120)
    done = playbooks.run(WATCH, watch_seconds="0")
    assert done.status == 0, done.output[-5000:]
    assert len(done.output) < 30_000
    assert not ran.exists()
    after = instances(collection)
    assert after["a"] != before["a"]
    assert after["b"] == before["b"]
