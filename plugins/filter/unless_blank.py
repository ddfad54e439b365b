# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: unless_blank
short_description: Take a default in place of a blank answer
version_added: 1.0.0
author: The stateful_node.aws contributors (@stateful-node)
description:
  - Returns the value, or the default when the value is null or a text without anything but blanks.
  - AWX sends an optional question of a survey that was left blank as an empty text, which ansible-core reads as null
    from version 2.19 on. Extra vars take precedence over all defaults, so that C(default) alone does not help.
  - Unlike C(default(..., true)) it keeps V(false), V(0) and empty lists.
positional: default
options:
  _input:
    description: The value.
    type: raw
    required: true
  default:
    description: What to return in place of a blank value.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Wait as long as the survey says
  ansible.builtin.debug:
    msg: "{{ wait_timeout | stateful_node.aws.unless_blank(1800) }}"
"""

RETURN = r"""
_value:
  description: The value or the default.
  type: raw
"""

from typing import Any


def is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def unless_blank(value: Any, default: Any) -> Any:
    return default if is_blank(value) else value


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"unless_blank": unless_blank}
