# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules' documentation has to have in common."""

from __future__ import annotations

import importlib

import pytest
import yaml
from ansible_collections.stateful_node.aws.plugins.doc_fragments.configuration import ModuleDocFragment
from ansible_collections.stateful_node.aws.plugins.module_utils._core.declaration.option import options_of
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.history import Entry
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.history_results import (
    History,
    history_result,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.timeline import Present
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Config
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import LaunchAttempt
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import failure_result
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Failure, FoundInstance
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.node_results import node_result
from ansible_collections.stateful_node.aws.plugins.module_utils._module.arguments import declared_arguments

from tests.support.configurations import OPERATION, record

MODULES = ("config", "adopt", "eni", "eip", "instance", "operation", "info", "rebuild")


def returned(module):
    name = f"ansible_collections.stateful_node.aws.plugins.modules.stateful_node_{module}"
    return yaml.safe_load(importlib.import_module(name).RETURN)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_documents_the_nodes_alike(module):
    """RETURN takes no fragments: one that is changed has to be changed everywhere."""
    assert returned(module)["nodes"] == returned("info")["nodes"]


def test_the_documented_keys_of_a_node_are_those_returned():
    """With those of an operation and of an error."""
    documented = returned("info")["nodes"]["contains"]
    failure = Failure(code="Busy", message="busy")
    result = node_result(record(operation=OPERATION), Observed(), now=0, failure=failure)
    assert set(documented) == set(result)
    assert set(documented["operation"]["contains"]) == set(result["operation"])
    assert set(documented["error"]["contains"]) == set(failure_result(failure, Reach()))


def test_the_documented_keys_of_a_history_are_those_returned():
    """At every depth."""
    documented = returned("history_info")["nodes"]["contains"]
    failure = Failure(code="Busy", message="busy")
    entry = Entry(
        operation_id="1", operation="resume", owner="ann", started_at=1, ended_at=2, private_ip_address="10.0.0.4",
        instance_id="i-1", found=FoundInstance(), error=failure,
        launch_attempts=(LaunchAttempt(market="spot", message=""),),
    )  # fmt: skip
    result = history_result("a", History(entries=(entry,), shown=1), Present(now=3), Reach())
    assert set(documented) == {*result, "error"}
    assert result["gaps"]
    for name in ("entries", "instances", "gaps", "addresses"):
        (item,) = result[name]
        assert set(documented[name]["contains"]) == set(item), name
    entries = documented["entries"]["contains"]
    for name, shown in (("found", FoundInstance), ("error", Failure), ("launch_attempts", LaunchAttempt)):
        assert set(entries[name]["contains"]) == set(shown.__dataclass_fields__)


def documented(text, *path):
    options = yaml.safe_load(text)["options"]
    for name in path:
        options = options[name]["suboptions"]
    return options


def described(options):
    """What the declarations and the documentation both say of options, at every depth."""
    return {
        name: {
            "type": about["type"],
            "elements": about.get("elements"),
            "choices": about.get("choices"),
            "aliases": about.get("aliases"),
            "required": about.get("required", False),
            "options": described(about.get("suboptions", about.get("options", {}))),
        }
        for name, about in options.items()
    }


def test_the_documented_options_of_a_node_are_those_declared():
    """With their types, choices and aliases."""
    declared = described(declared_arguments(options_of(Config)))
    of_launch = declared.pop("launch")["options"]
    of_the_node = documented(ModuleDocFragment.DOCUMENTATION)
    of_the_node.pop("purge_tags")
    assert described(of_the_node) == declared
    assert described(documented(ModuleDocFragment.LAUNCH, "launch")) == of_launch
