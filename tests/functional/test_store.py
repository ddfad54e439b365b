# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record's conditional writes over HTTP: one winner, no lost update, and a reply that was lost is no defeat.

Each test runs against two independent implementations of DynamoDB.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import boto3
import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Conflict, Store
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clients import READS
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.error_codes import is_table_missing
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Launch
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Failure
from botocore.config import Config

from tests.emulator.environment import REGION
from tests.support.collection import create_tables
from tests.support.identities import make_identity_of
from tests.support.owned_resources import OWNING
from tests.support.parameters import first_stands_for_all

from .records import (
    CONFIG,
    FULL,
    HELD,
    IDENTITY,
    INTENT,
    OPERATION,
    RECORD,
    REPEATED,
    SUBNET,
    OneAtATime,
    hold,
    stored,
)
from .second_dynamodb import second_dynamodb


@pytest.fixture(scope="session")
def ministack(tmp_path_factory) -> Iterator[str]:
    with second_dynamodb(tmp_path_factory.mktemp("ministack")) as endpoint:
        yield endpoint


@pytest.fixture(params=first_stands_for_all(["emulator", "ministack"]))
def client(request):
    started = request.getfixturevalue(request.param)
    endpoint = started if request.param == "ministack" else started.endpoint
    return boto3.session.Session().client(
        "dynamodb",
        config=Config(**READS),
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.fixture
def store(client) -> Iterator[Store]:
    """A store of its own: another implementation is not emptied between tests."""
    table = f"nodes-{uuid.uuid4().hex}"
    create_tables(client, table)
    yield Store(lambda _service, _config: client, table)
    for name in (table, f"{table}-history"):
        client.delete_table(TableName=name)


@pytest.fixture
def lose_reply(client):
    """Has botocore repeat the next call of an action although it succeeded, as when its reply was lost."""

    def lose_reply(action):
        losses = [0.0]
        client.meta.events.register(f"needs-retry.dynamodb.{action}", lambda **_: losses.pop() if losses else None)

    return lose_reply


@pytest.mark.parametrize("record", [RECORD, FULL], ids=["new", "with everything"])
def test_a_record_is_read_as_it_was_written(store, record):
    store.create(record)
    assert store.get(["db-1"]) == {"db-1": record}
    assert store.all() == {"db-1": record}


def test_a_name_that_is_not_there_is_left_out(store):
    store.create(RECORD)
    assert list(store.get(["db-0", "db-1"])) == ["db-1"]
    assert store.get([]) == {}


def test_more_nodes_than_one_call_takes_are_read_in_several(store):
    """BatchGetItem takes 100 keys, and a page of a scan ends at a megabyte."""
    names = [f"db-{number:03}" for number in range(120)]
    long = replace(CONFIG, launch=Launch(user_data="x" * 12_000))
    for name in reversed(names):
        store.create(replace(RECORD, name=name, config=long))
    assert sorted(store.get(names)) == names
    assert list(store.all()) == names


def test_keys_that_were_left_out_are_asked_for_again(client, store):
    for name in ("a", "b", "c"):
        store.create(replace(RECORD, name=name))
    answered = Store(lambda _service, _config: OneAtATime(client), store.table_name).get(["a", "b", "c"])
    assert sorted(answered) == ["a", "b", "c"]


def test_every_read_of_records_is_consistent(client, store):
    """A stale read would launch what has been launched."""
    asked = []
    for action in ("BatchGetItem", "Scan"):
        client.meta.events.register(
            f"provide-client-params.dynamodb.{action}", lambda params, **_: asked.append(params)
        )
    store.get(["db-1"])
    store.all()
    assert [params.get("ConsistentRead", params.get("RequestItems")) for params in asked] == [
        {store.table_name: {"Keys": [{"name": {"S": "db-1"}}], "ConsistentRead": True}},
        True,
    ]


def test_a_node_is_created_once(store):
    store.create(RECORD)
    with pytest.raises(Conflict) as raised:
        store.create(replace(RECORD, id="r2"))
    assert raised.value.record == RECORD
    assert stored(store) == RECORD


def test_one_of_many_takes_the_node(store):
    """All of them saw it free."""
    store.create(RECORD)

    def take(number):
        try:
            hold(store, replace(OPERATION, id=f"op-{number}"))
        except Conflict:
            return None
        return f"op-{number}"

    with ThreadPoolExecutor(8) as threads:
        winners = [winner for winner in threads.map(take, range(24)) if winner]
    assert winners == [stored(store).operation.id]


@pytest.mark.parametrize(
    "expected",
    [
        {"operation": None},
        {"operation.id": "op-0"},
        {"operation.id": "op-1", "operation.expires_at": 300},
        {"config_version": 2},
        {"intent.token": "t"},
    ],
)
def test_a_write_whose_condition_is_broken_changes_nothing(store, expected):
    store.create(HELD)
    with pytest.raises(Conflict) as raised:
        store.update("db-1", {"desired": "paused", "operation.expires_at": 999}, expected)
    assert raised.value.record == HELD
    assert stored(store) == HELD


def test_a_write_sets_removes_and_reaches_inside(store):
    store.create(FULL)
    changes = {"intent": None, "identity": replace(IDENTITY, generation=2), "operation.expires_at": 999}
    store.update("db-1", changes, {"operation.id": "op-1", "operation.expires_at": 301})
    operation = replace(OPERATION, expires_at=999)
    assert stored(store) == replace(FULL, intent=None, identity=replace(IDENTITY, generation=2), operation=operation)


@pytest.mark.parametrize(
    "changes", [{"desired": "running"}, {"operation.expires_at": 999}], ids=["top level", "inside what is not there"]
)
def test_nothing_is_written_for_a_node_that_was_removed_or_is_not_held(store, changes):
    for record in (None, RECORD):
        with pytest.raises(Conflict) as raised:
            store.update("db-1", changes, {"operation.id": "op-1"})
        assert raised.value.record == record
        if record is None:
            assert store.all() == {}
            store.create(RECORD)


def test_a_node_that_was_removed_is_not_taken(store):
    """An update would make an item of it that is no record."""
    with pytest.raises(Conflict) as raised:
        hold(store, OPERATION)
    assert raised.value.record is None
    assert store.all() == {}


def test_an_error_is_removed_from_an_operation_that_goes_on(store):
    failed = replace(OPERATION, error=Failure(code="NoCapacity", message="none"))
    store.create(replace(HELD, operation=failed))
    store.update("db-1", {"operation.error": None, "operation.done": True}, {"operation.id": "op-1"})
    assert stored(store).operation == replace(OPERATION, done=True)


@pytest.mark.parametrize(("before", "action", "write"), REPEATED.values(), ids=REPEATED)
def test_a_write_that_meets_its_own_effect_has_succeeded(store, lose_reply, before, action, write):
    """Its reply was lost, botocore repeated it, and the condition is broken by what it wrote itself."""
    if before:
        store.create(before)
    lose_reply(action)
    write(store)


def test_what_another_operation_wrote_is_not_taken_for_ones_own(store):
    """The same values under another operation: the one that was taken over must stop."""
    store.create(replace(HELD, operation=replace(OPERATION, id="op-2"), identity=IDENTITY))
    with pytest.raises(Conflict) as raised:
        store.update("db-1", {"identity": IDENTITY, "intent": None}, {"operation.id": "op-1"})
    assert raised.value.record.operation.id == "op-2"


def test_an_operation_that_is_lost_to_another_of_the_same_kind_is_lost(store):
    store.create(HELD)
    with pytest.raises(Conflict):
        hold(store, replace(OPERATION, id="op-2"))


def test_an_edit_and_a_running_operation_do_not_collide(store):
    """Neither undoes what the other wrote, in whatever order."""
    store.create(HELD)
    store.write_config(HELD, replace(CONFIG, source_dest_check=False), SUBNET)
    store.update("db-1", {"identity": IDENTITY, "intent": INTENT}, {"operation.id": "op-1"})
    store.write_config(replace(HELD, config_version=2), CONFIG, SUBNET)
    assert stored(store) == replace(HELD, config_version=3, identity=IDENTITY, intent=INTENT)


def test_one_of_two_edits_of_the_same_version_wins(store):
    store.create(RECORD)
    store.write_config(RECORD, replace(CONFIG, tags={}), SUBNET)
    with pytest.raises(Conflict) as raised:
        store.write_config(RECORD, CONFIG, SUBNET)
    assert raised.value.record == stored(store)
    assert (stored(store).config.tags, stored(store).config_version) == ({}, 2)


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(HELD, id="held"),
        pytest.param(replace(RECORD, intent=INTENT), id="about to make something"),
        pytest.param(replace(RECORD, identity=make_identity_of(network_interface_id="eni-1")), id="with an interface"),
    ],
)
def test_a_node_that_has_or_gets_an_interface_does_not_move_to_another_subnet(store, now):
    """It had none when the edit was checked."""
    store.create(now)
    with pytest.raises(Conflict):
        store.write_config(RECORD, CONFIG, replace(SUBNET, subnet_id="subnet-2"))
    assert stored(store) == now


def test_a_node_without_an_interface_moves(store):
    store.create(RECORD)
    store.write_config(RECORD, replace(CONFIG, subnet_id="subnet-2"), replace(SUBNET, subnet_id="subnet-2"))
    assert stored(store).subnet.subnet_id == "subnet-2"


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(HELD, id="held"),
        pytest.param(replace(RECORD, intent=INTENT), id="about to make something"),
        pytest.param(replace(RECORD, config_version=2), id="edited"),
        *(
            pytest.param(replace(RECORD, identity=make_identity_of(**identity)), id=way)
            for way, (identity, _ids) in OWNING.items()
        ),
    ],
)
def test_a_node_that_owns_something_by_now_is_not_forgotten(store, now):
    """It owned nothing when it was looked at."""
    store.create(now)
    with pytest.raises(Conflict) as raised:
        store.forget(RECORD)
    assert raised.value.record == now


def test_a_node_that_owns_nothing_is_forgotten(store):
    store.create(RECORD)
    store.create(replace(RECORD, name="db-2"))
    store.forget(RECORD)
    assert list(store.all()) == ["db-2"]


def test_only_the_operation_that_holds_a_node_removes_it(store):
    store.create(FULL)
    with pytest.raises(Conflict) as raised:
        store.remove("db-1", "op-2")
    assert raised.value.record == FULL
    store.remove("db-1", "op-1")
    assert store.all() == {}


def test_the_history_comes_latest_first_and_an_entry_written_twice_is_one(store):
    for number in (1, 3, 2, 3):
        store.add_history({"name": "db-1", "at": f"2024-01-0{number}", "expires_at": 9, "timings": {"launch": 1.5}})
    store.add_history({"name": "db-2", "at": "2024-01-09", "expires_at": 9})
    entries = store.history("db-1")
    assert [entry["at"] for entry in entries] == ["2024-01-03", "2024-01-02", "2024-01-01"]
    assert entries[0] == {"name": "db-1", "at": "2024-01-03", "expires_at": 9, "timings": {"launch": 1.5}}
    assert len(store.history("db-1", limit=2)) == 2


def test_a_table_that_is_not_there_is_told_by_every_call(client):
    store = Store(lambda _service, _config: client, "no-such-table")
    calls = (
        partial(store.get, ["db-1"]),
        store.all,
        partial(store.create, RECORD),
        partial(store.forget, RECORD),
        partial(hold, store, OPERATION),
        partial(store.add_history, {"name": "db-1", "at": "1"}),
        partial(store.history, "db-1"),
    )
    for call in calls:
        with pytest.raises(AwsError) as raised:
            call()
        assert is_table_missing(raised.value)
        assert raised.value.place in ("no-such-table in us-east-1", "no-such-table-history in us-east-1")
