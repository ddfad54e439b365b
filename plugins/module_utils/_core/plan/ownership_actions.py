# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions by which things become a node's, and are let go again without being destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .actions import Action, Phase


@dataclass(frozen=True, kw_only=True, slots=True)
class AbandonIntent(Action):
    """Find out whether what an interrupted run was about to create was created, and end it: nothing has used it."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "abandon_intent"
    creating: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveOwnTags(Action):
    """Take the collection's tags off something that is let go; the user's stay."""

    action: ClassVar[str] = "remove_own_tags"
    resource_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PutBackDeleteOnTermination(Action):
    """Have the interface deleted with its instance again, as it was when it was adopted."""

    phase: Phase = "interface"
    action: ClassVar[str] = "put_back_delete_on_termination"
    attachment_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteRecord(Action):
    """Forget the node."""

    phase: Phase = "record"
    action: ClassVar[str] = "delete_record"


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateRecord(Action):
    """Write the node down."""

    phase: Phase = "record"
    action: ClassVar[str] = "create_record"


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelSpotRequest(Action):
    """Cancel a persistent spot request, which would launch an instance of its own once this one has ended."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "cancel_spot_request"
    spot_instance_request_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SetOwnTags(Action):
    """Tag something as the node's."""

    action: ClassVar[str] = "set_own_tags"
    resource_id: str
