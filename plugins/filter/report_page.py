# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: report_page
short_description: Nodes and their lives as an HTML page
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns one self-contained HTML page that loads nothing, with the nodes as a table that sorts and filters, and the
    life of each as a timeline.
  - Every value is escaped, and the page lets no script run but its own.
options:
  _input:
    description: Nodes, as M(stateful_node.aws.stateful_node_info) returns them.
    type: list
    elements: dict
    required: true
  history:
    description:
      - The result of M(stateful_node.aws.stateful_node_history_info) for the same nodes. One that is missing there has
        no timeline.
    type: dict
    required: true
  title:
    description: The title of the page.
    type: str
    default: Stateful nodes
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ found.nodes | stateful_node.aws.report_page(history=history) }}"
    dest: /srv/www/nodes.html
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from typing import Any

from ..plugin_utils.report.page import render_page


def report_page(nodes: list[dict[str, Any]], history: dict[str, Any], title: str = "Stateful nodes") -> str:
    return render_page(nodes, history, title=title)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"report_page": report_page}
