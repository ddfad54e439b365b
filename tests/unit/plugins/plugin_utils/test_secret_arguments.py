# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User data that stands in the wrong place is refused, and not shown."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.plugin_utils.secret_arguments import refusal_of

SECRET = "hunter2-correct-horse"
USER_DATA = f"#!/bin/sh\nexport PASSWORD={SECRET}\n"
WITH_LAUNCH = ("stateful_node_config", "stateful_node_adopt", "stateful_node_rebuild")

MISPLACED = (
    {"user_data": USER_DATA},
    {"userdata": USER_DATA},
    {"launch": {"user_dat": USER_DATA}},
    {"launch": {"userdata": USER_DATA}},
    {"launch": {"user-data": USER_DATA}},
    {"launch": {"UserData": USER_DATA}},
    {"launch": {"metadata_options": {"user_data": USER_DATA}}},
    {"launch": {"block_device_mappings": [{"ebs": {"user_data": USER_DATA}}]}},
    {"launch": f"user_dat='{SECRET}'"},
    {"launch": f'{{"user_dat": "{SECRET}"}}'},
)


@pytest.mark.parametrize("module", WITH_LAUNCH)
@pytest.mark.parametrize("arguments", MISPLACED, ids=str)
def test_what_is_not_an_option_is_named_with_the_one_that_was_meant(module: str, arguments: dict[str, Any]) -> None:
    refusal = refusal_of(module, {"name": "a", "region": "us-east-1", **arguments})
    assert f"is not an option of {module}. Did you mean launch.user_data?" in refusal
    assert SECRET not in refusal


def test_the_name_of_what_is_not_an_option_is_its_whole_path() -> None:
    refusal = refusal_of("stateful_node_config", {"launch": {"metadata_options": {"http_token": "required"}}})
    assert refusal.startswith("launch.metadata_options.http_token is not an option of stateful_node_config.")
    assert "Did you mean launch.metadata_options.http_tokens?" in refusal


@pytest.mark.parametrize("module", ["stateful_node_info", "stateful_node_operation", "stateful_node_eni"])
def test_modules_without_launch_refuse_it_unseen_too(module: str) -> None:
    refusal = refusal_of(module, {"name": ["a"], "user_data": USER_DATA, "usr": SECRET})
    assert refusal.startswith(f"user_data, usr are not options of {module}.")
    assert SECRET not in refusal


@pytest.mark.parametrize(
    "launch", [SECRET, [SECRET], f"{{'user_data': '{SECRET}', ", f"image_id=ami-1 {SECRET}"], ids=str
)
def test_a_launch_that_cannot_be_read_is_not_shown(launch: Any) -> None:
    refusal = refusal_of("stateful_node_config", {"launch": launch})
    assert refusal.startswith("launch is neither a dictionary nor the text of one")
    assert SECRET not in refusal


@pytest.mark.parametrize("key", [f"{SECRET}\n", f"echo {SECRET}", "x" * 100, "\ud800"], ids=ascii)
def test_a_key_that_cannot_be_an_option_is_not_shown(key: str) -> None:
    refusal = refusal_of("stateful_node_config", {"launch": {key: "x"}})
    assert refusal.startswith("(not shown) is not an option of stateful_node_config.")
    assert key not in refusal


@pytest.mark.parametrize("user_data", [{"packages": [SECRET]}, [SECRET]], ids=str)
def test_user_data_that_is_not_a_text_is_not_shown(user_data: Any) -> None:
    # A module makes a text of it, and Ansible warns with both.
    refusal = refusal_of("stateful_node_config", {"launch": {"user_data": user_data}})
    assert refusal.startswith("launch.user_data is not a text.")
    assert SECRET not in refusal


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"launch": None},
        {"launch": {"user_data": USER_DATA, "metadata_options": {"http_tokens": "required"}}},
        {"launch": {"block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {"volume_size": 8}}]}},
        {"launch": "image_id=ami-1 user_data=x"},
        {"resource_tags": {"user_data": "a tag of that name"}, "aws_region": "us-east-1", "aws_profile": "x"},
    ],
    ids=str,
)
def test_what_a_module_takes_is_not_refused(arguments: dict[str, Any]) -> None:
    assert refusal_of("stateful_node_config", arguments) == ""


@pytest.mark.parametrize("option", ["user_data", "user_data_base64"])
@pytest.mark.parametrize("given", [{"ignition": {"config": SECRET}}, [SECRET]], ids=["a dictionary", "a list"])
def test_what_is_not_a_text_is_refused_with_the_way_to_give_json(option: str, given: Any) -> None:
    """Before ansible-core 2.19 a template whose text is JSON comes as a dictionary."""
    refusal = refusal_of("stateful_node_config", {"name": "a", "launch": {option: given}})
    assert refusal.startswith(f"launch.{option} is not a text.")
    assert "launch.user_data_base64: \"{{ lookup('ansible.builtin.file', PATH) | b64encode }}\"" in refusal
    assert SECRET not in refusal
