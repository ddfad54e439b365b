# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that was called in this process leaves it as it was."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible import release
from ansible.module_utils import basic
from ansible.module_utils.compat.version import LooseVersion
from ansible_collections.stateful_node.aws.plugins.plugin_utils import in_process
from ansible_collections.stateful_node.aws.plugins.plugin_utils.in_process import call_module

NOBODY = {"name": [], "region": "us-east-1", "_ansible_no_log": True}
"""Arguments with which stateful_node_info has nothing to ask for."""


def state_of_the_process() -> tuple[Any, ...]:
    logger = logging.getLogger("botocore.endpoint")
    arguments = (basic._ANSIBLE_ARGS, getattr(basic, "_ANSIBLE_PROFILE", None))
    return Path.cwd(), sys.stdout, sys.stderr, logger.level, tuple(logger.handlers), arguments, dict(os.environ)


@pytest.mark.parametrize("more", [{}, {"debug_botocore_endpoint_logs": True}, {"no_such_option": 1}])
def test_the_process_is_as_before(tmp_path: Path, more: dict[str, Any]) -> None:
    before = state_of_the_process()
    printed = call_module("stateful_node_info", {**NOBODY, **more}, str(tmp_path))
    assert state_of_the_process() == before
    assert bool(json.loads(printed.stdout).get("failed")) == ("no_such_option" in more)


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ValueError])
def test_what_ends_the_run_goes_through(monkeypatch: Any, tmp_path: Path, raised: type[BaseException]) -> None:
    def interrupted(_name: str, _handle: object, _listener: object, _playbook_pid: int) -> None:
        raise raised

    before = state_of_the_process()
    monkeypatch.setattr(in_process, "run_module", interrupted)
    with pytest.raises(raised):
        call_module("stateful_node_info", NOBODY, str(tmp_path))
    assert state_of_the_process() == before


def test_the_arguments_of_one_call_are_not_the_nexts(tmp_path: Path) -> None:
    # From ansible-core 2.21 on a result holds the arguments only when asked to; before, the question is unknown.
    shown = {"_ansible_inject_invocation": True} if LooseVersion(release.__version__) >= LooseVersion("2.21") else {}
    tables = [
        json.loads(call_module("stateful_node_info", {**NOBODY, **shown, "table_name": table}, str(tmp_path)).stdout)
        for table in ("one", "two")
    ]
    assert [result["invocation"]["module_args"]["table_name"] for result in tables] == ["one", "two"]
