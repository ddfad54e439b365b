# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.stateful_node.aws.plugins.filter.node_errors import node_errors

NOTHING_ELSE = {"phase": None, "action": None, "state": None, "next_command": None, "retry": "now"}


def test_a_line_for_each_node_that_failed():
    full = {
        "code": "NoCapacity",
        "message": "c: No capacity.",
        "phase": "launch",
        "action": "RunInstances",
        "state": "interface kept",
        "next_command": "ansible-playbook x",
        "retry": "now",
    }
    nodes = [
        {"name": "a", "error": {**NOTHING_ELSE, "code": "Busy", "message": "Busy."}},
        {"name": "b"},
        {"name": "c", "error": full},
    ]
    assert node_errors(nodes) == [
        "a: Busy.",
        "c: No capacity. (phase launch, NoCapacity) Now: interface kept. Next: ansible-playbook x",
    ]
