# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions by which things become a node's, and are let go again without being destroyed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ..model.tags import NAME, OWN
from .base_action import Action, Phase
from .interface_actions import with_delete_on_termination
from .state import State


@dataclass(frozen=True, kw_only=True, slots=True)
class AbandonIntent(Action):
    """Find out whether what an interrupted run was about to create was created, and end it: nothing has used it."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "abandon_intent"
    creating: str

    def after(self, state: State) -> State:
        """Nothing is about to be created."""
        return state.with_record(intent=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class SetOwnTags(Action):
    """Tag something as the node's."""

    action: ClassVar[str] = "set_own_tags"
    resource_id: str

    def after(self, state: State) -> State:
        """The interface, the instance or the address carries the node's name."""
        return _with_tags(state, self.resource_id, removed=(), added={NAME: state.record.name})


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveOwnTags(Action):
    """Take the collection's tags off something that is let go; the user's stay."""

    action: ClassVar[str] = "remove_own_tags"
    resource_id: str

    def after(self, state: State) -> State:
        """The interface, the instance or the address carries no tag of the collection."""
        return _with_tags(state, self.resource_id, removed=OWN, added={})


def _with_tags(state: State, resource_id: str, *, removed: tuple[str, ...], added: dict[str, str]) -> State:
    seen = state.observed

    def tagged(tags: dict[str, str]) -> dict[str, str]:
        return {**{key: value for key, value in tags.items() if key not in removed}, **added}

    if seen.network_interface and seen.network_interface.network_interface_id == resource_id:
        return state.with_interface(tags=tagged(seen.network_interface.tags))
    if seen.instance and seen.instance.instance_id == resource_id:
        return state.with_observed(instance=replace(seen.instance, tags=tagged(seen.instance.tags)))
    if seen.address and seen.address.allocation_id == resource_id:
        return state.with_observed(address=replace(seen.address, tags=tagged(seen.address.tags)))
    return state


@dataclass(frozen=True, kw_only=True, slots=True)
class PutBackDeleteOnTermination(Action):
    """Have the interface deleted with its instance again, as it was when it was adopted."""

    phase: Phase = "interface"
    action: ClassVar[str] = "put_back_delete_on_termination"
    attachment_id: str

    def after(self, state: State) -> State:
        """The attachment is switched back."""
        return with_delete_on_termination(state, value=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelSpotRequest(Action):
    """Cancel a persistent spot request, which would launch an instance of its own once this one has ended."""

    phase: Phase = "terminate"
    action: ClassVar[str] = "cancel_spot_request"
    spot_instance_request_id: str

    def after(self, state: State) -> State:
        """The record knows of no request that is still to be cancelled."""
        adoption = state.identity.adoption
        if adoption is None:
            return state
        return state.with_identity(adoption=replace(adoption, spot_instance_request_id=None))
