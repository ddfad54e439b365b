# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.filter.offer_nodes import offer_nodes

NODES = [{"name": "b"}, {"name": "a"}]
NAMES = {"variable": "stateful_nodes", "type": "multiselect", "choices": ["all", "gone"], "required": True}
OTHER = {"variable": "resume_wait_for", "type": "multiplechoice", "choices": ["running"], "default": "running"}


def test_the_choices_are_the_nodes_and_all_else_stays():
    survey = {"name": "n", "description": "d", "spec": [NAMES, OTHER]}
    assert offer_nodes(survey, NODES) == {**survey, "spec": [{**NAMES, "choices": ["all", "a", "b"]}, OTHER]}


def test_no_survey_stays_none():
    assert offer_nodes({}, NODES) == {}


def test_the_name_of_a_new_node_has_no_choices():
    survey = {"spec": [{**NAMES, "type": "text"}]}
    assert offer_nodes(survey, NODES) == survey


def test_the_help_of_a_text_lists_the_nodes_in_place_of_those_of_before():
    text = {"variable": "stateful_nodes", "type": "textarea", "question_description": "Names.", "required": True}
    once = offer_nodes({"spec": [text]}, NODES)
    assert once["spec"] == [{**text, "question_description": "Names. Nodes of the table: a, b"}]
    assert offer_nodes(once, [])["spec"] == [{**text, "question_description": "Names. Nodes of the table: none"}]


def test_a_long_list_is_cut():
    text = {"variable": "stateful_nodes", "type": "textarea", "question_description": "", "required": True}
    (question,) = offer_nodes({"spec": [text]}, [{"name": f"n{number:03}"} for number in range(500)])["spec"]
    assert question["question_description"].endswith("n049 and 450 more")


@pytest.mark.parametrize(
    ("default", "left"), [("gone", ""), ("a\ngone", "a"), (["b", "gone"], "b"), ("", ""), (None, "")]
)
def test_a_default_that_is_no_choice_any_more_is_dropped(default, left):
    """AWX refuses a survey with one."""
    (question,) = offer_nodes({"spec": [{**NAMES, "default": default}]}, NODES)["spec"]
    assert question["default"] == left
