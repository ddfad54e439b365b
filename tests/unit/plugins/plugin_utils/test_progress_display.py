# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is printed of a module's work, and how often."""

from __future__ import annotations

from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.phase_progress import Event, Work
from ansible_collections.stateful_node.aws.plugins.plugin_utils.progress_display import (
    BETWEEN_LINES,
    FEW,
    SILENCE,
    Printer,
)


def begun(nodes: int, said: list[str]) -> Printer:
    printer = Printer(said.append)
    names = tuple(f"n{number}" for number in range(nodes))
    printer.begin(Work(operation="resume", phase="launch", names=names, at=0.0))
    return printer


def event(number: int, at: float, **more: Any) -> Event:
    return Event(name=f"n{number}", at=at, **{"text": "running", "stage": "reached", **more})


def test_a_few_nodes_have_lines_of_their_own() -> None:
    said: list[str] = []
    printer = begun(FEW, said)
    printer.note(event(0, 1.0, text="launching m6i.large on spot", stage=None))
    printer.note(event(1, 1.0, text="", stage="under_way"))
    printer.note(event(0, 2.0))
    printer.end(3.0)
    assert said == ["n0: launching m6i.large on spot", "n0: running"]


def test_silence_about_a_few_nodes_is_broken() -> None:
    said: list[str] = []
    printer = begun(2, said)
    printer.note(event(0, 1.0))
    for second in range(1, 60):
        printer.tick(float(second))
    assert said[1:] == ["resume 1/2 running, 0 launching, 1 queued, 0 failed"] * (58 // int(SILENCE))


def test_many_nodes_have_a_line_now_and_then_and_one_at_the_end() -> None:
    said: list[str] = []
    printer = begun(FEW + 1, said)
    for number in range(FEW + 1):
        printer.note(event(number, number * 1.0))
    printer.end(10.5)
    assert [line.partition(" running")[0] for line in said] == ["resume 6/11", "resume 11/11", "resume 11/11"]


def test_many_nodes_have_a_line_while_nothing_changes() -> None:
    said: list[str] = []
    printer = begun(FEW + 1, said)
    printer.note(event(0, 0.0, text="instance i-1 launched", stage="under_way"))
    for tenth in range(200):
        printer.tick(tenth / 10)
    assert said == ["resume 0/11 running, 1 launching, 10 queued, 0 failed"] * (19 // int(BETWEEN_LINES))


def test_nothing_is_said_where_nothing_is_done() -> None:
    """A second run of the same module."""
    for nodes in (1, FEW + 1):
        said: list[str] = []
        printer = begun(nodes, said)
        for number in range(nodes):
            printer.note(event(number, 0.1, text=""))
        printer.tick(100.0)
        printer.end(100.0)
        assert said == []


def test_a_display_that_fails_is_nobodys_failure() -> None:
    def broken(_line: str) -> None:
        raise BrokenPipeError

    printer = Printer(broken)
    printer.begin(Work(operation="resume", phase="launch", names=("n0",), at=0.0))
    printer.note(event(0, 1.0))
    printer.tick(100.0)
    printer.end(101.0)


def test_one_phase_is_not_counted_with_the_next() -> None:
    said: list[str] = []
    printer = begun(FEW + 1, said)
    printer.note(event(0, 1.0))
    printer.end(1.0)
    printer.note(event(1, 1.0))
    printer.begin(Work(operation="resume", phase="launch", names=tuple("abcdefghijkl"), at=2.0))
    printer.note(event(0, 60.0, text="launching", stage=None))
    assert said == [
        "resume 1/11 running, 0 launching, 10 queued, 0 failed",
        "resume 0/12 running, 0 launching, 12 queued, 0 failed",
    ]
