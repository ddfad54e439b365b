# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which nodes a roll that is taken up still has to replace."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.stateful_node.aws.plugins.filter.nodes_to_replace import FilterModule

nodes_to_replace = FilterModule().filters()["nodes_to_replace"]

DAY = 86400


def node(name, *waits_for, age=DAY, generation=3, **fields):
    given = {
        "name": name,
        "desired": "running",
        "generation": generation,
        "instance_id": "i-1",
        "instance_lifecycle": "spot",
        "config": {"launch": {"market": "spot"}},
        "seconds_since_launch": age,
        "pending": [{"waits_for": operation} for operation in waits_for],
    }
    return {**given, **fields}


def down(name, **fields):
    return node(name, instance_id=None, age=None, **fields)


NODES = [
    node("done"),
    node("tags", "resume"),
    node("image", "resume", "replace", age=40 * DAY, generation=2),
    node("address", "address_change", age=3 * DAY),
    node("fell_back", instance_lifecycle="on_demand"),
    down("failed"),
    down("paused", desired="paused"),
]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["done", "tags", "image", "address", "fell_back", "failed", "paused"]),
        ({"only": "on_demand"}, ["fell_back"]),
        ({"only": "pending"}, ["image", "failed"]),
        ({"only": "pending", "allow_address_change": True}, ["image", "address", "failed"]),
        ({"older_than": "30d"}, ["image", "failed"]),
        ({"older_than": "2d"}, ["image", "address", "failed"]),
        ({"older_than": "3"}, ["image", "failed"]),
        ({"older_than": 3}, ["image", "failed"]),
        ({"older_than": "2d", "only": "pending"}, ["image", "failed"]),
    ],
)
def test_nodes_are_chosen(options, expected):
    assert [chosen["name"] for chosen in nodes_to_replace(NODES, **options)] == expected


def test_a_time_is_compared_with_the_launch():
    ago = (datetime.now(timezone.utc) - timedelta(days=2)).isoformat()
    assert [chosen["name"] for chosen in nodes_to_replace(NODES, older_than=ago)] == ["image", "address", "failed"]


def test_what_is_neither_time_nor_number_is_refused():
    with pytest.raises(AnsibleFilterError, match="older_than 'yesterday' is not a time"):
        nodes_to_replace(NODES, older_than="yesterday")
