# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that somebody with bad intentions writes where others will read them, and what may come of them: a text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.support.parameters import first_stands_for_all

SHORT = {
    "jinja": "{{ lookup('pipe', 'touch ran') }}",
    "jinja without braces": "lookup('pipe', 'touch ran')",
    "variable": "hostvars",
    "shell": "x'; touch ran; '$(touch ran)`touch ran`",
    "html": "</script><img src=x onerror=alert(1)>",
}
"""What fits into a tag, and that AWS takes as it is."""

LONE_SURROGATE = "\ud800"
LONG = "x" * 1_000_000
DEEP = "[" * 50_000

TEXTS = {**SHORT, "lone surrogate": LONE_SURROGATE, "long": LONG, "deep": DEEP}
"""All of them, by what they are."""

EACH_TEXT = pytest.mark.parametrize("text", first_stands_for_all([*TEXTS.values()]), ids=TEXTS.keys())
"""Runs a test once for each of them."""

LONGEST_RESULT = 1_000_000
"""Characters: a job's log can hold that of each pass."""


def assert_is_noise(*results: Result) -> None:
    """What a module returns can be written down, and is no longer than a log can take."""
    for result in results:
        text = json.dumps([result.values, result.message, [str(failure) for failure in result.failures]], default=str)
        written = json.dumps([result.values, result.message], default=str, ensure_ascii=False).encode()
        assert len(written) < LONGEST_RESULT
        assert "Traceback" not in text
        assert "has a defect" not in text


def nodes_of(result: Result) -> dict[str, dict[str, Any]]:
    """Give the nodes of a result by their names."""
    return {node["name"]: node for node in result.values["nodes"]}
