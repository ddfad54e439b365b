# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet page before a browser sees it: words, places on the axis, and what must not be in the text."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.plugin_utils.report.chart import Axis, bars, find_axis, outage
from ansible_collections.stateful_node.aws.plugins.plugin_utils.report.formatting import (
    duration,
    duration_between,
    ticks,
)
from ansible_collections.stateful_node.aws.plugins.plugin_utils.report.page import FILES, NOT_TEMPLATES, render_page

DAY = 86400
NOTHING: dict[str, Any] = {"entries": [], "instances": [], "gaps": [], "addresses": [], "truncated": False}
INSTANCE = {
    "instance_id": "i-1", "instance_type": "t3.micro", "instance_lifecycle": "spot", "generation": 1, "started_at": 100,
    "start": "launched", "ended_after": None, "ended_at": 200, "end": "terminated", "state_reason": None,
}  # fmt: skip
GAP = {
    "started_after": None,
    "started_at": 200,
    "ended_at": None,
    "seconds": 100,
    "seconds_at_most": 100,
    "cause": "paused",
}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (7500, "2 h 5 min"),
        (DAY + 1, "1 d"),
        (93600, "1 d 2 h"),
    ],
)
def test_durations_have_their_two_largest_units(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_a_duration_that_is_not_known_is_told_by_its_bounds() -> None:
    assert [duration_between(*each) for each in ((5, 5), (0, 60), (5, 60))] == ["5 s", "up to 1 min", "5 s to 1 min"]


@pytest.mark.parametrize("length", [60, 3600, DAY, 30 * DAY, 400 * DAY])
def test_the_axis_names_few_times_and_all_of_them_are_on_it(length: int) -> None:
    begins, ends = 1_764_000_001, 1_764_000_001 + length
    chosen = ticks(begins, ends)
    assert 1 <= len(chosen) <= 9
    assert all(begins <= at <= ends for at, _label in chosen)


def test_the_axis_begins_where_something_happened() -> None:
    history = {**NOTHING, "instances": [INSTANCE]}
    assert find_axis([history], None, 300).begins_at == 100
    assert find_axis([history], 150, 300).begins_at == 150
    assert find_axis([], None, 300) == Axis(240, 300)


def test_bars_are_cut_where_the_axis_begins_and_what_is_not_known_is_a_bar_of_its_own() -> None:
    died = {**INSTANCE, "ended_after": 150, "end": "lost"}
    found = bars({**NOTHING, "instances": [died], "gaps": [{**GAP, "cause": "lost"}]}, Axis(125, 325))
    assert [(bar["kind"], bar["left"], bar["width"]) for bar in found] == [
        ("spot", 0.0, 12.425),
        ("unsure spot", 12.425, 24.85),
        ("gap lost", 37.275, 62.125),
    ]


def test_a_pause_is_no_outage() -> None:
    lost = {**GAP, "cause": "lost", "started_after": 150}
    assert outage({**NOTHING, "gaps": [GAP]}, Axis(0, 300)) == (0, 0)
    assert outage({**NOTHING, "gaps": [lost]}, Axis(160, 300)) == (100, 140)


def page(**node: Any) -> str:
    told = {"nodes": [], "since": None, "read_at": 1_764_000_000, "region": "us-east-1", "table_name": "nodes"}
    return render_page([{"name": "a", "status": "running", **node}], told, title="Nodes")


def test_no_text_of_the_page_is_a_template() -> None:
    """Ansible may look at it once more."""
    tags = {"{{ 1 }}": "{% raw %}", "{# no #}": "{{ lookup('pipe', 'id') }}"}
    assert [found for found in NOT_TEMPLATES if found in page(config={"tags": tags})] == []
    assert [
        found for found in NOT_TEMPLATES for name in ("page.css", "page.js") if found in (FILES / name).read_text()
    ] == []


def test_the_policy_names_the_script_that_the_page_has() -> None:
    written = page()
    (script,) = re.findall(r"<script>(.*?)</script>", written, re.DOTALL)
    assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in written


def test_every_value_is_escaped_wherever_it_stands() -> None:
    bad = """<b>"'&"""
    written = page(
        name=bad, status=bad, instance_id=bad, instance_type=bad, instance_lifecycle=bad, private_ip_address=bad,
        public_ip=bad, availability_zone=bad, subnet_id=bad, config={"tags": {bad: bad}, "security_groups": [bad]},
        drift=[{"reason": bad, "message": bad, "repairable": False}], error={"message": bad},
        operation={"operation": bad, "owner": bad},
        pending=[{"option": bad, "current": bad, "wanted": bad, "waits_for": bad, "give": bad}],
    )  # fmt: skip
    assert "<b>&#34;" not in written
    assert bad not in written
    assert "&lt;b&gt;&#34;&#39;&amp;" in written


def test_what_waits_is_shown_with_what_brings_it_about() -> None:
    written = page(
        pending=[
            {"option": "tags", "current": "x", "wanted": "y", "waits_for": "resume", "give": None},
            {
                "option": "private_ip_address",
                "current": "10.0.0.4",
                "wanted": "10.0.0.5",
                "waits_for": "address_change",
                "give": "replace_allow_address_change=true",
            },
        ],
    )
    assert "Waits for a resume: tags: x becomes y" in written
    expected = (
        "Waits for a change of address (-e replace_allow_address_change=true): "
        "private_ip_address: 10.0.0.4 becomes 10.0.0.5"
    )
    assert expected in written


def test_a_text_that_no_file_can_hold_is_written_as_far_as_it_can_be() -> None:
    assert page(config={"tags": {"a": "\ud800x"}}).encode()
