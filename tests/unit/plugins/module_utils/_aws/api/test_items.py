# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items: what is written comes back in the types it was written in."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.items import from_item, to_attribute, to_item
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import PATIENT

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
# A whole float comes back as an int, which compares equal; JSON and Python make no difference between them either.
NUMBERS = st.integers(-(10**30), 10**30) | st.floats(-(10**9), 10**9).map(lambda number: round(number, 9))
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=10,
)


@PATIENT
@given(st.dictionaries(WORDS.filter(bool), PLAIN, max_size=4))
def test_plain_data_comes_back_as_it_was(value):
    back = from_item(to_item(value))
    assert back == value
    assert _types(back) == _types(value)


def _types(value):
    if isinstance(value, dict):
        return {key: _types(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_types(item) for item in value]
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("a", {"S": "a"}),
        ("", {"S": ""}),
        (3, {"N": "3"}),
        (0.1, {"N": "0.1"}),
        (True, {"BOOL": True}),
        (None, {"NULL": True}),
        ((1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        ([], {"L": []}),
        ({"a": {"b": 1.5}}, {"M": {"a": {"M": {"b": {"N": "1.5"}}}}}),
    ],
)
def test_attributes(value, attribute):
    """An empty list stays a list: a set could not be empty."""
    assert to_attribute(value) == attribute


@pytest.mark.parametrize(("number", "expected"), [("3", "3"), ("1.50", "1.5"), ("1E+3", "1000"), ("-0.001", "-0.001")])
def test_numbers_come_back_as_int_where_they_are_whole(number, expected):
    """DynamoDB gives decimals, which JSON does not know."""
    assert repr(from_item({"n": {"N": number}})["n"]) == expected
