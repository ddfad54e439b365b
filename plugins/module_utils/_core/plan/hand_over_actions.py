# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions by which a node's interface comes to an instance that runs already, and moves on to the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..model.config import Candidate
from .actions import Action, Phase


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchStandby(Action):
    """Launch an instance beside the node's own, to take its place, trying the candidates in order."""

    phase: Phase = "prelaunch"
    action: ClassVar[str] = "launch_standby"
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscardStandby(Action):
    """Terminate an instance that was to take the place of the node's own, and will not."""

    phase: Phase = "launch"
    action: ClassVar[str] = "discard_standby"
    instance_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachNetworkInterface(Action):
    """Attach the interface to the node's running instance, beside the one that it was launched with."""

    phase: Phase = "launch"
    action: ClassVar[str] = "attach_network_interface"
    network_interface_id: str | None
    instance_id: str | None
    device_index: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveNetworkInterface(Action):
    """Detach the interface from the node's instance and attach it to the standby."""

    phase: Phase = "launch"
    action: ClassVar[str] = "move_network_interface"
    network_interface_id: str | None
    from_instance_id: str | None
    instance_id: str | None
    device_index: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoteStandby(Action):
    """Make the standby, which has the interface, the node's instance: one conditional write."""

    phase: Phase = "launch"
    action: ClassVar[str] = "promote_standby"
    instance_id: str | None
    replaces: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TerminatePreviousInstance(Action):
    """Terminate the instance whose place was taken."""

    phase: Phase = "launch"
    action: ClassVar[str] = "terminate_previous_instance"
    instance_id: str | None
