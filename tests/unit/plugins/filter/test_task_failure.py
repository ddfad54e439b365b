# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.filter.task_failure import task_failure

TASK = {"name": "Drain"}


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"msg": "non-zero return code", "stderr": "no quorum"}, "Drain: non-zero return code\nno quorum"),
        ({"msg": "not drained", "stderr": ""}, "Drain: not drained"),
        (
            {"msg": "One or more items failed", "results": [{"msg": "fine"}, {"failed": True, "msg": "not drained"}]},
            "Drain: not drained",
        ),
        ({"reason": "Could not find before.yml"}, "Drain: Could not find before.yml"),
        ({}, "Drain: failed, as shown above."),
    ],
)
def test_what_it_said(result, told):
    assert task_failure(result, TASK) == told


@pytest.mark.parametrize(
    ("result", "task"),
    [({}, {"no_log": True}), ({"_ansible_no_log": True}, {}), ({"censored": "the output has been hidden"}, {})],
)
def test_what_is_hidden_stays_hidden(result, task):
    assert "secret" not in task_failure({"msg": "secret", "stderr": "secret", **result}, {**TASK, **task})


def test_nothing_is_known_of_a_file_that_could_not_be_included():
    assert task_failure({}, {}) == "A file of tasks could not be included, as shown above."


def test_it_names_the_nodes_that_the_task_was_about():
    told = task_failure({"msg": "non-zero return code"}, TASK, nodes=["cassandra-1", "cassandra-2"])
    assert told == "cassandra-1, cassandra-2: Drain: non-zero return code"


def test_a_node_is_not_named_twice():
    told = task_failure({"msg": "cassandra-1: not drained"}, TASK, nodes=["cassandra-1"])
    assert told == "Drain: cassandra-1: not drained"


def test_a_message_that_the_task_has_shown_is_not_repeated():
    told = task_failure({"msg": "no quorum"}, TASK, nodes=["cassandra-1"], shown=True)
    assert told == "cassandra-1: The task 'Drain' failed, as shown above."


def test_of_a_hidden_failure_the_end_says_that_it_is_hidden():
    told = task_failure({"msg": "secret"}, {**TASK, "no_log": True}, shown=True)
    assert told == "Drain: failed; what it said is hidden by no_log."
