# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration in extensions/awx, with the defaults of its variables."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import yaml
from jinja2.nativetypes import NativeEnvironment

CHECKOUT = Path(__file__).resolve().parents[2]
AWX = CHECKOUT / "extensions/awx"
NODES = "stateful_nodes"
TEXTS = ("text", "textarea", "password")


class _Raw(str):
    """A text that is a template only later, `!unsafe` in YAML."""

    __slots__ = ()


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor("!unsafe", lambda loader, node: _Raw(loader.construct_scalar(node)))


@functools.cache
def _read(**given: Any) -> str:
    variables: dict[str, Any] = {}
    for path in sorted(AWX.glob("controller/*.yml")):
        read = yaml.load(path.read_text(), _Loader)
        assert not read.keys() & variables.keys()
        variables |= read
    own = {name: _templated(value, given) for name, value in variables.items() if name.startswith("stateful_node_")}
    known = {**own, **given}
    loaded = {name: value for name, value in variables.items() if name.startswith("controller_")}
    return json.dumps(_templated(loaded, known))


def configuration(**given: Any) -> dict[str, list[dict[str, Any]]]:
    """Read the configuration's variables, a copy for each caller, with the defaults of those that are not given."""
    variables: dict[str, list[dict[str, Any]]] = json.loads(_read(**given))
    return variables


def templates() -> dict[str, dict[str, Any]]:
    """Give the job templates by the stems of their playbooks' names."""
    return {Path(item["playbook"]).stem: item for item in configuration()["controller_templates"]}


def questions(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the questions of a template's survey."""
    spec: list[dict[str, Any]] = item.get("survey_spec", {}).get("spec", [])
    return spec


def answers(item: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Give the extra vars of a job: the survey's defaults and the answers, each of which has to be possible.

    An optional text that is left blank is sent as an empty one, as AWX does.
    """
    asked = {question["variable"]: question for question in questions(item)}
    assert given.keys() <= asked.keys()
    assert {name for name, question in asked.items() if question["required"]} <= given.keys()
    defaults = {name: question["default"] for name, question in asked.items() if "default" in question}
    blank = {name: "" for name, question in asked.items() if question["type"] in TEXTS and not question["required"]}
    merged = {**blank, **defaults, **given}
    for name, value in merged.items():
        choices = asked[name].get("choices")
        assert name == NODES or not choices or value in choices, (name, value)
    return {name: value if isinstance(value, list) else str(value) for name, value in merged.items()}


def _templated(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _templated(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_templated(item, known) for item in value]
    is_template = isinstance(value, str) and not isinstance(value, _Raw) and "{{" in value
    return NativeEnvironment().from_string(value).render(known) if is_template else value
