# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook ends with: the table of its nodes, then what failed, then Ansible's own recap."""

from __future__ import annotations

import re

from tests.support.playbooks import Run

TASK = re.compile(r"^TASK \[(.*)\] \**$", re.MULTILINE)


def tasks_of(run: Run) -> list[tuple[str, str]]:
    """Give the tasks by name, each with what was printed for it."""
    body, recap, _counts = run.output.partition("PLAY RECAP")
    assert recap, run.output
    _start, *parts = TASK.split(body)
    return list(zip(parts[::2], parts[1::2], strict=True))


def tasks_that_print(run: Run, text: str) -> list[str]:
    """Give the names of the tasks for which the text was printed."""
    return [name for name, printed in tasks_of(run) if text in printed]


def last_words(run: Run) -> tuple[list[str], str]:
    """Give the lines of the one table, and all that was printed of the failure, which has to come after it and last."""
    tasks = tasks_of(run)
    shown = [text for name, text in tasks if name.endswith("Show the nodes") and "skipping:" not in text]
    assert len(shown) == 1, run.output
    table, printed, _rest = shown[0].strip("\n").partition("\nok: [localhost]")
    assert printed, shown[0]
    name, text = tasks[-1]
    if run.status:
        assert re.search(r"Fail with .*went wrong$", name), run.output
    failures = [name for name, text in tasks if "fatal:" in text]
    return table.splitlines(), text if failures[-1:] == [name] else ""
