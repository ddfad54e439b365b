# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.stateful_node.aws.plugins.plugin_utils.orphan_table import compose_orphan_table

INTERFACE = {
    "id": "eni-1",
    "type": "network_interface",
    "name": "a",
    "private_ip_address": "10.0.0.4",
    "used_by": "i-1",
}
ADDRESS = {
    "id": "eipalloc-1",
    "type": "elastic_ip",
    "invalid_name": "'a,all'",
    "public_ip": "198.18.0.1",
    "monthly_cost": 3.65,
}


def test_each_orphan_has_a_line() -> None:
    heading, *rows = compose_orphan_table([INTERFACE, ADDRESS])
    assert heading.split("  ")[0] == "id"
    assert [row.split() for row in rows] == [
        ["eni-1", "network", "interface", "a", "i-1", "10.0.0.4", "-", "-", "-"],
        ["eipalloc-1", "Elastic", "IP", "'a,all'", "-", "-", "198.18.0.1", "-", "3.65"],
    ]


def test_lines_are_folded_to_the_width() -> None:
    assert max(map(len, compose_orphan_table([INTERFACE, ADDRESS], width=60))) <= 60


def test_none_is_said() -> None:
    assert compose_orphan_table([]) == ["There are no orphans."]
