# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a task runs in the controller's process, and when as a module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.plugin_utils.execution_mode import AUTO, Circumstances, why_as_module

CONTROLLER = "/venv/bin/python3.11"


def why(**circumstances: Any) -> str | None:
    usual = {
        "environment": {},
        "connection": "local",
        "interpreter": CONTROLLER,
        "controller_interpreter": CONTROLLER,
    }
    return why_as_module(Circumstances(**{**usual, **circumstances}))


def test_a_task_on_the_controller_runs_in_its_process() -> None:
    assert why() is None


@pytest.mark.parametrize(
    ("circumstance", "words"),
    [
        ({"wanted": False}, "stateful_node_in_process is false"),
        ({"missing": "No module named 'boto3'"}, "the controller cannot load it: No module named 'boto3'"),
        ({"async_seconds": 1}, "asynchronous"),
        ({"environment": {"AWS_REGION": "eu-central-1"}}, "environment"),
        ({"environment": {"AWS_REGION": ""}}, "environment"),
        ({"connection": "ssh"}, "its connection is ssh"),
        ({"become": True}, "another user"),
        ({"interpreter": "/usr/bin/python3.11"}, "its interpreter is /usr/bin/python3.11"),
        ({"interpreter": "/usr/bin/env python3"}, "its interpreter is /usr/bin/env python3"),
    ],
)
def test_each_of_these_makes_it_a_module(circumstance: dict[str, Any], words: str) -> None:
    reason = why(**circumstance)
    assert reason is not None
    assert words in reason


@pytest.mark.parametrize("interpreter", AUTO)
def test_an_interpreter_that_is_not_set_is_the_controllers(interpreter: str) -> None:
    assert why(interpreter=interpreter) is None


def test_names_of_one_interpreter_in_one_directory_are_the_same(tmp_path: Path) -> None:
    system = make_interpreter(tmp_path / "usr", link_to=None)
    controller = make_interpreter(tmp_path / "venv", link_to=system)
    (tmp_path / "venv/python3").symlink_to("python")
    (tmp_path / "link").symlink_to("venv")
    for name in ("venv/python", "venv/python3", "link/python3", "usr/../venv/python3"):
        assert why(interpreter=str(tmp_path / name), controller_interpreter=str(controller)) is None


def test_a_virtual_environments_python_is_not_the_systems(tmp_path: Path) -> None:
    system = make_interpreter(tmp_path / "usr", link_to=None)
    one, other = (make_interpreter(tmp_path / name, link_to=system) for name in ("one", "other"))
    for interpreter in (system, other):
        assert why(interpreter=str(interpreter), controller_interpreter=str(one)) is not None


def make_interpreter(directory: Path, *, link_to: Path | None) -> Path:
    directory.mkdir()
    path = directory / "python"
    if link_to:
        path.symlink_to(link_to)
    else:
        path.touch()
    return path
