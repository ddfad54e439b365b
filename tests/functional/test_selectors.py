# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes that are chosen by their tags or by a pattern, and where a call says that it works."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection


@pytest.fixture
def fleet(emulator: Emulator, network: Network, collection: Collection) -> Collection:
    """Two nodes that sleep at night, and one without a tag."""
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    for name in ("dev-1", "dev-2"):
        collection.configure(name, network, tags={"schedule": "office"})
    collection.configure("web", network)
    return collection


def names_of(result: Result) -> list[str]:
    return [node["name"] for node in result.values["nodes"]]


def test_info_takes_tags_patterns_and_names(fleet: Collection) -> None:
    assert names_of(fleet.run("info", name="tag:schedule=office")) == ["dev-1", "dev-2"]
    assert names_of(fleet.run("info", name=["web", "dev-*"])) == ["web", "dev-1", "dev-2"]
    with pytest.raises(NodeError, match=r"'tag:schedule=nights' matches no node of table stateful-nodes\. The tag sch"):
        fleet.run("info", name="web,tag:schedule=nights")


def test_a_name_that_no_node_has_fails_alone_beside_a_pattern(fleet: Collection) -> None:
    result = fleet.run("info", name=["nope", "dev-*"])
    assert names_of(result) == ["nope", "dev-1", "dev-2"]
    assert [failure.code for failure in result.failures] == ["UnknownNode"]


def test_a_pattern_finds_nodes_whose_record_is_lost_and_only_these(fleet: Collection, emulator: Emulator) -> None:
    """Their tags are lost with the record."""
    fleet.operate("resume", ["dev-1", "web"])
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": "dev-1"}})
    assert names_of(fleet.run("info", name="dev-*")) == ["dev-1", "dev-2"]
    assert names_of(fleet.run("info", name="tag:schedule=office")) == ["dev-2"]
    (lost,) = fleet.run("info", name="dev-1*").values["nodes"]
    assert [drift["reason"] for drift in lost["drift"]] == ["record_missing"]
    (web,) = fleet.run("info", name="w*").values["nodes"]
    assert web["drift"] == []


def test_an_operation_names_what_it_has_begun(fleet: Collection) -> None:
    begun = fleet.run("operation", name="tag:schedule=office", state="begun", operation="resume")
    assert begun.values["begun"] == ["dev-1", "dev-2"]


def test_a_selector_without_nodes_begins_nothing(fleet: Collection, emulator: Emulator) -> None:
    emulator.clear_calls()
    with pytest.raises(NodeError, match=r"'db-\*' matches no node"):
        fleet.run("operation", name="web,db-*", state="begun", operation="resume")
    assert emulator.calls(mutating=True) == []


def test_what_a_delete_destroys_is_confirmed_by_names(fleet: Collection) -> None:
    """A pattern would confirm whatever it has come to match."""
    deleting: dict[str, Any] = {"state": "begun", "operation": "delete", "delete_network_interface": True}
    with pytest.raises(NodeError, match=r"name exactly these nodes: .*dev-1,dev-2"):
        fleet.run("operation", name="dev-*", **deleting)
    with pytest.raises(NodeError, match=r"delete_confirm: 'dev-\*' is not a valid node name"):
        fleet.run("operation", name="dev-*", delete_confirm="dev-*", **deleting)
    begun = fleet.run("operation", name="dev-*", delete_confirm="dev-1,dev-2", **deleting)
    assert begun.values["begun"] == ["dev-1", "dev-2"]


@pytest.mark.parametrize("module", ["info", "history_info"])
def test_lists_that_were_cut_are_refused(collection: Collection, module: str) -> None:
    with pytest.raises(NodeError, match="after the last comma of 'dev-1,'"):
        collection.run(module, name="dev-1,")


def test_results_tell_the_account_the_region_and_the_table(network: Network, collection: Collection) -> None:
    place = {"account_id": "123456789012", "region": "us-east-1", "table_name": TABLE}
    configured = collection.configure("a", network)
    begun = collection.run("operation", name="a", state="begun", operation="resume")
    for result in (configured, begun, collection.run("info")):
        assert place.items() <= result.values.items()


def test_an_account_that_cannot_be_read_is_none(collection: Collection, emulator: Emulator, network: Network) -> None:
    emulator.add_fault("GetCallerIdentity", "refuse", code="InternalFailure", status=500, service="sts")
    result = collection.configure("a", network)
    assert result.values["account_id"] is None
    assert result.values["region"] == "us-east-1"
