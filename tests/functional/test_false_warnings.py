# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_events: messages that somebody else than EC2 has put on the queue, and genuine ones beside them."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.queue import Queue
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.tasks import events

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.queue import REBALANCE, EventQueue, an_event
from tests.support.waiting import until

from .test_events import actions, find, reasons, resumed

MARK_READ = "DescribeSpotInstanceRequests"
NOT_SPOT = {"instance_types": ["t3.micro"], "market": "on_demand"}


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0, "stopping": 0})


@pytest.fixture
def queue(emulator: Emulator) -> EventQueue:
    return EventQueue(emulator)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests in which the mark never comes."""
    monkeypatch.setattr(events, "MARK_SECONDS", 2)
    monkeypatch.setattr(events, "BETWEEN_MARKS", 1)


@pytest.mark.usefixtures("_impatient")
def test_a_warning_that_ec2_knows_nothing_of_stays_on_the_queue(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    """It is asked about more than once, and is never dropped: EC2 may show the mark later."""
    (instance,) = resumed(collection, network, "a")
    queue.forget()
    queue.send(an_event(instance))
    emulator.clear_calls()
    found = find(collection, reconcile=False)
    assert (found["decisions"], reasons(found["later"]), queue.waiting) == ([], ["not_marked"], 1)
    assert actions(emulator).count(MARK_READ) > 1
    assert emulator.calls(mutating=True, service="ec2") == []


def test_a_mark_that_is_late_is_waited_for(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    (instance,) = resumed(collection, network, "a")
    queue.forget()
    emulator.interrupt(instance, warning_seconds=120, marked_after=3)
    found = find(collection, reconcile=False)
    assert (found["replace"], reasons(found["later"])) == (["a"], [])


def test_a_mark_that_is_late_is_waited_for_with_given_events_too(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """They come only once, so that others of the same call are no reason to leave them."""
    late, marked = resumed(collection, network, "a", "b")
    emulator.interrupt(late, warning_seconds=120, marked_after=3)
    emulator.mark(marked)
    found = find(collection, reconcile=False, events=[an_event(late), an_event(marked)])
    assert found["replace"] == ["a", "b"]


def test_a_false_warning_does_not_hold_up_a_genuine_one(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MARK_SECONDS", 600)
    false, genuine = resumed(collection, network, "a", "b")
    queue.forget()
    queue.send(an_event(false))
    emulator.interrupt(genuine, warning_seconds=120)
    found = find(collection, wait_seconds=600)
    assert (found["replace"], reasons(found["later"])) == (["b"], ["not_marked"])


def test_a_genuine_warning_ends_the_wait_for_the_mark_of_a_false_one(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    false, genuine = resumed(collection, network, "a", "b")
    queue.forget()
    queue.send(an_event(false))
    emulator.clear_calls()

    def warn_once_it_waits() -> None:
        until(lambda: MARK_READ in actions(emulator))
        emulator.interrupt(genuine, warning_seconds=120)

    warner = threading.Thread(target=warn_once_it_waits)
    warner.start()
    assert find(collection, wait_seconds=600)["replace"] == ["b"]
    warner.join()


def test_a_warning_that_ec2_knows_nothing_of_leads_to_a_resume_once_the_instance_is_gone(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """The worst that comes of a mark that never shows."""
    (instance,) = resumed(collection, network, "a")
    emulator.client("ec2").terminate_instances(InstanceIds=[instance])
    assert find(collection, reconcile=False, events=[an_event(instance)])["resume"] == ["a"]


def test_an_on_demand_instance_is_not_warned_of(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    launch = {"image_id": network.image_id, **NOT_SPOT}
    (instance,) = resumed(collection, network, "a", launch=launch, rebalance="replace")
    queue.forget()
    queue.send(an_event(instance), an_event(instance, REBALANCE))
    emulator.clear_calls()
    found = find(collection)
    assert (found["decisions"], reasons(found["dropped"]), queue.waiting) == ([], ["not_spot", "not_spot"], 0)
    assert MARK_READ not in actions(emulator)


@pytest.mark.parametrize("kind", ["EC2 Spot Instance Interruption Warning", REBALANCE])
def test_a_warning_from_the_future_does_not_count(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue, kind: str
) -> None:
    (instance,) = resumed(collection, network, "a", rebalance="replace")
    emulator.mark(instance)
    queue.forget()
    queue.send(an_event(instance, kind, time="2099-01-01T00:00:00Z"), an_event(instance, kind, age=-70))
    found = find(collection)
    assert (found["decisions"], reasons(found["later"]), queue.waiting) == ([], ["dated_ahead"] * 2, 2)
    queue.send(an_event(instance, kind, age=-30))
    assert find(collection)["replace"] == ["a"]


def test_without_the_permission_to_ask_a_warning_counts_and_the_user_is_warned(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    (instance,) = resumed(collection, network, "a")
    queue.forget()
    queue.send(an_event(instance))
    emulator.add_fault(MARK_READ, "refuse", code="UnauthorizedOperation", status=403, call=0)
    found = find(collection)
    assert found["replace"] == ["a"]
    (warning,) = found["warnings"]
    assert "lacks the permission ec2:DescribeSpotInstanceRequests" in warning
    assert "docs/iam/watch.json" in warning


def test_a_cancelled_request_says_nothing_of_its_instance(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    (instance,) = resumed(collection, network, "a")
    ec2 = emulator.client("ec2")
    (request,) = ec2.describe_spot_instance_requests()["SpotInstanceRequests"]
    ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request["SpotInstanceRequestId"]])
    assert find(collection, reconcile=False, events=[an_event(instance)])["replace"] == ["a"]


POISON: dict[str, Any] = {
    "a lone surrogate as type": '{"source":"x","detail-type":"\\ud800","detail":{}}',
    "a lone surrogate as region": an_event("i-0123456789abcdef0", region="\ud800"),
    "a lone surrogate as account": an_event("i-0123456789abcdef0", account="\ud800"),
    "a lone surrogate as key": {"\ud800": "\ud800"},
    "control characters": {"source": "\x1b[2J\x00", "detail-type": "\r\n" * 9, "detail": {}},
    "a long type": {"source": "x", "detail-type": "y" * 250_000},
    "a long document": an_event("i-0123456789abcdef0", x="y" * 250_000),
    "a deep document": "[" * 50_000,
    "a huge number": f'{{"source": {"9" * 100_000}}}',
    "a huge time": an_event("i-0123456789abcdef0", time="9" * 200_000),
    "the year 1": an_event("i-0123456789abcdef0", time="0001-01-01T00:00:00+23:59"),
    "the year 9999": an_event("i-0123456789abcdef0", time="9999-12-31T23:59:59-23:59"),
    "Jinja": {"source": "{{ lookup('pipe', 'id') }}", "detail-type": "{% for x in y %}", "detail": {}},
}


def test_no_message_keeps_a_genuine_warning_from_being_dealt_with(
    emulator: Emulator, network: Network, collection: Collection, queue: EventQueue
) -> None:
    (instance,) = resumed(collection, network, "a")
    queue.forget()
    queue.send(*POISON.values())
    emulator.interrupt(instance, warning_seconds=120)
    found = find(collection, reconcile=False)
    assert found["replace"] == ["a"]
    notes = found["dropped"] + found["unreadable"]
    assert len(notes) == len(POISON)
    for text in (note["message"] for note in notes):
        assert text.isascii()
        assert text.isprintable()
        assert len(text) < 300
    json.dumps(found).encode()


def test_what_is_listed_is_bounded_however_many_messages_there_are(collection: Collection) -> None:
    given = [{"source": "x", "detail-type": "y" * 250_000}] * 200 + ["no JSON"] * 200
    found = find(collection, reconcile=False, events=given)
    assert found["message_counts"] == {"dropped": 200, "later": 0, "unreadable": 200}
    assert (len(found["dropped"]), len(found["unreadable"])) == (50, 50)
    assert len(json.dumps(found)) < 50_000


def test_a_long_message_is_not_kept_in_memory(collection: Collection, queue: EventQueue) -> None:
    queue.send("x" * 250_000)
    (message,) = Queue(collection.client, f"{TABLE}-events").receive(1)
    assert len(message.body) < 20_000
