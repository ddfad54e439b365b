# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When nodes were in service, by a log of states."""

from __future__ import annotations

from typing import Any

import pytest

from .interruptions import earliest
from .outages import outages, recoveries


def log(*entries: tuple[float, str, str] | tuple[float, str, str, str]) -> list[dict[str, Any]]:
    """Compose a log of `(time, id, state)`, with the instance where an interface is attached to one."""
    return [
        {"time": entry[0], "id": entry[1], "state": entry[2], "instance_id": entry[3] if len(entry) > 3 else None}
        for entry in entries
    ]


REPLACED = log(
    (1, "eni-1", "attaching", "i-1"), (1, "i-1", "pending"), (3, "eni-1", "attached", "i-1"), (9, "i-1", "running"),
    (10, "i-1", "interruption-warning"), (20, "i-1", "shutting-down"), (60, "i-1", "terminated"),
    (80, "eni-1", "detached", "i-1"), (81, "eni-1", "attaching", "i-2"), (81, "i-2", "pending"),
    (83, "eni-1", "attached", "i-2"), (89, "i-2", "running"),
)  # fmt: skip
MOVED = log(
    (1, "i-1", "running"), (2, "eni-1", "attached", "i-1"), (3, "eni-d", "attached", "i-2"), (9, "i-2", "running"),
    (20, "eni-1", "detaching", "i-1"), (24, "eni-1", "detached", "i-1"), (25, "eni-1", "attaching", "i-2"),
    (27, "eni-1", "attached", "i-2"), (30, "i-1", "shutting-down"),
)  # fmt: skip


def test_a_node_is_out_of_service_from_the_end_of_its_instance_until_the_next_one_runs() -> None:
    assert outages(REPLACED, 0) == {"eni-1": 89 - 20}
    assert outages(REPLACED, 21) == {}


def test_one_whose_interface_moves_is_out_from_detaching_to_attached() -> None:
    assert outages(MOVED, 0) == {"eni-1": 27 - 20}


def test_one_that_is_out_still_has_no_figure() -> None:
    assert outages(REPLACED[:-1], 0) == {}
    assert recoveries(REPLACED[:-1]) == {}


def test_recovery_counts_from_the_warning_to_the_last_time_it_came_into_service() -> None:
    assert recoveries(REPLACED) == {"eni-1": 89 - 10}
    died = log((95, "i-2", "shutting-down"))
    assert recoveries(REPLACED + died) == {}
    again = log((99, "eni-1", "attached", "i-3"), (100, "i-3", "running"))
    assert recoveries(REPLACED + died + again) == {"eni-1": 100 - 10}


def test_the_earliest_is_what_the_bucket_allows_after_the_interfaces_are_free() -> None:
    seconds = earliest(100, 1)
    assert seconds[0] == seconds[4] == pytest.approx(0.25 + 40 + 20 + 0.75 + 8)
    assert seconds[-1] - seconds[4] == pytest.approx(95 / 2)
    assert earliest(100, 10)[-1] == pytest.approx(seconds[-1] / 10)
