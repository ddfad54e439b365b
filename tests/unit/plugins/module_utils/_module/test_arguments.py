# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of the modules."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.arguments import (
    check_arguments,
    module_arguments,
)

CONFIG = module_arguments("stateful_node_config")["argument_spec"]


def validated(spec, **given):
    result = ArgumentSpecValidator(spec).validate(given)
    assert not result.error_messages, result.error_messages
    return result.validated_parameters


def defaults(spec):
    for option, description in spec.items():
        if "default" in description:
            yield option
        yield from (f"{option}.{inner}" for inner in defaults(description.get("options", {})))


def test_what_is_stored_has_no_default():
    """Else an option left out would not keep its stored value."""
    assert set(defaults(CONFIG)) == {"table_name", "state", "purge_tags", "allow_address_change"}


def test_the_table_can_come_from_the_environment(monkeypatch):
    """An option given wins over it."""
    assert validated(CONFIG, name="db-1")["table_name"] == "stateful-nodes"
    monkeypatch.setenv("STATEFUL_NODE_TABLE", "mine")
    assert validated(CONFIG, name="db-1")["table_name"] == "mine"
    assert validated(CONFIG, name="db-1", table_name="given")["table_name"] == "given"


def test_user_data_is_not_logged():
    """It may hold secrets."""
    result = ArgumentSpecValidator(CONFIG).validate({"name": "db-1", "launch": {"user_data": "hunter2"}})
    assert result._no_log_values == {"hunter2"}


def test_values_of_extra_vars_are_converted():
    """Extra vars are all strings."""
    given = {"persist_private_ip": "false", "ipv6_address_count": "2", "security_groups": "web,ssh"}
    params = validated(CONFIG, name="db-1", launch={"fallback_to_on_demand": "no", "spot_max_price": 0.05}, **given)
    assert params["persist_private_ip"] is False
    assert params["ipv6_address_count"] == 2
    assert params["security_groups"] == ["web", "ssh"]
    assert params["launch"]["fallback_to_on_demand"] is False
    assert params["launch"]["spot_max_price"] == "0.05"


@pytest.mark.parametrize("params", [{}, {"lease_seconds": 60}, {"lease_seconds": None, "wait_timeout": 1}])
def test_seconds_are_accepted(params):
    """The least ones, and none."""
    check_arguments(params)


@pytest.mark.parametrize(("option", "seconds", "least"), [("lease_seconds", 59, 60), ("wait_timeout", 0, 1)])
def test_too_few_seconds_are_refused(option, seconds, least):
    """The error names the option, its value and what to give."""
    with pytest.raises(NodeError, match=rf"{option} '{seconds}' is too short. Give {least} seconds? or more"):
        check_arguments({option: seconds})
