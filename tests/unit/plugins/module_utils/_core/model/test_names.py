# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names: what the option accepts, and what it makes of it."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.names import check_name, parse_names
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import PATIENT

FIRST = "abcXYZ019"
NAMES = st.builds(
    str.__add__, st.sampled_from(FIRST), st.text(FIRST + "._-", max_size=62)
).filter(lambda name: name != "all")  # fmt: skip
FLEETS = st.lists(NAMES, unique=True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([], (), id="none is none"),
        pytest.param(["a", "b"], ("a", "b"), id="in the order given"),
        pytest.param(["b,a"], ("b", "a"), id="commas split"),
        pytest.param(["a\nb\r\nc"], ("a", "b", "c"), id="lines split"),
        pytest.param([" a , b "], ("a", "b"), id="stripped"),
        pytest.param([""], (), id="an empty text is an empty list"),
        pytest.param(["a,\nb\n\n"], ("a", "b"), id="blank lines dropped, and a comma at the end of a line"),
        pytest.param(["all"], ("all",), id="all alone"),
        pytest.param([" all\n"], ("all",), id="all alone, stripped"),
        pytest.param([12], ("12",), id="YAML may give a number"),
        pytest.param(['["b", "a"]'], ("b", "a"), id="a list in JSON"),
        pytest.param(['["b"', ' "a"]'], ("b", "a"), id="a list in JSON that Ansible has split at its commas"),
        pytest.param(["[]"], (), id="an empty list in JSON"),
        pytest.param(["All", "ALL"], ("All", "ALL"), id="case counts"),
    ],
)
def test_parsed(values, expected):
    assert parse_names(values) == expected


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        (["all", "a"], "InvalidName", "stands alone"),
        (["all,all"], "InvalidName", "stands alone"),
        (["a", "b,a", "b"], "DuplicateName", "a, b"),
        (["a b"], "InvalidName", "'a b'"),
        (["ok,-no"], "InvalidName", "'-no'"),
        ([".a"], "InvalidName", "'.a'"),
        (["ä"], "InvalidName", "'ä'"),
        (["a" * 64], "InvalidName", "a" * 64),
        (["a,"], "IncompleteList", r"name: something is missing after the last comma of 'a,'. .* \"a, NEXT\""),
        (["a", ""], "IncompleteList", "after the last comma of 'a,'"),
        (["a,\n"], "IncompleteList", "after the last comma"),
        ([",a"], "IncompleteList", "before the first comma of ',a'"),
        (["a,,b"], "IncompleteList", "between two commas of 'a,,b'"),
        ([","], "IncompleteList", r"\"FIRST, NEXT\""),
    ],
)
def test_refused(values, code, words):
    with pytest.raises(NodeError, match=words) as raised:
        parse_names(values)
    assert raised.value.failure.code == code


@pytest.mark.parametrize("name", ["a", "0", "a" * 63, "a.b_c-D", "allx"])
def test_a_valid_name(name):
    check_name(name)


@pytest.mark.parametrize("name", ["", "all", "a\n", " a", "a/b", "_a", "a" * 64])
def test_an_invalid_name(name):
    """Nothing is stripped here: it would not be the name that was asked for."""
    with pytest.raises(NodeError, match="is not a valid node name"):
        check_name(name)


def test_an_error_names_the_option_and_the_variable_to_quote():
    """Both are the user's words."""
    with pytest.raises(NodeError, match=r"delete_confirm: .* -e '{\"delete_confirm\": \"a, NEXT\"}'$"):
        parse_names(["a,"], "delete_confirm")
    with pytest.raises(NodeError, match=r"name: .* -e '{\"stateful_nodes\": \"a, NEXT\"}'$"):
        parse_names(["a,"])


def test_all_names_that_are_not_valid_are_told_at_once():
    with pytest.raises(NodeError) as raised:
        parse_names(["_a", "ok", "b c"])
    assert [line.split(" is ")[0] for line in str(raised.value).splitlines()] == ["name: '_a'", "name: 'b c'"]


@PATIENT
@given(FLEETS, st.sampled_from([",", "\n", " , ", ",\n"]))
def test_a_list_and_a_joined_string_mean_the_same(names, separator):
    assert parse_names([separator.join(names)]) == parse_names(names) == tuple(names)


@PATIENT
@given(FLEETS)
def test_what_was_parsed_parses_to_itself(names):
    parsed = parse_names(names)
    assert parse_names(parsed) == parsed


@PATIENT
@given(FLEETS.filter(bool), st.data())
def test_a_name_given_twice_is_refused_wherever_it_stands(names, data):
    """It would be worked on twice at the same time."""
    repeated = data.draw(st.permutations([*names, names[0]]))
    with pytest.raises(NodeError, match="more than once"):
        parse_names(repeated)
