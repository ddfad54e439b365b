# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who runs a task, as the lease, the history and CloudTrail name it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.stored_record import _PRINTABLE
from ansible_collections.stateful_node.aws.plugins.module_utils._module.owner import (
    OWNER_VARIABLE,
    owner_of,
    user_agent_of,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context.playbooks import describe_relaunch
from ansible_collections.stateful_node.aws.plugins.plugin_utils.job_owner import owner_in

JOB = {"awx_job_id": 481, "awx_user_name": "alice", "awx_job_template_name": "Stateful nodes: replace"}
BY_ALICE = "job 481 of alice (Stateful nodes: replace)"


def unchanged(value: Any) -> Any:
    return value


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ""),
        (JOB, BY_ALICE),
        ({**JOB, "stateful_node_owner": "nightly of ops"}, "nightly of ops"),
        ({**JOB, "stateful_node_owner": ""}, BY_ALICE),
        ({**JOB, "awx_user_name": "", "awx_schedule_name": "evening"}, BY_ALICE.replace("alice", "schedule evening")),
        ({"awx_job_id": 481}, "job 481"),
    ],
)
def test_the_owner_is_what_was_given_or_the_job(variables: dict[str, Any], expected: str) -> None:
    assert owner_in(variables, unchanged) == expected


def test_the_process_stands_beside_the_job() -> None:
    assert owner_of({OWNER_VARIABLE: BY_ALICE}, 12).startswith(f"{BY_ALICE}, ")
    assert owner_of({OWNER_VARIABLE: BY_ALICE}, 12).endswith("/12")
    assert owner_of({}, 12).count(",") == 0


@pytest.mark.parametrize("given", ["a\nb\x1b[31m", "x" * 1000])
def test_what_cannot_be_stored_is_left_out(given: str) -> None:
    assert _PRINTABLE.fullmatch(owner_of({OWNER_VARIABLE: given}, 12))


def test_the_user_agent_names_the_job() -> None:
    agent = user_agent_of({OWNER_VARIABLE: BY_ALICE})
    assert agent == "stateful-node-owner/job-481-of-alice-Stateful-nodes-replace"
    assert user_agent_of({}) == ""


def test_a_job_is_told_how_it_takes_over() -> None:
    assert "Take over: true" in describe_relaunch(f"{BY_ALICE}, runner@host/12")
    assert describe_relaunch("root@host/12") == ""
