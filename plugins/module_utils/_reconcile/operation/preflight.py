# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight of launches: nothing is terminated, and nothing created, for a launch that EC2 would refuse.

Everything that the launches of a call name is looked up once for all its nodes. What cannot be looked up, for want of a
permission or of an answer, is a warning: the launch itself may still succeed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import is_no_permission
from ..._core.configuration.launch_findings import (
    LaunchFindings,
    LaunchRequirements,
    Verdict,
)
from ..._core.configuration.launch_preflight import (
    judge,
    list_names,
)
from ..._core.configuration.lookups import LaunchTemplateVersion
from ..._core.model.config import LaunchTemplate
from ..._core.model.node_error import NodeError
from ..._core.model.record import Choices
from ..._core.plan.planner import Goal
from ..context.context import Context
from ..context.failures import to_failure
from ..context.node import Node
from ..context.permission_messages import refusal_message
from .dry_run import DryRuns
from .planned_launch import PlannedLaunch

T = TypeVar("T")

UNHARMED = {"replace": "Nothing was terminated.", "resume": "Nothing was created."}
"""What is true after a refusal, by the operation."""


async def check_launches(launches: Sequence[PlannedLaunch], goal: Goal, choices: Choices) -> None:
    """Refuse the launches that cannot succeed: the node's `failure` says why. What is unsure is a warning."""
    preflight = _Preflight(launches, goal)
    judged = await preflight.judge()
    for launch, verdict in judged:
        if verdict.refusals:
            _refuse(
                launch.node, [str(problem) for problem in verdict.refusals], verdict.refusals[0].code, goal, choices
            )
        preflight.warn(launch.node, verdict.warnings)

    permitted = DryRuns(goal)
    asked = [(launch, verdict.usable) for launch, verdict in judged if not launch.node.failure]
    for launch, refusal in await permitted.make(asked):
        _refuse(launch.node, [refusal.message], refusal.code, goal, choices)
    preflight.notes += permitted.notes
    preflight.tell()


async def warn_of_launches(launches: Sequence[PlannedLaunch], playbook: str, outlook: str) -> None:
    """Warn of launches that could not succeed now. `outlook` says what that means, after each problem."""
    preflight = _Preflight(launches, playbook)
    for launch, verdict in await preflight.judge():
        refusals = [f"{problem} {outlook}" for problem in verdict.refusals]
        preflight.warn(launch.node, [*refusals, *verdict.warnings])
    preflight.tell()


def _refuse(node: Node, reasons: list[str], code: str, goal: Goal, choices: Choices) -> None:
    message = "\n".join(f"{node.name}: {reason}" for reason in reasons)
    message = f"{message} {UNHARMED.get(goal, '')}".strip()
    error = NodeError(code, message, action="RunInstances", retry="after_correction")
    node.done.clear()
    node.failure = to_failure(node, error, phase="begin", operation=goal, choices=choices, rerun=node.context.rerun)


class _Preflight:
    """The look-ups for some launches, and the warnings that come of them, each once for all its nodes."""

    def __init__(self, launches: Sequence[PlannedLaunch], playbook: str) -> None:
        self._launches = launches
        self._playbook = playbook
        self._warned: dict[str, list[Node]] = {}
        self.notes: list[str] = []
        """What could not be checked."""

    async def judge(self) -> list[tuple[PlannedLaunch, Verdict]]:
        """Look up what the launches name and judge each of them."""
        if not self._launches:
            return []
        templates = await self._find_templates()
        required = [(launch, launch.requirements(_of(templates, launch.template))) for launch in self._launches]
        found = await self._look_up([requirements for _launch, requirements in required], templates)
        return [(launch, judge(requirements, found)) for launch, requirements in required]

    def warn(self, node: Node, texts: Iterable[str]) -> None:
        """Keep warnings about a node."""
        for text in texts:
            self._warned.setdefault(text, []).append(node)

    def tell(self) -> None:
        """Hand over the warnings: one that concerns many nodes names them and is the first one's."""
        nodes = [launch.node for launch in self._launches]
        everything = {**self._warned, **dict.fromkeys(self.notes, nodes)}
        for text, concerned in everything.items():
            concerned[0].warnings.append(f"{list_names([node.name for node in concerned])}: {text}")

    @property
    def _context(self) -> Context:
        return self._launches[0].node.context

    async def _find_templates(self) -> dict[LaunchTemplate, LaunchTemplateVersion | None]:
        wanted = sorted({launch.template for launch in self._launches if launch.template}, key=lambda item: item.id)
        answers = await asyncio.gather(*(self._find_template(template) for template in wanted))
        return {template: answer for template, (was_read, answer) in zip(wanted, answers, strict=True) if was_read}

    async def _find_template(self, template: LaunchTemplate) -> tuple[bool, LaunchTemplateVersion | None]:
        find = partial(self._context.launch_lookup.find_launch_template, "LaunchTemplateId", template.id)
        return await self._ask(f"launch template {template.id}", find, template.version)

    async def _look_up(
        self,
        required: Sequence[LaunchRequirements],
        templates: dict[LaunchTemplate, LaunchTemplateVersion | None],
    ) -> LaunchFindings:
        lookup = self._context.launch_lookup
        zones = sorted({item.availability_zone for item in required})
        named_profiles = _named(item.iam_instance_profile for item in required)
        types = _named(name for item in required for name in item.instance_types)
        images, key_names, described, profiles, offered = await asyncio.gather(
            self._find("launch.image_id", lookup.find_images, _named(item.described_image_id for item in required)),
            self._find("launch.key_name", lookup.find_key_names, _named(item.key_name for item in required)),
            self._find("launch.instance_types", lookup.find_instance_types, types),
            asyncio.gather(*(self._find_profile(profile) for profile in named_profiles)),
            asyncio.gather(*(self._find_offered(zone, required) for zone in zones)),
        )
        return LaunchFindings(
            region=lookup.region,
            templates=templates,
            images=images,
            key_names=key_names,
            instance_types=described,
            profiles={name: found for name, found in zip(named_profiles, profiles, strict=True) if found is not None},
            offered={zone: found for zone, found in zip(zones, offered, strict=True) if found is not None},
        )

    async def _find_profile(self, profile: str) -> bool | None:
        subject = f"launch.iam_instance_profile '{profile}'"
        was_read, found = await self._ask(subject, self._context.launch_lookup.has_instance_profile, profile)
        return found if was_read else None

    async def _find_offered(self, zone: str, required: Sequence[LaunchRequirements]) -> frozenset[str] | None:
        there = [item for item in required if item.availability_zone == zone]
        types = _named(name for item in there for name in item.instance_types)
        find = partial(self._context.markets.find_offered_types, zone)
        return await self._find(f"which of launch.instance_types {zone} offers", find, types)

    async def _find(self, subject: str, question: Callable[[tuple[str, ...]], T], values: tuple[str, ...]) -> T | None:
        """Look values up; None where there is none of them, or no answer."""
        if not values:
            return None
        _was_read, found = await self._ask(subject, question, values)
        return found

    async def _ask(
        self, subject: str, question: Callable[..., T], argument: str | tuple[str, ...]
    ) -> tuple[bool, T | None]:
        """Make a read, which may fail: return whether it was made, and its answer."""
        try:
            return True, await self._context.executor.run(partial(question, argument))
        except AwsError as error:
            unchecked = f"Not checked before the launch: {subject}."
            self.notes.append(f"{self._reason(error)} {unchecked}")
            return False, None

    def _reason(self, error: AwsError) -> str:
        if is_no_permission(error):
            return refusal_message(error, self._playbook, self._context.explainer)
        return f"{error.action} failed with {error.code}: {error.message.rstrip('.')}."


def _named(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))


def _of(
    templates: dict[LaunchTemplate, LaunchTemplateVersion | None], template: LaunchTemplate | None
) -> LaunchTemplateVersion | None:
    return templates.get(template) if template else None
