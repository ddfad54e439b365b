# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: offer_nodes
short_description: An AWX survey that offers the nodes
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns the survey with V(all) and the names of the nodes as the choices of each question for C(stateful_nodes) that
    has choices. A default that is no choice any more is dropped. All else stays as it is, and so does V({}), no survey.
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


def offer_nodes(survey: dict[str, Any], nodes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if "spec" not in survey:
        return survey
    choices = ["all", *sorted(node["name"] for node in nodes)]
    return {**survey, "spec": [_question(question, choices) for question in survey["spec"]]}


def _question(question: dict[str, Any], choices: list[str]) -> dict[str, Any]:
    if question["variable"] != "stateful_nodes" or question["type"] not in WITH_CHOICES:
        return question
    offered = {**question, "choices": choices}
    if "default" in question:
        offered["default"] = "\n".join(name for name in _lines(question["default"]) if name in choices)
    return offered


def _lines(default: str | list[str] | None) -> list[str]:
    return default.splitlines() if isinstance(default, str) else default or []


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"offer_nodes": offer_nodes}
