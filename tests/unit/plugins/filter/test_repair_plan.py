# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is mended without asking, how, and what is left to a person."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.filter.repair_plan import FilterModule

repair_plan = FilterModule().filters()["repair_plan"]
HELD = {"operation": "resume", "id": "1", "owner": "ann"}


def drift(reason, *, repairable=True):
    return {"reason": reason, "message": f"about {reason}", "repairable": repairable}


def node(*drifts, **fields):
    given = {"name": "a", "desired": "running", "network_interface_id": "eni-1", "operation": None}
    return {**given, "drift": list(drifts), **fields}


@pytest.mark.parametrize(
    ("asked", "ways"),
    [
        pytest.param(node(), {"resume"}, id="a running node, whose tags may differ"),
        pytest.param(node(drift("instance_missing")), {"resume"}, id="one without its instance"),
        pytest.param(node(desired="paused"), {"interfaces"}, id="a paused node is not started"),
        pytest.param(node(drift("interface_missing"), desired="paused"), {"interfaces", "addresses"}, id="but mended"),
        pytest.param(node(desired=None, network_interface_id=None), set(), id="a new node has nothing to mend"),
        pytest.param(node(drift("lease_expired"), operation={**HELD, "operation": "pause"}), {"pause"}, id="a pause"),
        pytest.param(node(drift("lease_expired"), operation={**HELD, "operation": "replace"}), {"replace"}, id="other"),
        pytest.param(
            node(drift("cut_off_early"), operation={**HELD, "operation": "pause"}), {"resume"}, id="a drain cut off"
        ),
        pytest.param(
            node(drift("cut_off_early"), operation={**HELD, "operation": "replace"}), {"resume"}, id="of a replace"
        ),
        pytest.param(node(drift("operation_unfinished"), desired="paused"), {"pause"}, id="a pause that ended early"),
        pytest.param(node(drift("operation_unfinished")), {"resume"}, id="a launch that nothing waits for"),
        pytest.param(
            node(drift("lease_expired"), desired="paused", operation={**HELD, "operation": "interface"}),
            {"interfaces", "addresses"},
            id="a module that was cut off",
        ),
        pytest.param({"name": "a", "error": {"message": "unknown"}}, set(), id="one that could not be read"),
    ],
)
def test_each_node_gets_what_brings_it_in_line(asked, ways):
    planned = repair_plan([asked])
    assert {way for way, names in planned.items() if names} == ways
    assert all(planned[way] == ["a"] for way in ways)


def test_a_node_with_anything_that_is_not_safe_is_left_with_all_its_reasons():
    planned = repair_plan([node(drift("address_changed", repairable=False), drift("instance_stopped")), node(name="b")])
    assert planned["resume"] == ["b"]
    assert [(left["name"], left["reason"]) for left in planned["left"]] == [
        ("a", "address_changed"),
        ("a", "instance_stopped"),
    ]
    assert planned["left"][0]["message"] == "about address_changed"


def test_an_instance_that_only_tags_claim_does_not_keep_the_node_from_being_repaired():
    planned = repair_plan([node(drift("two_instances", repairable=False), drift("instance_stopped"))])
    assert planned["resume"] == ["a"]
    assert [(left["name"], left["reason"]) for left in planned["left"]] == [("a", "two_instances")]


def test_a_node_that_somebody_works_on_is_left():
    planned = repair_plan([node(operation=HELD)])
    assert planned["resume"] == []
    assert planned["left"][0]["reason"] == "busy"
    assert "resume 1 of ann" in planned["left"][0]["message"]


@pytest.mark.parametrize(("interface", "names"), [("eni-1", ["a"]), (None, ["a"])])
def test_a_lost_record_can_be_rebuilt_also_where_two_interfaces_claim_to_be_the_nodes(interface, names):
    lost = node(drift("record_missing", repairable=False), desired=None, network_interface_id=interface)
    planned = repair_plan([lost])
    assert planned["rebuild"] == names
    assert [left["reason"] for left in planned["left"]] == ["record_missing"]


def test_a_foreign_elastic_ip_keeps_a_node_from_nothing_unless_it_is_to_have_another():
    foreign = drift("foreign_elastic_ip", repairable=False)
    planned = repair_plan([node(foreign, drift("instance_missing"))])
    assert planned["resume"] == ["a"]
    assert [left["reason"] for left in planned["left"]] == ["foreign_elastic_ip"]
    planned = repair_plan([node(foreign, drift("instance_missing"), config={"elastic_ip": "new"})])
    assert (planned["resume"], len(planned["left"])) == ([], 2)
