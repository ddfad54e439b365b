# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that a result tells lead to the same region and profile as the call that returned it."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._module.commands import completed, options_to_reach_aws

RESUME = "ansible-playbook stateful_node.aws.resume"


@pytest.mark.parametrize(
    ("params", "environment", "options"),
    [
        ({}, {}, ""),
        ({"region": None, "profile": None}, {"AWS_REGION": "us-east-1"}, ""),
        ({"region": "us-east-1"}, {}, " -e stateful_node_region=us-east-1"),
        ({"region": "us-east-1"}, {"AWS_REGION": "us-east-1"}, ""),
        ({"region": "us-east-1"}, {"AWS_DEFAULT_REGION": "us-east-1"}, ""),
        (
            {"region": "us-east-1"},
            {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"},
            " -e stateful_node_region=us-east-1",
        ),
        ({"profile": "dev"}, {"AWS_PROFILE": "prod"}, " -e stateful_node_profile=dev"),
        (
            {"region": "us-east-1", "profile": "dev"},
            {},
            " -e stateful_node_region=us-east-1 -e stateful_node_profile=dev",
        ),
    ],
)
def test_what_the_environment_says_is_left_out(params, environment, options):
    """The first of its variables decides."""
    assert options_to_reach_aws(params, environment) == options


def test_every_command_at_any_depth_is_completed():
    """Also those within sentences, and more than one."""
    value = {"nodes": [{"drift": ({"message": f"Do {RESUME} -e stateful_nodes=a, or {RESUME}."},), "generation": 3}]}
    message = f"Do {RESUME} -e x=y -e stateful_nodes=a, or {RESUME} -e x=y."
    assert completed(value, " -e x=y") == {"nodes": [{"drift": [{"message": message}], "generation": 3}]}


def test_without_options_the_result_is_as_it_was():
    """The same object: a thousand nodes are not gone through."""
    value = {"next_command": RESUME}
    assert completed(value, "") is value
