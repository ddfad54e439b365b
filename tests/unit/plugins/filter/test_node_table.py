# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.stateful_node.aws.plugins.filter.node_table import node_table

RUNNING = {
    "name": "a",
    "status": "running",
    "instance_id": "i-1",
    "instance_type": "t3.small",
    "instance_lifecycle": "spot",
    "private_ip_address": "10.0.0.4",
    "public_ip": "198.18.0.1",
    "timings": {"interface": 1.04, "launch": 2.0},
}


def test_columns_are_aligned():
    heading, spot, on_demand = node_table([RUNNING, {**RUNNING, "name": "longer", "instance_lifecycle": "on_demand"}])
    assert spot.index("i-1") == heading.index("instance") == on_demand.index("i-1")
    assert spot.split() == ["a", "running", "i-1", "t3.small", "spot", "10.0.0.4", "198.18.0.1", "3.0"]
    assert on_demand.split()[4] == "on-demand"


def test_what_a_node_does_not_have_is_a_dash():
    """A paused node has neither instance nor capacity."""
    _, paused = node_table([{"name": "a", "status": "paused", "private_ip_address": "10.0.0.4", "timings": {}}])
    assert paused.split() == ["a", "paused", "-", "-", "-", "10.0.0.4", "-", "-"]
