# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which texts from AWS Ansible may evaluate: those of which no expression can come."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model import config, record
from ansible_collections.stateful_node.aws.plugins.plugin_utils import unsafe
from ansible_collections.stateful_node.aws.plugins.plugin_utils.unsafe import WORDS, mark_unsafe

HARMLESS = (
    "i-0123456789abcdef0",
    "eipalloc-01234567",
    "10.0.1.5",
    "10.0.0.0/16",
    "fd00::1",
    "2001:db8:0:1::/64",
    "2026-11-30T22:13:14Z",
    "2026-11-30T22:13:14+00:00",
    "us-east-1",
    "us-west-2-lax-1a",
    "t3.micro",
    "u-6tb1.56xlarge",
    "m7i.metal-24xl",
    "cassandra-1",
    "0.0123",
    "a" * 64,
    "running",
    "on_demand",
    "interface_missing",
    "launched i-0123456789abcdef0",
    "2026-11-30",
)
EVALUATED = (
    "{{ lookup('pipe', 'id') }}",
    "{% set x = 1 %}",
    "#jinja2: variable_start_string: '[%'",
    "lookup('pipe', 'id')",
    "lookup",
    "hostvars",
    "ansible_become_password",
    "database.password",
    "secret is exists",
    "password or token",
    "password[0]",
    "password|length",
    "~password",
    "web-1\n",
    "web-1 if password else 0",
    "web_1-password",
    "pässword-1",
    "1٣",
    "not password",
    "password if token else pin",
    "password is string",
    "password/1",
    "-password",
    "t3.password",
    "password.micro",
    "\ud800",
    "<script>alert(1)</script>",
    "$(id)",
    "[" * 50_000,
    "x" * 1_000_000,
)


@pytest.fixture(autouse=True)
def _marks(monkeypatch: pytest.MonkeyPatch) -> None:
    # Ansible's own marks differ from version to version, and are invisible in a comparison.
    monkeypatch.setattr(unsafe, "_mark", lambda text, *, harmless: (text, harmless))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_cannot_be_an_expression_is_trusted(text: str) -> None:
    assert mark_unsafe(text) == (text, True)


@pytest.mark.parametrize("text", EVALUATED, ids=lambda text: ascii(text)[:30])
def test_everything_else_is_not(text: str) -> None:
    assert mark_unsafe(text) == (text, False)


def test_everything_in_a_value_is_marked() -> None:
    value: dict[str, Any] = {"tags": {"note": "hostvars"}, "addresses": ["10.0.1.5", "x"], "count": 1, "none": None}
    assert mark_unsafe(value) == {
        "tags": {"note": ("hostvars", False)},
        "addresses": [("10.0.1.5", True), ("x", False)],
        "count": 1,
        "none": None,
    }


def test_what_is_known_is_trusted() -> None:
    assert mark_unsafe({"node_name": "c", "note": "d"}, ("c",)) == {"node_name": ("c", True), "note": ("d", False)}


@pytest.mark.parametrize(
    "choices",
    [
        config.Market,
        config.Allocation,
        config.Rebalance,
        config.PublicIpAssignment,
        config.Handover,
        record.Desired,
    ],
)
def test_the_collections_own_words_are_trusted(choices: Any) -> None:
    assert set(get_args(choices)) <= WORDS
