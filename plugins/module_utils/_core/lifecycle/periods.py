# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the life of a node is made of: how long an instance carried it, none did, and it had its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Union

Start = Literal["launched", "started", "adopted", "unknown"]
End = Literal["terminated", "interrupted", "lost", "stopped", "released", "unknown"]
Cause = Literal["paused", "replaced", "deleted", "interrupted", "lost", "stopped", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceSpan:
    """How long an instance carried the node. Times are seconds since the epoch.

    `started_at` is when it was in service; with the `start` unknown it ran before that. `ended_at` is None while it
    carries the node. `ended_after` is when it was last known to run; None where `ended_at` is the very time.
    """

    instance_id: str
    instance_type: str | None
    instance_lifecycle: str | None
    generation: int | None
    started_at: int
    start: Start
    ended_after: int | None = None
    ended_at: int | None = None
    end: End | None = None
    state_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """How long no instance carried the node. Times are seconds since the epoch.

    `started_at` is when it was seen to be out of service; `started_after`, None where that is the very time, when it
    was last known to be in service. `ended_at` is None while it is out of service.
    """

    started_after: int | None
    started_at: int
    ended_at: int | None = None
    cause: Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressSpan:
    """How long the node had its addresses. Times are seconds since the epoch; `ended_at` is None while it has them."""

    network_interface_id: str | None
    private_ip_address: str | None
    public_ip: str | None
    started_at: int
    ended_at: int | None = None


Span = Union[InstanceSpan, Gap, AddressSpan]  # noqa: UP007 - ansible-test's pylint takes the classes for values here
