# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of its instance types a node is launched with: in order, by price, and only those that the zone has."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import Collection

CHEAP, DEAR, MISSING = "t3.micro", "m5.xlarge", "x9.none"
OFFERINGS, PRICES = "DescribeInstanceTypeOfferings", "DescribeSpotPriceHistory"


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})


def resume(collection: Collection, network: Network, *names: str, **launch: Any) -> Result:
    for name in names:
        collection.configure(name, network, launch={"image_id": network.image_id, **launch})
    return collection.operate("resume", list(names))


def attempts(result: Result) -> list[tuple[str, str, str | None]]:
    (node,) = result.values["nodes"]
    return [(item["instance_type"], item["market"], item["code"]) for item in node["launch_attempts"]]


def test_types_are_tried_in_the_order_given(collection: Collection, network: Network, emulator: Emulator) -> None:
    result = resume(collection, network, "a", instance_types=[DEAR, CHEAP])
    assert attempts(result) == [(DEAR, "spot", None)]
    assert emulator.calls(action=PRICES) == []


def test_the_cheapest_spot_type_is_tried_first(collection: Collection, network: Network, emulator: Emulator) -> None:
    emulator.set_capacity(instance_type=CHEAP, market="spot", outcome="refused")
    result = resume(collection, network, "a", instance_types=[DEAR, CHEAP], allocation="lowest_price")
    refused = "InsufficientInstanceCapacity"
    assert attempts(result) == [(CHEAP, "spot", refused), (DEAR, "spot", None)]


def test_on_demand_comes_after_spot_in_the_order_given(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    emulator.set_capacity(market="spot", outcome="refused")
    result = resume(collection, network, "a", instance_types=[DEAR, CHEAP], allocation="lowest_price")
    tried = [(instance_type, market) for instance_type, market, _code in attempts(result)]
    assert tried == [(CHEAP, "spot"), (DEAR, "spot"), (DEAR, "on_demand")]


def test_a_type_that_the_zone_does_not_have_is_left_out(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    result = resume(collection, network, "a", instance_types=[MISSING, CHEAP], market="on_demand")
    assert attempts(result) == [(MISSING, "on_demand", "NotOffered"), (CHEAP, "on_demand", None)]
    assert len(emulator.calls(action="RunInstances")) == 1


def test_where_the_zone_has_none_the_error_says_so_and_nothing_is_tried(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    """On its own the module launches without a check before it: that is part of beginning a resume or replace."""
    launch = {"instance_types": [MISSING, "x9.less"], "fallback_to_on_demand": False}
    collection.configure("a", network, launch={"image_id": network.image_id, **launch})
    collection.run("eni", name="a")
    result = collection.run("instance", name="a", state="running")
    assert [failure.code for failure in result.failures] == ["NoCapacity"]
    assert f"{network.zone_a} does not offer {MISSING}" in result.message
    assert emulator.calls(action="RunInstances") == []


@pytest.mark.parametrize("denied", [OFFERINGS, PRICES])
def test_what_may_not_be_read_is_a_warning(
    collection: Collection, network: Network, emulator: Emulator, denied: str
) -> None:
    emulator.add_fault(denied, "refuse", code="UnauthorizedOperation", status=403, call=0)
    launch = {"instance_types": [DEAR, CHEAP], "allocation": "lowest_price"}
    collection.configure("a", network, launch={"image_id": network.image_id, **launch})
    collection.run("eni", name="a")
    result = collection.run("instance", name="a", state="running")
    assert not result.failures
    assert [denied in warning for warning in result.values["warnings"]] == [True]
    assert attempts(result)[-1] == (DEAR if denied == PRICES else CHEAP, "spot", None)


def test_a_fleet_asks_once(collection: Collection, network: Network, emulator: Emulator) -> None:
    names = ("a", "b", "c")
    launch = {"image_id": network.image_id, "instance_types": [DEAR, CHEAP], "allocation": "lowest_price"}
    for name in names:
        collection.configure(name, network, launch=launch)
    emulator.clear_calls()
    assert not collection.operate("resume", list(names)).failures
    # Once for the check before the launch, and once for the launch itself.
    assert len(emulator.calls(action=OFFERINGS)) == 2
    assert len(emulator.calls(action=PRICES)) == 1


def test_a_refusal_speaks_for_the_other_nodes_of_a_fleet(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    """Each refused launch would take the place of one that EC2 has capacity for in its bucket of two a second."""
    emulator.configure(call_seconds={"RunInstances": 0.2})
    collection.clock = FastClock(4)
    emulator.set_capacity(market="spot", outcome="refused", room=4)
    names = [f"node-{number:02}" for number in range(16)]
    result = resume(collection, network, *names, instance_types=[CHEAP])
    assert not result.failures
    nodes = result.values["nodes"]
    markets = sorted(node["launch_attempts"][-1]["market"] for node in nodes)
    assert markets == ["on_demand"] * 12 + ["spot"] * 4
    assert {node["generation"] for node in nodes} == {1}
    launches = emulator.calls(action="RunInstances")
    assert len(launches) < 16 + 12
    passed_over = [item for node in nodes for item in node["launch_attempts"] if "not asked for" in item["message"]]
    assert len(passed_over) == 16 + 12 - len(launches)
    assert {item["code"] for item in passed_over} == {"InsufficientInstanceCapacity"}
    assert len({call["parameters"]["ClientToken"] for call in launches}) == len(launches)


def test_an_instance_that_died_for_want_of_capacity_speaks_for_the_other_nodes_as_well(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    emulator.configure(durations={"pending": 0.1})
    collection.clock = FastClock(2)
    emulator.set_capacity(market="spot", outcome="dies", code="Server.InsufficientInstanceCapacity")
    names = [f"node-{number:02}" for number in range(16)]
    result = resume(collection, network, *names, instance_types=[CHEAP])
    assert not result.failures
    attempts = [item for node in result.values["nodes"] for item in node["launch_attempts"] if item["code"]]
    passed_over = [item for item in attempts if "not asked for" in item["message"]]
    assert {item["code"] for item in passed_over} == {"Server.InsufficientInstanceCapacity"}
    assert len(emulator.calls(action="RunInstances")) == 2 * 16 - len(passed_over)


def test_the_last_candidate_is_asked_for_whoever_was_refused_it(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    collection.clock = FastClock(4)
    emulator.set_capacity(market="spot", outcome="refused")
    result = resume(collection, network, *"abcdefgh", instance_types=[CHEAP], fallback_to_on_demand=False)
    assert [failure.code for failure in result.failures] == ["NoCapacity"] * 8
    assert len(emulator.calls(action="RunInstances")) == 8


def test_an_interrupted_launch_goes_on_with_what_was_not_tried(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    """Whatever the prices are by now, and also when its own candidate was taken out of the configuration."""
    emulator.set_capacity(instance_type=CHEAP, market="spot", outcome="refused")
    emulator.add_fault("RunInstances", "refuse", call=2, code="UnauthorizedOperation", status=403)
    launch = {"instance_types": [DEAR, CHEAP, "t3.small"], "allocation": "lowest_price"}
    assert resume(collection, network, "a", **launch).failures
    collection.run("config", name="a", launch={"instance_types": [CHEAP, DEAR]})
    result = collection.operate("resume", ["a"])
    assert not result.failures
    assert attempts(result)[-1][0] == DEAR
