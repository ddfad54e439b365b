# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From nothing to a playbook's policy, led by the errors alone: each permission is needed, and none is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.access.permissions import (
    Permission,
    permissions_of,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.process import Emulator

from .scenarios import SCENARIOS
from .world import SOMEBODY, PolicyCase, PolicyEnvironment, identifier, new_world, one_by_one, separate_policy

LACKING = re.compile(r"lacks the permission (?P<action>[\w-]+:\w+)(?: on (?P<resource>[^\s,]+))?")
SPARE = 5
"""Attempts beyond one for each permission."""

NOT_ASKED_FOR = ("kms:", "ssm:", "sts:")
"""What the emulator does not ask IAM for.

EC2 uses keys after the call and reads parameters by itself; explanations have a test of their own.
"""

KINDS_NOT_ASKED_FOR = ("capacity-reservation",)
"""Kinds of resources that the emulator has none of."""


def permissions(playbook: str) -> list[Permission]:
    """What the playbook's policy allows, each kind of resource by itself."""
    asked = (item for item in one_by_one(permissions_of(playbook)) if not item.action.startswith(NOT_ASKED_FOR))
    return [item for item in asked if item.resources not in KINDS_NOT_ASKED_FOR]


@dataclass
class Ascent:
    """The permissions that a playbook was seen to need, by its scenarios until now.

    `granted` are those that it is given from the beginning: they are used or not, and never refused.
    """

    emulator: Emulator
    playbook: str
    granted: frozenset[str] = frozenset()
    used: set[str] = field(default_factory=set)
    refusals: int = 0

    def climb(self) -> None:
        """Play all of the playbook's scenarios."""
        for scenario in SCENARIOS[self.playbook]:
            self._play(scenario)

    def _play(self, scenario: PolicyCase) -> None:
        """Play one until it succeeds; after each attempt its errors say what else has to be allowed."""
        world, known = new_world(self.emulator), permissions(self.playbook)
        scenario.prepare(world)
        granted = [item for item in known if identifier(item) in self.used | self.granted]
        for attempt in range(len(known) + SPARE):
            if attempt and scenario.afresh:
                world = new_world(self.emulator)
                scenario.prepare(world)
            succeeded, said = self._attempt(world, scenario, granted)
            missing = list(_missing(said, known, granted))
            if not missing:
                assert succeeded, f"{self.playbook}, {scenario.name}: {said}"
                return
            self.refusals += len(missing)
            granted += missing
        raise AssertionError(f"{self.playbook}, {scenario.name} does not come to an end: {said}")

    def _attempt(
        self, world: PolicyEnvironment, scenario: PolicyCase, granted: Sequence[Permission]
    ) -> tuple[bool, str]:
        self.emulator.clear_calls()
        self.emulator.configure(policies={SOMEBODY: [separate_policy(granted)]})
        world.somebody.said.clear()
        try:
            succeeded = not scenario.act(world).failures
        except (AwsError, NodeError):
            succeeded = False
        self.emulator.configure(policies={})
        asked = [item for call in self.emulator.calls() for item in call.get("authorized", ())]
        self.used.update(statement for item in asked for statement in item["statements"])
        return succeeded, "\n".join(filter(None, world.somebody.said))


def _missing(said: str, known: Iterable[Permission], granted: Sequence[Permission]) -> Iterable[Permission]:
    """Find, for each permission that an error names, the next one of the playbook's that may be meant."""
    for action, resource in dict.fromkeys(LACKING.findall(said)):
        fitting = (item for item in known if item.action == action and _fits(item, resource) and item not in granted)
        found = next(fitting, None)
        assert found, f"the policy has no more permissions for {action} on {resource}: {said}"
        yield found


def _fits(permission: Permission, resource: str) -> bool:
    (statement,) = separate_policy([permission])["Statement"]
    return not resource or bool(re.fullmatch(re.escape(statement["Resource"]).replace(r"\*", ".*"), resource))
