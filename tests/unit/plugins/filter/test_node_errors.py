# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.stateful_node.aws.plugins.filter.node_errors import node_errors


def test_a_line_for_each_node_that_failed():
    nodes = [
        {"name": "a", "error": {"message": "Busy.", "next_command": "ansible-playbook x"}},
        {"name": "b"},
        {"name": "c", "error": {"message": "c: No capacity.", "next_command": None}},
    ]
    assert node_errors(nodes) == ["a: Busy. Next: ansible-playbook x", "c: No capacity."]
