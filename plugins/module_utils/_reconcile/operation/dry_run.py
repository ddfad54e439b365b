# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RunInstances with DryRun: whether the caller may launch, and whatever else EC2 finds without launching.

EC2 promises a check of the permissions only. A refusal for another reason is believed all the same, unless it is about
what differs from the real launch: the interface, and the capacity that the running instance still takes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..._aws.api.parameters import dry_run_parameters
from ..._aws.calls.authorization_errors import read_refusal
from ..._aws.calls.aws_error import AwsError
from ..._aws.calls.error_codes import (
    is_about_new_interface,
    is_bad_credentials,
    is_capacity,
    is_no_permission,
    is_replayable,
    is_unsupported,
    refused_option,
)
from ..._core.configuration.candidates import wording
from ..._core.model import tags
from ..._core.model.config import Candidate
from ..context.failures import aws_message
from .planned_launch import PlannedLaunch

OF_THE_NODE = ("Name", tags.NAME, tags.GENERATION)
"""The tags that differ from node to node: launches that differ in nothing else share a dry run."""

SOURCE = "EC2 said so of a launch with DryRun."
"""Stands after what EC2 said: nothing was launched."""

Asked = tuple[PlannedLaunch, tuple[Candidate, ...]]
"""A launch, and the candidates that it may be made with, in their order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why EC2 would not launch: its code, and a message for a person."""

    code: str
    message: str


class DryRuns:
    """Makes the dry runs of a call; `notes` say what they could not find out."""

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self.notes: list[str] = []

    async def make(self, asked: Sequence[Asked]) -> list[tuple[PlannedLaunch, Refusal]]:
        """Make a dry run for each launch configuration; return the launches that EC2 would refuse."""
        groups: dict[str, list[Asked]] = {}
        for launch, candidates in asked:
            groups.setdefault(_shape(launch, candidates), []).append((launch, candidates))
        refusals = await asyncio.gather(*(self._ask(*group[0]) for group in groups.values()))
        return [
            (launch, refusal)
            for group, refusal in zip(groups.values(), refusals, strict=True)
            for launch, _candidates in group
            if refusal
        ]

    async def _ask(self, launch: PlannedLaunch, candidates: tuple[Candidate, ...]) -> Refusal | None:
        """Try candidates until one is not refused. A refusal that concerns them all ends it."""
        refused: list[AwsError] = []
        for candidate in candidates:
            error = await _dry_run(launch, candidate)
            if error is None or self._is_unclear(error, launch, candidate):
                return None
            refused.append(error)
            if is_no_permission(error) or refused_option(error):
                break
        return self._refusal(launch, refused) if refused else None

    def _is_unclear(self, error: AwsError, launch: PlannedLaunch, candidate: Candidate) -> bool:
        """Return whether the error says nothing of the real launch; note it where that is worth knowing."""
        if is_about_new_interface(error):
            return True
        is_unanswered = is_replayable(error) or is_bad_credentials(error)
        is_full = is_capacity(error) and not is_unsupported(error)
        is_foreign = is_no_permission(error) and _is_about_interface(error) and not _launches_apart(launch)
        if is_unanswered or is_full or is_foreign:
            self.notes.append(
                f"RunInstances with DryRun for {wording(candidate)} failed with {error.code}: "
                f"{error.message.rstrip('.')}. Whether the launch is permitted was not checked."
            )
            return True
        return False

    def _refusal(self, launch: PlannedLaunch, refused: Sequence[AwsError]) -> Refusal:
        explainer = launch.node.context.explainer
        texts = dict.fromkeys(aws_message(error, playbook=self._operation, explainer=explainer) for error in refused)
        return Refusal(code=refused[0].code, message=" ".join((*texts, SOURCE)))


def _launches_apart(launch: PlannedLaunch) -> bool:
    return launch.record.wanted.handover == "prelaunch"


def _is_about_interface(error: AwsError) -> bool:
    """Return whether the permission that is missing is one for the interface that only the dry run would create."""
    return ":network-interface/" in (read_refusal(error).resource or "")


async def _dry_run(launch: PlannedLaunch, candidate: Candidate) -> AwsError | None:
    context = launch.node.context
    parameters = _parameters(launch, candidate)
    try:
        await context.ec2.dry_run_instances(parameters)
    except AwsError as error:
        return error
    return None


def _parameters(launch: PlannedLaunch, candidate: Candidate) -> dict[str, Any]:
    place = (launch.subnet_id, launch.availability_zone)
    return dry_run_parameters(launch.node.context.table, launch.record, candidate, place)


def _shape(launch: PlannedLaunch, candidates: tuple[Candidate, ...]) -> str:
    """Describe a launch without what names the node."""
    return json.dumps([_without_names(_parameters(launch, candidate)) for candidate in candidates], sort_keys=True)


def _without_names(parameters: dict[str, Any]) -> dict[str, Any]:
    interfaces = [
        {name: value for name, value in interface.items() if name != "Description"}
        for interface in parameters["NetworkInterfaces"]
    ]
    tagged = [
        {**specification, "Tags": [tag for tag in specification["Tags"] if tag["Key"] not in OF_THE_NODE]}
        for specification in parameters["TagSpecifications"]
    ]
    return {**parameters, "NetworkInterfaces": interfaces, "TagSpecifications": tagged}
