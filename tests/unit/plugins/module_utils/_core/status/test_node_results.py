# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results: what every module returns of a node, each key always there."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Launch
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import LaunchAttempt
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import failure_result
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Failure
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.node_results import (
    failed_result,
    node_result,
)

from tests.support.builders import (
    ALLOCATION,
    INSTANCE,
    INTERFACE,
    NOW,
    PRIMARY,
    PUBLIC_IP,
    associated,
    make_config,
    make_instance,
    make_interface,
    make_operation,
    make_record,
    paused,
    running,
    see_paused,
    see_running,
    with_address,
)

KEYS = {
    "name", "status", "desired", "generation", "config", "network_interface_id", "private_ip_address",
    "private_ip_addresses", "ipv6_addresses", "public_ip", "allocation_id", "subnet_id", "availability_zone",
    "instance_id", "instance_type", "instance_lifecycle", "seconds_out_of_service", "launch_attempts", "drift",
    "pending", "operation", "timings",
    "seconds_since_launch", "unused_elastic_ips",
}  # fmt: skip
FAILURE = Failure(code="NoCapacity", message="none", phase="launch")


def show(record, observed=None, **more):
    return node_result(record, observed or Observed(), now=NOW, **more)


@pytest.mark.parametrize(
    ("record", "observed"),
    [(make_record(), Observed()), (paused(), see_paused()), (running(), see_running())],
    ids=["new", "paused", "running"],
)
def test_every_key_is_there_in_every_state_and_error_only_after_a_failure(record, observed):
    assert set(show(record, observed)) == KEYS
    assert set(show(record, observed, failure=FAILURE)) == {*KEYS, "error"}


def test_a_result_is_plain_data():
    """Ansible hands it on as JSON."""
    record = replace(
        with_address(running(make_config(secondary_private_ip_addresses=("10.0.1.21",), tags={"a": "b"}))),
        operation=make_operation("replace"),
    )
    result = show(record, see_running(), failure=FAILURE, timings={"launch": 1.5})
    assert json.loads(json.dumps(result)) == result


def test_a_running_node():
    result = show(with_address(running(ipv6_addresses=("::1",))), see_running())
    expected = {
        "name": "db-1", "desired": "running", "generation": 1, "network_interface_id": INTERFACE,
        "private_ip_address": PRIMARY, "private_ip_addresses": [PRIMARY], "ipv6_addresses": ["::1"],
        "public_ip": PUBLIC_IP, "allocation_id": ALLOCATION, "subnet_id": "subnet-1", "availability_zone": "us-east-1a",
        "instance_id": INSTANCE, "instance_type": "t3.micro", "instance_lifecycle": "spot", "operation": None,
    }  # fmt: skip
    assert {key: result[key] for key in expected} == expected


@pytest.mark.parametrize(("launched_at", "age"), [(NOW - 90, 90), (NOW + 5, 0), (None, None)])
def test_the_age_is_that_of_the_instance(launched_at, age):
    """A clock that is behind that of EC2 makes no negative one."""
    time = (
        None
        if launched_at is None
        else datetime.fromtimestamp(launched_at, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    observed = Observed(instance=replace(make_instance(), launched_at=time))
    assert show(running(make_config()), observed)["seconds_since_launch"] == age


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
def test_an_instance_that_ended_is_not_the_nodes_any_more(state):
    result = show(running(), see_running(state))
    assert [result[key] for key in ("instance_id", "instance_type", "instance_lifecycle")] == [None] * 3


def test_a_new_node_has_the_subnet_and_zone_that_it_will_live_in():
    result = show(make_record())
    assert (result["subnet_id"], result["availability_zone"]) == ("subnet-1", "us-east-1a")


def test_an_interface_stays_where_it_is_though_the_configuration_moved():
    assert show(paused(make_config(subnet_id="subnet-2")), see_paused())["subnet_id"] == "subnet-1"


@pytest.mark.parametrize(
    ("record", "interface", "expected"),
    [
        pytest.param(paused(), make_interface(), None, id="none"),
        pytest.param(running(), associated(make_interface(), None), PUBLIC_IP, id="one that EC2 lends"),
        pytest.param(with_address(paused()), make_interface(), PUBLIC_IP, id="the Elastic IP"),
        pytest.param(
            with_address(running(), association_id=None, allocated=True, public_ip="198.51.100.9"),
            associated(make_interface(), None),
            PUBLIC_IP,
            id="the lent one while an Elastic IP of ours is not associated",
        ),
    ],
)
def test_public_address(record, interface, expected):
    assert show(record, Observed(network_interface=interface))["public_ip"] == expected


def test_user_data_is_never_shown():
    """Neither in the configuration nor in the operation's snapshot of it."""
    secret = make_config(launch=Launch(image_id="ami-1", user_data="secret words"))
    record = replace(make_record(secret), operation=make_operation("resume", config=secret))
    result = show(record)
    assert "secret words" not in json.dumps(result)
    assert len(result["config"]["launch"]["user_data_sha256"]) == 64


def test_an_operation_shows_who_holds_the_node_and_until_when():
    record = replace(paused(), operation=make_operation("replace"))
    assert show(record, see_paused())["operation"] == {
        "id": "replace-1",
        "operation": "replace",
        "owner": "ann@laptop",
        "started_at": NOW - 60,
        "expires_at": NOW + 240,
        "from_generation": 1,
        "target_generation": 2,
    }


def test_launch_attempts_show_why_each_failed():
    refused = LaunchAttempt(instance_type=None, market="spot", code="Unsupported", message="no")
    chosen = LaunchAttempt(instance_type="t3.micro", market="on_demand", message="launched")
    assert show(running(launch_attempts=(refused, chosen)), see_running())["launch_attempts"] == [
        {"instance_type": None, "market": "spot", "code": "Unsupported", "message": "no"},
        {"instance_type": "t3.micro", "market": "on_demand", "code": None, "message": "launched"},
    ]


def test_drift_is_shown_by_reason_and_message():
    (drift,) = show(paused())["drift"]
    assert drift["reason"] == "interface_missing"
    assert INTERFACE in drift["message"]


def test_timings_are_rounded_to_milliseconds():
    assert show(make_record(), timings={"launch": 1.23456})["timings"] == {"launch": 1.235}


def test_an_error_has_every_key():
    expected = {
        "code": "NoCapacity",
        "message": "none",
        "phase": "launch",
        "action": None,
        "state": None,
        "next_command": None,
        "retry": "now",
    }
    assert failure_result(FAILURE, Reach()) == expected
    assert failed_result("db-1", FAILURE, Reach()) == {"name": "db-1", "error": expected}
