# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible.parsing.splitter import parse_kv
from ansible_collections.stateful_node.aws.plugins.filter.check_extra_vars import check_extra_vars


@pytest.mark.parametrize("value", ["dev-1,dev-5", ["dev-1", "dev-5"], "all"])
def test_what_is_whole_is_returned(value: object) -> None:
    assert check_extra_vars(value, "") == value


@pytest.mark.parametrize("given", ["dev-1, dev-5", "dev-1 ,dev-5", "dev-1 dev-5"])
def test_what_ansible_has_cut_is_refused_with_the_list_in_quotes(given: str) -> None:
    parsed = parse_kv(f"stateful_nodes={given}")
    with pytest.raises(AnsibleFilterError) as raised:
        check_extra_vars(parsed["stateful_nodes"], parsed["_raw_params"])
    assert f"""-e '{{"stateful_nodes": "{given}"}}'""" in str(raised.value)


def test_a_list_is_not_what_was_cut() -> None:
    """Another variable was."""
    with pytest.raises(AnsibleFilterError, match=r"'drain.yml' belongs to no variable"):
        check_extra_vars(["dev-1"], "drain.yml")


@pytest.mark.parametrize("value", ["", " ", None])
def test_names_that_are_empty_are_refused(value: object) -> None:
    """A shell variable that is not set must not look like a job that is done."""
    with pytest.raises(AnsibleFilterError, match=r"stateful_nodes is empty: name the nodes, .* Nothing was done"):
        check_extra_vars(value, "")


def test_an_empty_list_is_no_node() -> None:
    assert check_extra_vars([], "") == []


def test_a_list_in_json_is_that_list() -> None:
    assert check_extra_vars('["dev-1", "dev-5"]', "") == ["dev-1", "dev-5"]
