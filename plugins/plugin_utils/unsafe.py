# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from AWS that Ansible must not evaluate: who may tag a node may not run code on the controller.

Braces are not needed for that: `when: "{{ config.tags.note }}"`, `assert` and `debug: var:` take the text itself for an
expression. A bare word then is a variable, which they show (`hostvars`: all of them); a dot reaches into one; a space
makes room for a test, and parentheses for a lookup. So a text is trusted only when it has one of a few forms, or when
its characters are plain ones and Jinja cannot read it as an expression, as it cannot read most sentences.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jinja2 import Environment, TemplateSyntaxError

from ..module_utils._module.arguments import module_arguments

try:
    from ansible.template import trust_as_template as _trust
except ImportError:
    from ansible.utils.unsafe_proxy import wrap_var as _wrap

    def _mark(text: str, *, harmless: bool) -> Any:
        return text if harmless else _wrap(text)
else:

    def _mark(text: str, *, harmless: bool) -> Any:
        return _trust(text) if harmless else text


_JINJA = Environment(autoescape=True)
"""It only reads; nothing is rendered with it."""

_PLAIN = re.compile(r"[A-Za-z0-9_ .:/@+-]{0,200}")
"""Texts without quotes, brackets, braces, bars: nothing in them can call anything."""

_NUMBER = r"[0-9]+(?:\.[0-9]+)*(?:/[0-9]+)?"
"""Also an IPv4 address and a network."""

_HYPHENATED = r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+"
"""Ids, regions, most names: as an expression a subtraction, which no text takes part in."""

_INSTANCE_TYPE = r"[a-z][a-z-]*[0-9][a-z0-9-]*\.(?:nano|micro|small|medium|large|[0-9]*xlarge|metal(?:-[0-9]+xl)?)"
_SHA256 = r"[0-9a-f]{64}"
_FORMS = re.compile(f"{_NUMBER}|{_HYPHENATED}|{_INSTANCE_TYPE}|{_SHA256}")

STATES = (
    "new",
    "resuming",
    "running",
    "pausing",
    "paused",
    "replacing",
    "deleting",
    "adopting",
    "degraded",
)
OPERATIONS = (
    "resume",
    "pause",
    "replace",
    "delete",
    "adopt",
)
DRIFTS = (
    "address_changed",
    "delete_on_termination_set",
    "elastic_ip_moved",
    "foreign_elastic_ip",
    "hand_over_unfinished",
    "instance_missing",
    "instance_stopped",
    "interface_detached",
    "interface_in_use_elsewhere",
    "interface_missing",
    "interrupted",
    "ipv6_addresses_differ",
    "lease_expired",
    "private_addresses_differ",
    "record_missing",
    "security_groups_differ",
    "source_dest_check_differs",
    "tags_differ",
    "two_instances",
)


def _choices(options: Mapping[str, Any]) -> Iterator[str]:
    for about in options.values():
        yield from about.get("choices", ())
        yield from _choices(about.get("options", {}))


WORDS = frozenset([*STATES, *OPERATIONS, *DRIFTS, *_choices(module_arguments("stateful_node_config")["argument_spec"])])
"""The collection's own words; any other bare word could be the name of a variable."""


def mark_unsafe(value: Any, known: Collection[str] = ()) -> Any:
    """Mark the strings in a value by whether Ansible may evaluate them; `known` are trusted whatever they look like.

    ansible-inventory shows those that it may not in a form of its own, `{"__ansible_unsafe": ...}`: before ansible-core
    2.19 what is marked, since then what is not marked as trusted.
    """
    if isinstance(value, dict):
        return {key: mark_unsafe(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [mark_unsafe(item, known) for item in value]
    if isinstance(value, str):
        return _mark(value, harmless=value in known or _is_harmless(value))
    return value


def _is_harmless(text: str) -> bool:
    if text in WORDS or _FORMS.fullmatch(text):
        return True
    return bool(_PLAIN.fullmatch(text)) and not _is_expression(text)


def _is_expression(text: str) -> bool:
    try:
        _JINJA.parse(f"{{{{ {text} }}}}")
    except TemplateSyntaxError:
        return False
    return True
