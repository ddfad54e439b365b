# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan is made from: the record and what EC2 shows, as they are now or as they will be after some actions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..model.identity import Identity
from ..model.observed import NetworkInterface, Observed
from ..model.record import Intent, Record


class Unknown(str):
    """An id or an address that EC2 chooses only when the action is carried out; the text tells it from others.

    It is used while planning, and shown as null.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class State:
    """A node: its record, and what EC2 shows of it."""

    record: Record
    observed: Observed

    @property
    def identity(self) -> Identity:
        """The identity of the record."""
        return self.record.identity

    @property
    def network_interface(self) -> NetworkInterface | None:
        """The interface as EC2 shows it."""
        return self.observed.network_interface

    def intent_of(self, action: str) -> Intent | None:
        """Find the open intent of an AWS action, such as RunInstances."""
        intent = self.record.intent
        return intent if intent and intent.action == action else None

    def without_intent(self, action: str) -> State:
        """Resolve the open intent of an AWS action; one of another action stays."""
        return self.with_record(intent=None) if self.intent_of(action) else self

    def with_record(self, **changes: Any) -> State:
        """Change fields of the record."""
        return replace(self, record=replace(self.record, **changes))

    def with_identity(self, **changes: Any) -> State:
        """Change fields of the identity."""
        return self.with_record(identity=replace(self.identity, **changes))

    def with_recorded_interface(self, **changes: Any) -> State:
        """Change fields of the recorded interface; nothing where there is none."""
        if self.identity.interface is None:
            return self
        return self.with_identity(interface=replace(self.identity.interface, **changes))

    def with_observed(self, **changes: Any) -> State:
        """Change what EC2 shows."""
        return replace(self, observed=replace(self.observed, **changes))

    def with_interface(self, **changes: Any) -> State:
        """Change what EC2 shows of the interface; nothing where it shows none."""
        if self.network_interface is None:
            return self
        return self.with_observed(network_interface=replace(self.network_interface, **changes))
