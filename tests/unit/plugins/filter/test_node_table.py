# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.stateful_node.aws.plugins.filter.node_table import node_table
from ansible_collections.stateful_node.aws.plugins.plugin_utils.node_table import STANDARD

RUNNING = {
    "name": "a",
    "status": "running",
    "instance_id": "i-1",
    "instance_type": "t3.small",
    "instance_lifecycle": "spot",
    "private_ip_address": "10.0.0.4",
    "public_ip": "198.18.0.1",
    "seconds_out_of_service": 74,
    "launch_attempts": [
        {"instance_type": "m6i.large", "market": "spot", "code": "InsufficientInstanceCapacity", "message": "none"},
        {"instance_type": None, "market": "on_demand", "code": "Unsupported", "message": "none"},
        {"instance_type": "t3.small", "market": "spot", "code": None, "message": "launched i-1"},
    ],
    "timings": {"interface": 1.04, "launch": 2.0},
}
PAUSED = {"name": "b", "status": "paused", "private_ip_address": "10.0.0.5", "timings": {}}


def cells(line: str, heading: str) -> list[str]:
    """Take a line apart where the columns begin."""
    starts = [heading.index(f"  {name}") + 2 if name != "node" else 0 for name in STANDARD]
    return [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]


def test_columns_are_aligned():
    heading, spot, on_demand = node_table([RUNNING, {**RUNNING, "name": "longer", "instance_lifecycle": "on_demand"}])
    tried = "m6i.large spot: InsufficientInstanceCapacity; template on-demand: Unsupported"
    expected = ["running", "i-1", "t3.small", "spot", "10.0.0.4", "198.18.0.1", "74 s", tried]
    assert cells(heading, heading) == list(STANDARD)
    assert cells(spot, heading) == ["a", *expected]
    assert cells(on_demand, heading)[4] == "on-demand"


def test_what_a_node_does_not_have_is_a_dash():
    """A paused node has neither instance nor market; one that could not be read has only its name."""
    heading, paused, unread = node_table([PAUSED, {"name": "c", "error": {"code": "UnknownNode"}}])
    assert cells(paused, heading) == ["b", "paused", "-", "-", "-", "10.0.0.5", "-", "-", "-"]
    assert cells(unread, heading) == ["c", *"--------"]


def test_that_there_are_none_is_told():
    assert node_table([]) == ["There are no such nodes."]


def test_no_time_at_all_is_a_time():
    assert "  0 s  " in node_table([{**RUNNING, "seconds_out_of_service": 0}])[1]


def test_timings_come_as_columns_in_the_order_of_the_work():
    heading, running, paused = node_table([RUNNING, {**PAUSED, "timings": {"terminate": 3.21}}], timings=True)
    assert heading.split()[-3:] == ["interface", "launch", "terminate"]
    assert running.split()[-5:] == ["1.0", "s", "2.0", "s", "-"]
    assert paused.split()[-4:] == ["-", "-", "3.2", "s"]


def test_other_columns():
    assert node_table([RUNNING], columns=["seconds", "node"]) == ["seconds  node", "3.0      a"]
    with pytest.raises(AnsibleFilterError, match=r"no column 'instances'. Choose from node, status, instance, "):
        node_table([RUNNING], columns=["instances"])


def test_what_differs_and_what_waits():
    """Without the prefix of what is launched, which tells nothing in a table."""
    node = {
        **RUNNING,
        "pending": [
            {"option": "launch.image_id", "waits_for": "replace"},
            {"option": "private_ip_address", "waits_for": "address_change"},
        ],
        "drift": [{"reason": "instance_missing"}, {"reason": "elastic_ip_moved"}],
        "availability_zone": "us-east-1a",
        "seconds_since_launch": 93784,
    }
    headings = ["pending", "drift", "zone", "age"]
    heading, shown, paused = node_table([node, PAUSED], columns=headings)
    waits = "image_id (replace), private_ip_address (address change)"
    values = [waits, "instance_missing, elastic_ip_moved", "us-east-1a", "1 d 2 h"]
    assert heading.split() == headings
    assert shown == "  ".join(values)
    assert paused.split() == ["-", "-", "-", "-"]


@pytest.mark.parametrize("width", [28, 40, 79, 100])
def test_columns_that_do_not_fit_go_on_in_indented_lines(width):
    lines = node_table([RUNNING, PAUSED], columns=STANDARD[:-1], width=width)
    assert max(len(line) for line in lines) <= width
    first = [line for line in lines if not line.startswith("  ")]
    assert [line.split()[0] for line in first] == ["node", "a", "b"]
    words = " ".join(lines).split()
    assert words == " ".join(node_table([RUNNING, PAUSED], columns=STANDARD[:-1])).split()


def test_a_line_that_just_fits_is_not_folded():
    (heading, row) = node_table([RUNNING], columns=["node", "status", "instance"])
    assert node_table([RUNNING], columns=["node", "status", "instance"], width=len(heading)) == [heading, row]
    assert len(node_table([RUNNING], columns=["node", "status", "instance"], width=len(heading) - 1)) == 4


def test_a_column_wider_than_the_line_is_shown_whole():
    assert node_table([RUNNING], columns=["instance", "node"], width=3) == ["instance", "  node", "i-1", "  a"]
