# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.stateful_node.aws.plugins.filter.merge_nodes import merge_nodes


def test_later_results_win():
    """A node is what the last module says of it."""
    begun = {"nodes": [{"name": "a", "status": "paused"}]}
    ended = {"nodes": [{"name": "a", "status": "running"}]}
    assert [node["status"] for node in merge_nodes([begun, ended])] == ["running"]


def test_an_error_stays():
    """A module that no longer gets the failed node cannot clear its error."""
    begun = {"nodes": [{"name": "a", "error": {"message": "busy"}}, {"name": "b"}]}
    ended = {"nodes": [{"name": "a"}, {"name": "b"}]}
    assert [node.get("error") for node in merge_nodes([begun, ended])] == [{"message": "busy"}, None]


def test_the_order_is_the_first_results():
    begun = {"nodes": [{"name": "b"}, {"name": "a"}]}
    ended = {"nodes": [{"name": "a"}, {"name": "b"}]}
    assert [node["name"] for node in merge_nodes([begun, ended])] == ["b", "a"]


def test_nodes_of_another_batch_are_left_out():
    """A result that an earlier batch registered under the same name says nothing of this one."""
    assert merge_nodes([{"nodes": [{"name": "b"}]}, {"nodes": [{"name": "a"}]}]) == [{"name": "b"}]


def test_skipped_and_missing_results_add_nothing():
    begun = {"nodes": [{"name": "a"}]}
    assert merge_nodes([begun, {}, {"skipped": True}, {"nodes": None}]) == begun["nodes"]
    assert merge_nodes([{}, begun]) == []


def test_the_seconds_of_all_phases_are_kept():
    begun = {"nodes": [{"name": "a", "timings": {"begin": 1}}]}
    launched = {"nodes": [{"name": "a", "timings": {"launch": 2}}]}
    assert merge_nodes([begun, launched])[0]["timings"] == {"begin": 1, "launch": 2}
