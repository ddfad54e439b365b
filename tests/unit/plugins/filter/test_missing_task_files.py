# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of the user's tasks are looked for before anything begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.stateful_node.aws.plugins.filter.missing_task_files import missing_task_files


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A playbook's directory with a file of tasks in a directory of its own."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "drain.yml").write_text("[]\n")
    return tmp_path


@pytest.mark.parametrize("path", ["drain.yml", "../tasks/drain.yml", "{directory}/tasks/drain.yml", "", None])
@pytest.mark.parametrize("tasks", ["tasks", "{directory}/tasks"])
def test_a_file_that_exists_or_is_not_wanted_is_not_missing(directory: Path, path: str | None, tasks: str) -> None:
    given = path and path.format(directory=directory)
    assert missing_task_files({"before": given}, str(directory), tasks.format(directory=directory)) == []


def test_a_file_in_the_home_directory_is_found(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(directory))
    assert missing_task_files({"before": "~/tasks/drain.yml"}, "/play", "/play") == []


def test_all_that_are_missing_are_named_with_where_they_were_looked_for(directory: Path) -> None:
    paths = {"replace_before": "drian.yml", "replace_after": "/nowhere/check.yml"}
    assert missing_task_files(paths, str(directory), str(directory)) == [
        f"replace_before: there is no file 'drian.yml' ({directory}/drian.yml). Nothing has begun.",
        "replace_after: there is no file '/nowhere/check.yml'. Nothing has begun.",
    ]


def test_a_directory_is_no_file(directory: Path) -> None:
    assert len(missing_task_files({"before": "tasks"}, str(directory), str(directory))) == 1
