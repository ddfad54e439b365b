# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.history import (
    found_instance,
    history_entry,
    ongoing_entry,
    parse_since,
    to_entry,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.history_results import cut_history
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Identity
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Instance
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Failure, FoundInstance

from tests.support.configurations import OPERATION, record
from tests.support.identities import make_identity_of

NOW = 1_700_000_000
IDENTITY = make_identity_of(instance_id="i-1", instance_type="t3.micro", market="spot", instance_generation=2)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (None, None),
        (" ", None),
        ("90s", NOW - 90),
        ("30d", NOW - 30 * 86400),
        ("2w", NOW - 14 * 86400),
        ("999999w", 0),
        ("1970-01-02", 86400),
        ("1970-01-02 01:00:00", 90000),
        ("1970-01-02T01:00:00Z", 90000),
        ("1970-01-02T01:00:00+02:00", 82800),
        ("1960-01-01", 0),
    ],
)
def test_since_is_a_time_or_how_long_ago(text: str | None, time: int | None) -> None:
    assert parse_since(text, NOW) == time


@pytest.mark.parametrize("text", ["yesterday", "30", "30 d", "d", "-1d", "1y", "2026-13-01", "99999999999d"])
def test_since_that_is_no_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(NodeError, match=f"since '{text}' is not a time. Give one in ISO 8601"):
        parse_since(text, NOW)


def test_an_entry_comes_back_as_it_was_written() -> None:
    failure = Failure(code="Busy", message="busy")
    stored = history_entry(IDENTITY, OPERATION, failure, ended_at=9)
    entry = to_entry({**stored, "name": "a", "expires_at": 99})
    assert (entry.operation_id, entry.started_at, entry.ended_at) == (OPERATION.id, OPERATION.started_at, 9)
    assert (entry.instance_id, entry.market, entry.instance_generation) == ("i-1", "spot", 2)
    assert (entry.error, entry.found) == (failure, None)


def test_an_entry_of_an_older_version_began_when_its_key_says() -> None:
    entry = to_entry({"at": "2023-11-14T22:13:20+00:00#id", "operation": "pause", "owner": "ann", "ended_at": NOW + 5})
    assert (entry.operation_id, entry.started_at, entry.found, entry.phases_ended_at) == ("id", NOW, None, {})


def test_no_user_data_is_in_an_entry() -> None:
    identity = make_identity_of(instance_id="i-1", launch={"user_data_sha256": "hash"})
    assert "launch" not in history_entry(identity, OPERATION, None, ended_at=9)


def test_an_operation_that_is_at_work_has_not_ended() -> None:
    entry = ongoing_entry(record(operation=OPERATION))
    assert entry is not None
    assert (entry.operation, entry.ended_at) == ("resume", None)
    assert ongoing_entry(record()) is None


def test_what_is_found_is_the_recorded_instance_in_the_state_that_ec2_shows() -> None:
    seen = Instance(instance_id="i-1", state="terminated", instance_type="t3.micro", market="spot", state_reason="why")
    found = found_instance(IDENTITY, seen)
    assert (found.instance_id, found.instance_generation, found.state, found.state_reason) == (
        "i-1", 2, "terminated", "why",
    )  # fmt: skip
    assert found_instance(IDENTITY, None).state is None
    assert found_instance(Identity(), seen) == FoundInstance()


@pytest.mark.parametrize(
    ("limit", "since", "shown", "truncated", "begins_at"),
    [
        (3, None, 3, False, None),
        (2, None, 2, True, 20),
        (3, 20, 2, False, 20),
        (1, 20, 1, True, 30),
        (3, 99, 0, False, 99),
    ],
)
def test_the_history_is_cut_where_it_was_asked_to_begin(
    limit: int, since: int | None, shown: int, truncated: bool, begins_at: int | None
) -> None:
    entries = tuple(
        to_entry({"at": f"1970-01-01T00:00:{at}+00:00#{at}", "operation": "pause", "owner": "ann", "ended_at": at})
        for at in (30, 20, 10)
    )
    history = cut_history(entries, limit=limit, since=since)
    assert (history.shown, history.is_truncated, history.begins_at) == (shown, truncated, begins_at)
