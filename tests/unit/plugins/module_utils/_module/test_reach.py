# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that a result suggests lead to the same region, profile and table as the call that returned it."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._module.reach import reach_of


@pytest.mark.parametrize(
    ("params", "environment", "expected"),
    [
        ({}, {}, Reach()),
        ({"region": None, "profile": None}, {"AWS_REGION": "us-east-1"}, Reach()),
        ({"region": "us-east-1"}, {}, Reach(region="us-east-1")),
        ({"region": "us-east-1"}, {"AWS_REGION": "us-east-1"}, Reach()),
        ({"region": "us-east-1"}, {"AWS_DEFAULT_REGION": "us-east-1"}, Reach()),
        (
            {"region": "us-east-1"},
            {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"},
            Reach(region="us-east-1"),
        ),
        ({"profile": "dev"}, {"AWS_PROFILE": "prod"}, Reach(profile="dev")),
        ({"region": "us-east-1", "profile": "dev"}, {}, Reach(region="us-east-1", profile="dev")),
    ],
)
def test_what_the_environment_says_is_left_out(params, environment, expected):
    """The first of its variables decides."""
    assert reach_of({"table_name": "stateful-nodes", **params}, environment) == expected


def test_the_table_is_always_known():
    assert reach_of({"table_name": "mine"}, {}) == Reach(table="mine")
