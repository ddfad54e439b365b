# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.tagged import Tagged
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.inventory import (
    ADDRESSES,
    FILTERS,
    check_filters,
    check_keys,
    find_address,
    has_record,
    is_wanted,
    list_groups,
    to_host_variables,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.node_results import (
    lost_result,
    node_result,
)

from tests.support.configurations import record

PLACE = {"region": "us-east-1", "table_name": "stateful-nodes"}
NODE = {
    **node_result(record(), Observed(), now=0),
    **PLACE,
    "private_ip_address": "10.0.0.4",
    "public_ip": "198.18.0.1",
    "allocation_id": "eipalloc-1",
    "ipv6_addresses": ["2001:db8::4", "2001:db8::5"],
    "drift": [],
}
LOST = {**lost_result("a", Tagged(), Reach(), now=0), **PLACE}


def node(*drift, **changes):
    return {**NODE, "drift": [{"reason": reason} for reason in drift], **changes}


@pytest.mark.parametrize(
    ("kinds", "changes", "address"),
    [
        (["private_ip_address"], {}, "10.0.0.4"),
        (["private_ip_address"], {"private_ip_address": None}, None),
        (["elastic_ip"], {}, "198.18.0.1"),
        (["elastic_ip"], {"allocation_id": None}, None),
        (["public_ip"], {"allocation_id": None}, "198.18.0.1"),
        (["elastic_ip", "private_ip_address"], {"allocation_id": None}, "10.0.0.4"),
        (["ipv6_address"], {}, "2001:db8::4"),
        (["ipv6_address", "elastic_ip"], {"ipv6_addresses": []}, "198.18.0.1"),
        ([], {}, None),
    ],
)
def test_only_a_kind_that_is_listed_is_taken(kinds, changes, address):
    assert find_address(node(**changes), kinds) == address


@pytest.mark.parametrize(
    ("drift", "left"),
    [
        ("instance_missing", {"private_ip_address", "elastic_ip", "public_ip", "ipv6_address"}),
        ("elastic_ip_moved", {"private_ip_address", "ipv6_address"}),
        ("record_missing", set()),
        ("interface_missing", set()),
        ("interface_in_use_elsewhere", set()),
        ("address_changed", set()),
    ],
)
def test_an_address_that_something_else_may_answer_on_is_not_taken(drift, left):
    assert {kind for kind in ADDRESSES if find_address(node(drift), [kind])} == left


def test_a_node_is_in_a_group_for_each_operation_that_it_waits_for():
    waiting = [{"waits_for": "resume"}, {"waits_for": "address_change"}, {"waits_for": "resume"}]
    assert list_groups(node(pending=waiting), ["pending"]) == ["pending_address_change", "pending_resume"]
    assert list_groups(node(pending=[]), ["pending"]) == []


def test_a_node_without_a_record_is_in_the_group_of_its_drift_alone():
    by = ("status", "zone", "market", "tags", "drift", "pending")
    assert list_groups(LOST, by) == ["drift_record_missing"]
    assert list_groups({**LOST, "availability_zone": "us-east-1a"}, ("zone", "status")) == []
    assert (has_record(LOST), has_record(NODE)) == (False, True)


def test_host_variables_have_the_prefix_and_no_name_that_ansible_reserves():
    variables = to_host_variables(NODE, "n_", "_x")
    assert variables["n_node_name_x"] == NODE["name"]
    assert not variables.keys() & {"n_name_x", "n_timings_x"}


@pytest.mark.parametrize(
    ("include", "exclude", "wanted"),
    [
        ([], [], True),
        ([{"name": "cass*"}], [], True),
        ([{"name": "cassandra-?"}], [], True),
        ([{"name": "cass"}], [], False),
        ([{"name": "[a-z]*"}], [], False),
        ([{"status": ["paused", "running"]}], [], True),
        ([{"status": "running", "name": "other"}], [], False),
        ([{"status": "paused"}, {"tag:role": "db"}], [], True),
        ([{"tag:role": "web"}], [], False),
        ([{"tag:none": "*"}], [], False),
        ([], [{"drift": "instance_missing"}], False),
        ([{"name": "*"}], [{"drift": "elastic_ip_moved"}], True),
        ([{"instance_id": "*"}], [], False),
    ],
)
def test_filters(include, exclude, wanted):
    """All of one filter have to match, one of several, and an exclusion has the last word."""
    config = {**NODE["config"], "tags": {"role": "db"}}
    given = node("instance_missing", name="cassandra-1", status="running", instance_id=None, config=config)
    assert is_wanted(given, include, exclude) is wanted


def test_every_filter_is_a_key_of_a_node_and_others_are_refused():
    assert set(FILTERS) <= NODE.keys()
    check_filters([dict.fromkeys((*FILTERS, "drift", "tag:role"))])
    with pytest.raises(NodeError, match="'availability-zone' is not a filter of nodes"):
        check_filters([{"availability-zone": "us-east-1a"}])


def test_a_key_that_is_no_option_is_told_with_the_nearest_one():
    """All of them at once."""
    known = ["plugin", "filters", "include_filters", "table_name"]
    check_keys(["plugin", "filters"], known)
    with pytest.raises(NodeError) as raised:
        check_keys(["plugin", "filter", "tabel_name", "x"], known)
    assert str(raised.value) == (
        "'filter' is not an option of the inventory. Did you mean the option filters? "
        "'tabel_name' is not an option of the inventory. Did you mean the option table_name? "
        "'x' is not an option of the inventory."
    )
