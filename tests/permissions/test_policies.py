# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each playbook's policy is what its calls need: no permission is missing, and none is granted in vain."""

from __future__ import annotations

import os

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls import executor
from ansible_collections.stateful_node.aws.plugins.module_utils._core.access.permissions import PLAYBOOKS
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe

from tests.emulator.process import Emulator
from tests.support.parameters import first_stands_for_all

from .least_privilege import Ascent, permissions
from .scenarios import SCENARIOS
from .world import identifier

BY_PLAYBOOK_ONLY = {"setup"}
"""What is a task of another collection: test_setup.py."""


SHOWN_BY = {
    "status": ("info",),
    "pause": ("resume",),
    "delete": ("resume",),
    "replace": ("resume", "delete"),
    "repair": ("resume", "delete", "config"),
}
"""The playbooks, climbed from nothing, whose permissions the others begin with: the same calls are refused alike."""

EACH = "STATEFUL_NODE_EACH_REFUSAL"
"""In the environment, it has every playbook climb from nothing: `make iam`."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "REPLAYS", 1)
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


def test_each_policy_has_scenarios() -> None:
    assert set(SCENARIOS) | BY_PLAYBOOK_ONLY == set(PLAYBOOKS)


@pytest.mark.parametrize("playbook", first_stands_for_all(sorted(SCENARIOS, key=lambda playbook: playbook != "resume")))
def test_the_errors_alone_lead_to_the_whole_policy_and_to_no_more(shared_emulator: Emulator, playbook: str) -> None:
    """Each refusal names the permission that is missing, so that granting what is named ends in success."""
    shown = () if EACH in os.environ else SHOWN_BY.get(playbook, ())
    granted = frozenset(identifier(item) for other in shown for item in permissions(other))
    ascent = Ascent(shared_emulator, playbook, granted)
    ascent.climb()
    allowed = {identifier(item) for item in permissions(playbook)}
    assert ascent.used == allowed, f"granted in vain: {sorted(allowed - ascent.used)}"
    assert ascent.refusals >= len(allowed - granted)
