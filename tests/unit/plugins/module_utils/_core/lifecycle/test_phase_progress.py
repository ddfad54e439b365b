# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a phase is, in one line."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.phase_progress import (
    Event,
    Progress,
    Work,
)


def progress(phase: str, total: int, *, operation: str = "resume", **reached: int) -> Progress:
    """So many nodes at each stage: those that are under way or have come further were accepted at the beginning."""
    work = Work(operation=operation, phase=phase, names=tuple(f"n{number}" for number in range(total)), at=100.0)
    made, names = Progress(work=work), iter(work.names)
    for stage, count in reached.items():
        for name in (next(names) for _ in range(count)):
            if stage == "reached":
                made.note(Event(name=name, at=100.0, stage="under_way"))
            made.note(Event(name=name, at=108.0 if stage == "reached" else 100.0, stage=stage))
    return made


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (
            progress("launch", 100, reached=62, under_way=3),
            "resume 62/100 running, 3 launching, 35 queued, 0 failed, about 30 s left",
        ),
        (progress("launch", 3), "resume 0/3 running, 0 launching, 3 queued, 0 failed"),
        (progress("launch", 3, reached=2, failed=1), "resume 2/3 running, 0 launching, 0 queued, 1 failed"),
        (
            progress("terminate", 20, operation="pause", under_way=20),
            "pause 0/20 terminated, 20 terminating, 0 queued, 0 failed",
        ),
        (
            progress("interface", 40, reached=10, failed=2),
            "resume 10/40 interfaces done, 28 queued, 2 failed, about 85 s left",
        ),
        (
            progress("elastic_ip", 9, reached=3, retrying=1),
            "resume 3/9 Elastic IPs done, 5 queued, 1 trying again, 0 failed",
        ),
        (progress("elastic_ip", 2, operation="replace", reached=2), "replace 2/2 Elastic IPs done, 0 queued, 0 failed"),
    ],
)
def test_the_line(made: Progress, line: str) -> None:
    """30 seconds after the beginning."""
    assert made.line(130.0) == line


def test_a_node_that_dies_in_pending_queues_again_and_is_not_measured() -> None:
    made = progress("launch", 1, under_way=1)
    made.note(Event(name="n0", at=105.0, text="died", stage="queued"))
    made.note(Event(name="n0", at=120.0, stage="under_way"))
    assert made.pace(121.0).newest == 1.0
    made.note(Event(name="n0", at=126.0, stage="under_way"))
    assert made.pace(127.0).newest == 7.0, "the same stage again is no news"
    made.note(Event(name="n0", at=128.0, stage="reached"))
    assert made.pace(128.0).typical == 8.0


def test_words_alone_change_no_stage() -> None:
    made = progress("launch", 1, under_way=1)
    made.note(Event(name="n0", at=101.0, text="launching m6i.large on spot"))
    assert made.count("under_way") == 1
