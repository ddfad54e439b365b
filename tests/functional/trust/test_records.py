# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile texts in the fields of a record and in the history: that node's error at most, and text where it is shown."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.items import to_item
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.serialization import to_dict

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import TABLE, Collection
from tests.support.parameters import first_stands_for_all
from tests.support.readers import record_of

from ..test_edited_records import edit
from .hostile import LONE_SURROGATE, TEXTS, assert_is_noise, nodes_of

STORED = {key: text for key, text in TEXTS.items() if text != LONE_SURROGATE}
"""What DynamoDB stores: its strings are UTF-8, which has no lone surrogates.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

EACH_STORED_TEXT = pytest.mark.parametrize("text", first_stands_for_all([*STORED.values()]), ids=STORED.keys())

LARGEST = 30_000
"""Characters of a text here: an item has 400 kB at most, some values have the text in it six times."""

OPERATION = {
    "id": "op-1",
    "operation": "resume",
    "owner": "ann@desk/1",
    "started_at": 1,
    "expires_at": 2,
    "from_generation": 1,
    "target_generation": 1,
    "has_acted": True,
}
UNFINISHED = {"operation": "resume", "from_generation": 1, "target_generation": 1}
FAILURE = {"code": "NoCapacity", "message": "none"}
ATTEMPT = {"market": "spot", "message": "none"}


def values(text: str, config: dict[str, Any]) -> dict[str, Any]:
    """Compose, by the path that is edited, a value that has the text in it."""
    held = {**OPERATION, "config": config}
    return {
        "config.tags": {"note": text},
        "config.tags of that key": {text: "note"},
        "config.subnet_id": text,
        "config.private_ip_address": text,
        "config.security_groups": [text],
        "config.launch.image_id": text,
        "config.launch.key_name": text,
        "config.launch.user_data": text,
        "id": text,
        "desired": text,
        "subnet.availability_zone": text,
        "identity.instance": {"instance_id": text},
        "identity.instance of that type": {"instance_id": "i-1", "instance_type": text},
        "identity.elastic_ip": {"allocation_id": "eipalloc-1", "public_ip": text},
        "identity.launch_attempts": [{**ATTEMPT, "message": text, "instance_type": text, "code": text}],
        "identity.instance with settings": {"instance_id": "i-1", "launch": {text: text}},
        "operation": {**held, "owner": text},
        "operation of that id": {**held, "id": text},
        "operation of that kind": {**held, "operation": text},
        "operation that failed": {**held, "error": {**FAILURE, "message": text, "code": text}},
        "operation with timings": {**held, "timings": {text: 1}, "phases_ended_at": {text: 1}},
        "operation with variables": {**held, "rerun": {"variables": {text: text}}},
        "unfinished": {**UNFINISHED, "error": {**FAILURE, "message": text, "action": text, "phase": text}},
        "unfinished of that kind": {**UNFINISHED, "operation": text, "error": FAILURE},
        "unfinished with a command": {
            **UNFINISHED,
            "error": {**FAILURE, "next_command": {"playbook": text, "names": [text], "variables": {text: text}}},
        },
        "intent": {"action": text, "token": text, "parameters": {text: text}},
        "intent of a launch": {"action": "RunInstances", "token": text, "parameters": {text: text}},
    }


@pytest.fixture
def collection(collection: Collection, emulator: Emulator, network: Network) -> Collection:
    """In a hurry, with a running node of which nothing is edited, and one that was configured alone."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    fast = Collection(collection.endpoint, clock=FastClock())
    for name in ("a", "edited"):
        fast.configure(name, network)
    done = fast.operate("resume", ["a"])
    assert not done.failures, done.message
    return fast


def write_edited(emulator: Emulator, collection: Collection, text: str) -> None:
    """Write a record for each of the values, which has it in the place of its own."""
    client = emulator.client("dynamodb")
    item = client.get_item(TableName=TABLE, Key={"name": {"S": "edited"}})["Item"]
    config = dict(to_dict(record_of(collection, "edited").config))
    for number, (place, value) in enumerate(values(text, config).items()):
        name = f"edited-{number}"
        client.put_item(TableName=TABLE, Item={**item, "name": {"S": name}, "id": {"S": name}})
        edit(emulator, name, place.partition(" ")[0], value)


@EACH_STORED_TEXT
def test_hostile_fields_are_noise(emulator: Emulator, collection: Collection, text: str) -> None:
    write_edited(emulator, collection, text[:LARGEST])
    shown = collection.run("info", name=["all"])
    assert_is_noise(shown)
    assert nodes_of(shown)["a"]["status"] == "running"
    for module in ("history_info", "orphans"):
        assert_is_noise(collection.run(module))
    assert_is_noise(collection.run("events", receive=False))
    paused = collection.operate("pause", ["all"], take_over=True)
    assert_is_noise(paused)
    assert nodes_of(paused)["a"]["status"] == "paused"
    resumed = collection.operate("resume", ["all"], take_over=True)
    assert_is_noise(resumed)
    assert nodes_of(resumed)["a"]["status"] == "running"


def entries(text: str) -> dict[str, dict[str, Any]]:
    entry: dict[str, Any] = {
        "at": "2026-01-01T00:00:00+00:00#op-1",
        "operation": "resume",
        "owner": "ann",
        "started_at": 1767225600,
    }
    entry["ended_at"] = 1767225700
    return {
        "at": entry,
        "operation": {**entry, "operation": text},
        "owner": {**entry, "owner": text},
        "started_at": {**entry, "started_at": text},
        "ended_at": {**entry, "ended_at": text},
        "timings": {**entry, "timings": {text: 1.0}},
        "wrong timings": {**entry, "timings": text},
        "choices": {**entry, "choices": [text]},
        "found": {**entry, "found": {"instance_id": text, "state": text}},
        "launch_attempts": {**entry, "launch_attempts": [{**ATTEMPT, "message": text}]},
        "wrong launch_attempts": {**entry, "launch_attempts": [text]},
        "error": {**entry, "error": {**FAILURE, "message": text}},
        "wrong error": {**entry, "error": text},
        "instance_id": {**entry, "instance_id": text, "private_ip_address": text, "public_ip": text},
        "generation": {**entry, "generation": text},
    }


@EACH_STORED_TEXT
def test_hostile_entries_of_the_history_are_noise(emulator: Emulator, collection: Collection, text: str) -> None:
    begun = collection.run("history_info", name=["a"])
    for number, (place, entry) in enumerate(entries(text[:LARGEST]).items()):
        at = f"{text[:900]}{number}" if place == "at" else f"2026-01-01T00:00:00+00:00#op-{number}"
        item = to_item({"name": "a", **entry, "at": at})
        emulator.client("dynamodb").put_item(TableName=f"{TABLE}-history", Item=item)
    told = collection.run("history_info")
    assert_is_noise(told)
    assert not told.failures, told.message
    genuine = nodes_of(begun)["a"]["entries"]
    assert [entry for entry in nodes_of(told)["a"]["entries"] if entry in genuine] == genuine
    assert any("entries of the history table cannot be read" in warning for warning in told.values["warnings"])
