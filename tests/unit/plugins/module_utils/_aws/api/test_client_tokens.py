# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens: the same call has the same one, and no two calls share one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.client_tokens import client_token
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Candidate

from tests.support.builders import FIRST_CANDIDATE, make_config, make_operation, make_record, running

RECORD = make_record()
CALL = {"table": "t", "record": RECORD, "action": "RunInstances", "number": 1, "candidate": FIRST_CANDIDATE}


def test_a_token_is_as_ec2_takes_it():
    """64 ASCII characters are the most that EC2 takes."""
    assert re.fullmatch("[0-9a-f]{64}", client_token(**CALL))


def test_a_token_stays_the_same_from_run_to_run():
    """It is part of the protocol: a changed derivation would launch twice across an upgrade."""
    assert client_token(**CALL) == "293230e180a6428369bac9fcdb8e2e48bd6be1433765f83e2e91507ce8e660e6"


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(running(make_config(tags={"a": "b"})), id="an edited configuration"),
        pytest.param(replace(RECORD, operation=make_operation("resume")), id="another operation"),
    ],
)
def test_a_token_does_not_depend_on(record):
    """A second run replays what the first began, whatever has changed around it."""
    assert client_token(**{**CALL, "record": record}) == client_token(**CALL)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"table": "t2"}, id="table"),
        pytest.param({"record": replace(RECORD, name="db-2")}, id="node"),
        pytest.param({"record": replace(RECORD, id="r2")}, id="node made anew under its old name"),
        pytest.param({"action": "CreateNetworkInterface"}, id="action"),
        pytest.param({"number": 2}, id="generation"),
        pytest.param({"candidate": Candidate(instance_type="t3.small", market="spot")}, id="instance type"),
        pytest.param({"candidate": Candidate(instance_type="t3.micro", market="on_demand")}, id="market"),
        pytest.param({"candidate": Candidate(instance_type=None, market="spot")}, id="launch template's own type"),
        pytest.param({"candidate": None}, id="no candidate"),
    ],
)
def test_a_token_is_another_for_another(change):
    assert client_token(**{**CALL, **change}) != client_token(**CALL)
