# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a node as one dictionary."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._module.arguments import module_arguments
from ansible_collections.stateful_node.aws.plugins.plugin_utils.config_argument import options_of_a_node, with_config

ADOPT = "stateful_node_adopt"
OF_THE_ADOPTION = {
    "name",
    "table_name",
    "config",
    "instance_id",
    "network_interface_id",
    "accept_root_volume_loss",
    "take_over",
    "wait_timeout",
}


def test_its_options_take_their_places():
    given = with_config(ADOPT, {"name": "a", "config": {"subnet_id": "subnet-1", "launch": {"key_name": "k"}}})
    assert given == {"name": "a", "subnet_id": "subnet-1", "launch": {"key_name": "k"}}


def test_an_option_that_is_given_by_itself_takes_precedence():
    given = with_config(ADOPT, {"config": {"handover": "prelaunch"}, "handover": "terminate"})
    assert given == {"handover": "terminate"}


def test_it_may_be_json():
    assert with_config(ADOPT, {"config": '{"handover": "prelaunch"}'}) == {"handover": "prelaunch"}


@pytest.mark.parametrize("nothing", [{}, "", None])
def test_it_may_be_empty(nothing):
    assert with_config(ADOPT, {"name": "a", "config": nothing}) == {"name": "a"}


def test_it_takes_every_option_of_a_node():
    """And no other: what to adopt is said by itself."""
    arguments = module_arguments(ADOPT)["argument_spec"]
    names = {name for name in arguments if name not in OF_THE_ADOPTION}
    aliases = {alias for name in names for alias in arguments[name].get("aliases", ())}
    assert set(options_of_a_node()) == names | aliases


def test_another_key_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"'subnet' is not an option that describes a node. Did you mean subnet_id\?"):
        with_config(ADOPT, {"config": {"subnet": "hunter2"}})


@pytest.mark.parametrize("config", ["hunter2", {"instance_id": "hunter2"}, {"hunter2 x": 1}, ["hunter2"]])
def test_a_refusal_shows_no_value(config):
    with pytest.raises(ValueError, match="config") as error:
        with_config(ADOPT, {"config": config})
    assert "hunter2" not in str(error.value)


def test_other_modules_do_not_take_it():
    assert with_config("stateful_node_info", {"config": {"handover": "x"}}) == {"config": {"handover": "x"}}
