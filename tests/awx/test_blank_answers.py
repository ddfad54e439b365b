# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions that were left blank, as AWX sends them: an empty text, which ansible-core >= 2.19 reads as null, or null.

https://github.com/ansible/awx/issues/16205
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection, create_tables

from .configuration import questions, templates
from .runner import Runner

TEMPLATES = templates()
STEMS = sorted(TEMPLATES.keys() - {"refresh_surveys", "setup"})
NEEDED = {"adopt": {"stateful_nodes": "new", "adopt_instance_id": "i-0123456789abcdef0"}, "watch": {"watch_seconds": 0}}
"""What a template cannot do without, or would wait for."""


@pytest.fixture
def runner(emulator: Emulator, tmp_path: Path) -> Runner:
    return Runner(tmp_path, {**emulator.environment, "STATEFUL_NODE_TABLE": TABLE})


def blank_answers(stem: str, blank: str | None) -> dict[str, Any]:
    return {question["variable"]: blank for question in questions(TEMPLATES[stem])}


@pytest.mark.thorough
@pytest.mark.parametrize("blank", ["", None])
def test_blank_is_not_answered(runner: Runner, emulator: Emulator, network: Network, blank: str | None) -> None:
    """The jobs end as they do without the answers; that there is no such instance to adopt is the job's own answer."""
    create_tables(emulator.client("dynamodb"))
    collection = Collection(emulator.endpoint)
    collection.configure("a", network, tags={"schedule": "office-hours"})
    collection.operate("resume", ["a"])
    for stem in STEMS:
        needed = NEEDED.get(stem, {"stateful_nodes": "a"})
        done = runner.launch(TEMPLATES[stem], {**blank_answers(stem, blank), **needed}, "--check")
        assert done.status == ("failed" if stem == "adopt" else "successful"), done.output
        assert "NoneType" not in done.output
        assert stem != "adopt" or "i-0123456789abcdef0" in done.output


@pytest.mark.thorough
@pytest.mark.parametrize("blank", ["", None])
def test_setup_without_answers(runner: Runner, blank: str | None) -> None:
    done = runner.launch(TEMPLATES["setup"], blank_answers("setup", blank))
    assert done.status == "successful", done.output


@pytest.mark.thorough
@pytest.mark.parametrize("blank", ["", None])
def test_a_confirmation_that_is_missing_is_asked_for(
    runner: Runner, emulator: Emulator, network: Network, blank: str | None
) -> None:
    create_tables(emulator.client("dynamodb"))
    Collection(emulator.endpoint).configure("a", network)
    given = {**blank_answers("delete", blank), "stateful_nodes": "a", "delete_network_interface": "true"}
    done = runner.launch(TEMPLATES["delete"], given)
    assert done.status == "failed"
    assert "delete_confirm" in done.output
    assert "NoneType" not in done.output
