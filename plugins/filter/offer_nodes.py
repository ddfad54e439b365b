# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: offer_nodes
short_description: An AWX survey that lists the nodes
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns the survey with the names of the nodes in the help of each question for C(stateful_nodes) that takes lines
    of text, in place of those of an earlier call. The first 50 are listed, and how many more there are.
  - A question for C(stateful_nodes) that has choices gets V(all) and the names as its choices. A default that is no
    choice any more is dropped.
  - All else stays as it is, and so does V({}), no survey.
options:
  _input:
    description: A survey, as AWX's API returns and takes it.
    type: dict
    required: true
  nodes:
    description: Nodes, as every module of the collection returns them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Offer the nodes in a job template
  awx.awx.job_template:
    name: "Stateful nodes: resume"
    survey_spec: "{{ survey | stateful_node.aws.offer_nodes(all_nodes.nodes) }}"
"""

RETURN = r"""
_value:
  description: The survey with its new choices.
  type: dict
"""

from collections.abc import Sequence
from typing import Any

WITH_CHOICES = ("multiplechoice", "multiselect")
LISTED = " Nodes of the table: "
"""What the list begins with, by which the next call finds it."""

MOST_LISTED = 50


def offer_nodes(survey: dict[str, Any], nodes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if "spec" not in survey:
        return survey
    names = sorted(node["name"] for node in nodes)
    return {**survey, "spec": [_question(question, names) for question in survey["spec"]]}


def _question(question: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    if question["variable"] != "stateful_nodes":
        return question
    if question["type"] == "textarea":
        return _with_list(question, names)
    return _with_choices(question, names) if question["type"] in WITH_CHOICES else question


def _with_list(question: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    description = question["question_description"].partition(LISTED)[0]
    listed = ", ".join(names[:MOST_LISTED]) or "none"
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return {**question, "question_description": f"{description}{LISTED}{listed}{more}"}


def _with_choices(question: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    choices = ["all", *names]
    offered = {**question, "choices": choices}
    if "default" in question:
        offered["default"] = "\n".join(name for name in _lines(question["default"]) if name in choices)
    return offered


def _lines(default: str | list[str] | None) -> list[str]:
    return default.splitlines() if isinstance(default, str) else default or []


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"offer_nodes": offer_nodes}
