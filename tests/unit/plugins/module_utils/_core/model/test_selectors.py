# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Selectors: what is one, and which nodes it stands for."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.selectors import (
    has_selectors,
    list_spelled_out,
    parse_selection,
    resolve,
)

KNOWN: Mapping[str, Mapping[str, str]] = {
    "cassandra-1": {"schedule": "always", "team": "data base"},
    "cassandra-2": {"schedule": "always"},
    "dev-1": {"schedule": "office-hours"},
    "dev-10": {"schedule": "office-hours", "note": "[x]"},
    "web": {},
}


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        pytest.param(["cassandra-*"], ["cassandra-1", "cassandra-2"], id="any characters"),
        pytest.param(["dev-?"], ["dev-1"], id="one character"),
        pytest.param(["*-[12]"], ["cassandra-1", "cassandra-2", "dev-1"], id="one of several"),
        pytest.param(["*-[!2]"], ["cassandra-1", "dev-1"], id="none of several"),
        pytest.param(["*"], list(KNOWN), id="everything"),
        pytest.param(["tag:schedule=always"], ["cassandra-1", "cassandra-2"], id="a tag"),
        pytest.param(["tag:schedule=*"], ["cassandra-1", "cassandra-2", "dev-1", "dev-10"], id="a tag of any value"),
        pytest.param(["tag:team=data base"], ["cassandra-1"], id="a value with a space"),
        pytest.param(["tag:note=[x]"], ["dev-10"], id="brackets are no pattern in a value"),
        pytest.param(["web,tag:schedule=always"], ["web", "cassandra-1", "cassandra-2"], id="in the order given"),
        pytest.param(["dev-1", "dev-*"], ["dev-1", "dev-10"], id="each node once"),
        pytest.param(["nope", "dev-1*"], ["nope", "dev-1", "dev-10"], id="a name that no node has is kept"),
    ],
)
def test_what_is_selected(elements: list[str], expected: list[str]) -> None:
    assert resolve(parse_selection(elements), KNOWN, "stateful-nodes") == tuple(expected)


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        (["Dev-*"], "name: 'Dev-*' matches no node of table staging."),
        (
            ["tag:schedule=office"],
            "matches no node of table staging. The tag schedule has the values always, office-hours.",
        ),
        (["tag:shedule=always"], "No node has a tag shedule. Did you mean the tag schedule?"),
        (["tag:x=always"], "No node has a tag x."),
    ],
)
def test_one_that_matches_nothing_is_named_with_what_there_is(elements: list[str], words: str) -> None:
    with pytest.raises(NodeError) as raised:
        resolve(parse_selection(elements), KNOWN, "staging")
    assert words in str(raised.value)
    assert raised.value.failure.code == "NoMatch"


def test_all_that_match_nothing_are_named_at_once() -> None:
    with pytest.raises(NodeError) as raised:
        resolve(parse_selection(["x*,dev-1,y*"]), KNOWN, "staging")
    assert [line.split("'")[1] for line in str(raised.value).splitlines()] == ["x*", "y*"]


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        (["tag:office"], "name: 'tag:office' is not a valid selector. Write tag:KEY=VALUE."),
        (["tag:=office"], "Write tag:KEY=VALUE."),
        (["dev *"], "name: 'dev *' can match no name of a node."),
        (["tags:schedule=office"], "name: 'tags:schedule=office' is not a valid node name"),
        (["all", "dev-*"], "'all' means every node and stands alone, not in all, dev-*."),
        (["dev-*", "dev-*"], "given more than once: dev-*."),
        (["dev-*,"], "after the last comma"),
    ],
)
def test_what_is_not_valid(elements: list[str], words: str) -> None:
    with pytest.raises(NodeError) as raised:
        parse_selection(elements)
    assert words in str(raised.value)


def test_names_and_selectors_are_told_apart() -> None:
    assert list_spelled_out(["a", "b*", "tag:c=d", "all"]) == ["a"]
    assert has_selectors(["a", "b?"])
    assert not has_selectors(["all"])
    assert not has_selectors(["a", "b"])
