# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ids of operations."""

from __future__ import annotations

import time
import uuid

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.operation.leases import new_operation_id

NOON = 1_800_000_000 * 10**9


def ids_a_millisecond_apart(monkeypatch: pytest.MonkeyPatch, count: int) -> list[str]:
    times = iter(range(NOON, NOON + count * 10**6, 10**6))
    monkeypatch.setattr(time, "time_ns", lambda: next(times))
    return [new_operation_id() for _ in range(count)]


def test_ids_sort_by_when_they_were_given(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ids_a_millisecond_apart(monkeypatch, 500)
    assert ids == sorted(ids)


def test_an_id_is_a_uuid_that_nobody_else_gives_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: NOON)
    ids = [uuid.UUID(new_operation_id()) for _ in range(100)]
    assert len(set(ids)) == 100
    assert {(given.version, given.variant) for given in ids} == {(7, uuid.RFC_4122)}
