#!/usr/bin/python
# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stateful_node_arguments
short_description: Check the variables of a role of the collection
version_added: 1.0.0
description:
  - Checks the variables of a role against its argument specification, as Ansible does before a role, except that an
    optional variable that is blank counts as not given.
  - Blank is null, or a text without anything but blanks, which is what AWX sends for a question that was left blank.
  - The roles of the collection do this themselves. The playbooks turn Ansible's own check off, with
    C(rolespec_validate), since it refuses blank values.
  - Reads and changes nothing.
options:
  role:
    description:
      - The name of the role, without the collection's.
    type: str
    required: true
seealso:
  - plugin: stateful_node.aws.unless_blank
    plugin_type: filter
author:
  - The stateful_node.aws contributors (@stateful-node)
attributes:
  action:
    description: Runs on the controller, and needs no connection.
    support: full
  check_mode:
    description: Can run in C(check_mode), and checks the same.
    support: full
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: N/A
    details: The module changes nothing.
"""

EXAMPLES = r"""
- name: Check the variables of the role pause
  stateful_node.aws.stateful_node_arguments:
    role: pause
"""

RETURN = r"""
argument_errors:
  description: What is wrong with the variables.
  returned: failure
  type: list
  elements: str
  sample: ["value of replace_wait_for must be one of: running, status_ok, got: soon"]
"""
