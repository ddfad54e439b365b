# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile texts in events and messages: they are counted, and the genuine warning next to them is acted on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.queue import EventQueue, an_event
from tests.support.readers import only

from .hostile import DEEP, EACH_TEXT, LONG, assert_is_noise

FIELDS = ("source", "detail-type", "account", "region", "time", "detail", "detail.instance-id", "more")
"""What a message can carry a text in; `more` is not in an event of EC2's."""

OBJECTS = 50_000


def message(instance_id: str, field: str, text: str) -> dict[str, Any]:
    """Compose a warning that has the text in one of its fields."""
    event = an_event(instance_id)
    if field == "detail.instance-id":
        return {**event, "detail": {"instance-id": text}}
    return {**event, field: text}


@pytest.fixture
def instance_id(emulator: Emulator, network: Network, collection: Collection) -> str:
    """The instance of a node, which EC2 is about to interrupt."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    collection.configure("a", network)
    found = str(only(collection.operate("resume", ["a"]))["instance_id"])
    emulator.mark(found)
    return found


@EACH_TEXT
def test_a_hostile_event_is_noise(collection: Collection, instance_id: str, text: str) -> None:
    hostile = [text, *(message("i-0123456789abcdef0", field, text) for field in FIELDS)]
    found = collection.run("events", events=[*hostile, an_event(instance_id)], reconcile=False)
    assert_is_noise(found)
    assert found.values["replace"] == ["a"]
    assert found.values["message_counts"]["unreadable"] + found.values["message_counts"]["dropped"] == len(hostile)


@EACH_TEXT
def test_a_hostile_message_is_noise(emulator: Emulator, collection: Collection, instance_id: str, text: str) -> None:
    queue = EventQueue(emulator)
    shortened = text[:20_000]  # the longest messages are those of the events above
    bodies = [json.dumps(message("i-0123456789abcdef0", field, shortened)) for field in FIELDS]
    queue.send(*bodies, an_event(instance_id))
    found = collection.run("events", reconcile=False)
    assert_is_noise(found)
    assert found.values["replace"] == ["a"]
    assert found.values["message_counts"]["unreadable"] + found.values["message_counts"]["dropped"] == len(bodies)


@pytest.mark.parametrize("body", [DEEP, '{"detail":' * OBJECTS, LONG], ids=["lists", "objects", "long"])
def test_a_message_that_is_no_event_is_noise(
    emulator: Emulator, collection: Collection, instance_id: str, body: str
) -> None:
    queue = EventQueue(emulator)
    queue.send(body[:200_000], an_event(instance_id))
    found = collection.run("events", reconcile=False)
    assert_is_noise(found)
    assert found.values["replace"] == ["a"]
    assert found.values["message_counts"]["unreadable"] == 1


@EACH_TEXT
def test_a_hostile_text_in_a_genuine_warning_changes_nothing(
    collection: Collection, instance_id: str, text: str
) -> None:
    event = an_event(instance_id, more=text, detail={"instance-id": instance_id, "instance-action": text})
    found = collection.run("events", events=[event], reconcile=False)
    assert_is_noise(found)
    assert found.values["replace"] == ["a"]
