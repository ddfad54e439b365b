# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration for AWX: what its modules take, and surveys that ask for what the playbooks take."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .configuration import AWX, CHECKOUT, NODES, configuration, questions, templates

MODULES = {
    "controller_credential_types": "credential_type",
    "controller_credentials": "credential",
    "controller_execution_environments": "execution_environment",
    "controller_hosts": "host",
    "controller_inventories": "inventory",
    "controller_inventory_sources": "inventory_source",
    "controller_projects": "project",
    "controller_roles": "role",
    "controller_schedules": "schedule",
    "controller_templates": "job_template",
    "controller_workflows": "workflow_job_template",
}
"""The module of awx.awx for each variable of infra.controller_configuration."""

BUILT_IN_CREDENTIAL_TYPES = {"Amazon Web Services", "Red Hat Ansible Automation Platform"}
TEMPLATES = templates()
OF_RULEBOOKS = {"replace_interrupted"}
REGION = "stateful_node_region"
ONLY_IN_AWX = {"report": {"report_bucket"}}
"""What AWX cannot do without: a file ends with the job's container."""
"""Playbooks that Event-Driven Ansible starts, and nobody else."""
PLAYBOOKS = {path.stem for path in (CHECKOUT / "playbooks").glob("*.yml")} - OF_RULEBOOKS
SWITCH = ["false", "true"]
TWO_SETS: tuple[dict[str, str], dict[str, str]] = ({}, {"stateful_node_awx_prefix": "Staging"})
OF_A_SET = ("controller_credentials", "controller_templates", "controller_workflows", "controller_schedules")
OF_A_SET += ("controller_inventories",)


def names(variable: str) -> set[str]:
    return {item["name"] for item in configuration()[variable]}


def argument_spec(module: str) -> dict[str, Any]:
    documentation = importlib.import_module(f"ansible_collections.awx.awx.plugins.modules.{module}").DOCUMENTATION
    return _to_spec(yaml.safe_load(documentation)["options"])


def _to_spec(options: dict[str, Any]) -> dict[str, Any]:
    kept = ("type", "elements", "choices", "required", "aliases")
    spec = {name: {key: option[key] for key in kept if key in option} for name, option in options.items()}
    for name, option in options.items():
        if "suboptions" in option and option.get("type") in ("dict", "list"):
            spec[name]["options"] = _to_spec(option["suboptions"])
    return spec


def test_every_variable_has_a_module():
    assert configuration().keys() == MODULES.keys()


@pytest.mark.parametrize("variable", MODULES)
def test_the_modules_of_awx_take_every_item(variable):
    for item in configuration()[variable]:
        checked = ArgumentSpecValidator(argument_spec(MODULES[variable])).validate(item)
        assert not checked.error_messages, (item["name"], checked.error_messages)


def test_what_an_item_names_is_there():
    """By name, so that a missing one would show only in AWX."""
    known = configuration()
    for item in known["controller_templates"]:
        assert {item["project"]} <= names("controller_projects")
        assert {item["inventory"]} <= names("controller_inventories")
        assert {item["execution_environment"]} <= names("controller_execution_environments")
        assert set(item["credentials"]) <= names("controller_credentials")
        assert (CHECKOUT / item["playbook"]).is_file()
    for item in known["controller_inventory_sources"]:
        assert (CHECKOUT / item["source_path"]).is_file()
        assert {item["inventory"]} <= names("controller_inventories")
        assert {item["credential"]} <= names("controller_credentials")
    types = BUILT_IN_CREDENTIAL_TYPES | names("controller_credential_types")
    assert {item["credential_type"] for item in known["controller_credentials"]} <= types
    assert {item["inventory"] for item in known["controller_hosts"]} <= names("controller_inventories")


def test_no_secret_is_in_it():
    assert {item["name"]: item["inputs"] for item in configuration()["controller_credentials"]} == {
        "Stateful nodes: AWS": {},
        "Stateful nodes: controller": {},
        "Stateful nodes: table": {"region": "us-east-1", "table_name": "stateful-nodes"},
    }


def test_every_playbook_has_a_template_and_a_file_that_imports_it():
    assert TEMPLATES.keys() >= PLAYBOOKS
    assert {path.stem for path in AWX.glob("playbooks/*.yml")} == TEMPLATES.keys() | {"check_version"}
    for stem in TEMPLATES.keys() - {"refresh_surveys"}:
        check, play = yaml.safe_load((AWX / f"playbooks/{stem}.yml").read_text())
        assert check["ansible.builtin.import_playbook"] == "check_version.yml"
        collection, _, path = play["ansible.builtin.import_playbook"].removeprefix("stateful_node.aws.").rpartition(".")
        assert path == stem
        assert (CHECKOUT / "playbooks" / collection / f"{stem}.yml").is_file()


@pytest.mark.parametrize("stem", sorted(TEMPLATES))
def test_a_survey_is_one_that_awx_takes(stem):
    """By the rules of its API, JobTemplateSurveySpec; variables are not to be asked for twice."""
    asked = questions(TEMPLATES[stem])
    assert bool(asked) is TEMPLATES[stem]["survey_enabled"]
    variables = [question["variable"] for question in asked]
    assert len(variables) == len(set(variables))
    for question in asked:
        _check_question(question)


def _check_question(question: dict[str, Any]) -> None:
    kind, default = question["type"], question.get("default", "")
    assert kind in {"text", "textarea", "password", "integer", "multiplechoice", "multiselect"}
    assert all(isinstance(question[key], str) for key in ("question_name", "question_description", "variable"))
    assert isinstance(question["required"], bool)
    assert ("choices" in question) is (kind in {"multiplechoice", "multiselect"})
    assert all(isinstance(choice, str) and choice for choice in question.get("choices", []))
    assert default == "" or isinstance(default, int if kind == "integer" else str)
    assert default == "" or default in question.get("choices", [default])
    assert ({"min", "max"} <= question.keys()) is (kind in {"text", "textarea", "password", "integer"})
    # A default is taken where nothing is answered; a required question has to be answered all the same.
    assert question["required"] is False or "default" not in question


def role_options(role: str) -> dict[str, Any]:
    path = CHECKOUT / "roles" / role / "meta/argument_specs.yml"
    options: dict[str, Any] = yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"]
    return options


def option_of(role: str, variable: str) -> dict[str, Any]:
    """Find the role's option that an extra var ends up in."""
    if variable == NODES:
        return role_options(role).get(f"{role}_nodes") or role_options(role)[f"{role}_node"]
    if variable == REGION:
        places = (f"playbooks/{role}.yml", f"roles/{role}/vars/main.yml")
        assert any(REGION in (CHECKOUT / place).read_text() for place in places if (CHECKOUT / place).exists())
        return {"type": "str"}
    name = variable.replace("stateful_node_", f"{role}_") if variable.startswith("stateful_node_") else variable
    if name != variable:
        assert variable in (CHECKOUT / "roles" / role / "defaults/main.yml").read_text()
    option: dict[str, Any] = role_options(role)[name]
    return option


@pytest.mark.parametrize("stem", sorted(PLAYBOOKS))
def test_a_survey_asks_for_what_the_role_takes(stem):
    asked = {question["variable"]: question for question in questions(TEMPLATES[stem])}
    for variable, question in asked.items():
        _check_agreement(question, option_of(stem, variable))
    needed = {name for name, option in role_options(stem).items() if option.get("required")}
    needed |= ONLY_IN_AWX.get(stem, set())
    assert len([question for question in asked.values() if question["required"]]) == len(needed)


def _check_agreement(question: dict[str, Any], option: dict[str, Any]) -> None:
    kinds = {
        "bool": {"multiplechoice"},
        "int": {"integer"},
        "str": {"multiplechoice"} if "choices" in option else {"text", "textarea"},
        "path": {"text"},
        "list": {"multiselect", "textarea"},
        "dict": {"password"},  # AWX shows all other answers in the job; user_data may be in it
    }
    assert question["type"] in kinds[option["type"]], question
    if option["type"] == "bool":
        assert question["choices"] == SWITCH
    elif "choices" in option:
        assert set(question["choices"]) == set(option["choices"]) - {""}, "AWX refuses a blank choice"
    if "default" in question:
        assert question["default"] == (
            str(option["default"]).lower() if option["type"] == "bool" else option["default"]
        )
    of_awx = {name for asked in ONLY_IN_AWX.values() for name in asked}
    assert question["required"] is (bool(option.get("required")) or question["variable"] in of_awx)


@pytest.mark.parametrize("stem", ["fleet_pause", "fleet_resume"])
def test_a_survey_asks_for_what_the_example_takes(stem):
    (play,) = yaml.safe_load((CHECKOUT / f"playbooks/examples/{stem}.yml").read_text())
    asked = {question["variable"]: question.get("default") for question in questions(TEMPLATES[stem])}
    assert asked == {**play["vars"], REGION: None}


def test_schedules_and_workflows_give_what_the_surveys_need():
    by_name = {item["name"]: item for item in configuration()["controller_templates"]}
    for schedule in configuration()["controller_schedules"]:
        asked = {question["variable"] for question in questions(by_name[schedule["unified_job_template"]])}
        assert schedule["extra_data"].keys() <= asked
        assert schedule["enabled"] is False
        assert re.fullmatch(
            r"DTSTART;TZID=\S+:\d{8}T\d{6} RRULE:FREQ=(WEEKLY;INTERVAL=1;BYDAY=[A-Z,]+|MINUTELY;INTERVAL=1)",
            schedule["rrule"],
        )
    for workflow in configuration()["controller_workflows"]:
        _check_workflow(workflow, by_name)


def _check_workflow(workflow: dict[str, Any], by_name: dict[str, dict[str, Any]]) -> None:
    (nodes,) = questions(workflow)
    assert nodes["variable"] == NODES
    steps = {node["identifier"]: node for node in workflow["workflow_nodes"]}
    for node in steps.values():
        job = node["unified_job_template"]
        if job["type"] == "job_template":
            required = {question["variable"] for question in questions(by_name[job["name"]]) if question["required"]}
            assert required == {NODES}
        else:
            assert int(job["timeout"]) > 0, "one that nobody answers ends"
            assert node["related"]["failure_nodes"], "a way for no"
        related = node.get("related", {})
        following = [*related.get("success_nodes", []), *related.get("failure_nodes", [])]
        assert {item["identifier"] for item in following} <= steps.keys()


def test_nothing_that_is_picked_has_to_be_rewritten_when_nodes_are_added():
    """To load the configuration again would put such choices back, and schedules that name a node would be refused."""
    for item in [*configuration()["controller_templates"], *configuration()["controller_workflows"]]:
        assert all("choices" not in question for question in questions(item) if question["variable"] == NODES)


def test_a_second_set_has_names_of_its_own():
    """Two accounts, regions or stages in one organization."""
    of_each = [{item["name"] for kind in OF_A_SET for item in configuration(**given)[kind]} for given in TWO_SETS]
    assert of_each[0] & of_each[1] == set()
    named = json.dumps(configuration(**TWO_SETS[1]))
    assert TWO_SETS[1]["stateful_node_awx_prefix"] in named
    assert "Stateful nodes:" not in named


def test_teams_may_launch_what_is_theirs():
    assert configuration()["controller_roles"] == []
    (operators,) = configuration(stateful_node_awx_operators="ops")["controller_roles"]
    assert (operators["team"], operators["role"]) == ("ops", "execute")
    assert set(operators["job_templates"]) <= names("controller_templates")
    assert not {"Stateful nodes: delete", "Stateful nodes: adopt"} & set(operators["job_templates"])
