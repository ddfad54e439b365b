# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from AWS that Ansible must not take for a template: who may tag a node may not run code on the controller."""

from __future__ import annotations

import re
from typing import Any

try:
    from ansible.template import trust_as_template as _trust
except ImportError:
    from ansible.utils.unsafe_proxy import wrap_var as _wrap

    def _mark(text: str, *, harmless: bool) -> Any:
        return text if harmless else _wrap(text)
else:

    def _mark(text: str, *, harmless: bool) -> Any:
        return _trust(text) if harmless else text


_TEMPLATE = re.compile(r"[{}]|^#jinja2:")


def mark_unsafe(value: Any) -> Any:
    """Mark the strings in a value by whether they could be templates.

    ansible-inventory shows those that could in a form of its own, `{"__ansible_unsafe": ...}`: before ansible-core 2.19
    what is marked, since then what is not marked as trusted.
    """
    if isinstance(value, dict):
        return {key: mark_unsafe(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mark_unsafe(item) for item in value]
    return _mark(value, harmless=not _TEMPLATE.search(value)) if isinstance(value, str) else value
