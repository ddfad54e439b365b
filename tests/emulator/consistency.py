# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Eventual consistency: what was just made is not there yet.

For a window, 0 unless set, a fresh interface, instance, Elastic IP or tag is missing from lists, and naming the fresh
resource answers NotFound, in reads and in writes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Hashable, Iterable

from .calls import Call
from .errors import EC2ClientError

NOT_FOUND = {
    "eni": ("InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '{}' does not exist"),
    "i": ("InvalidInstanceID.NotFound", "The instance ID '{}' does not exist"),
    "eipalloc": ("InvalidAllocationID.NotFound", "The allocation ID '{}' does not exist"),
}
HIDDEN_ID = re.compile(r"(eni|i|eipalloc)-[0-9a-f]+")


class Consistency:
    def __init__(self) -> None:
        self.window = 0.0
        self._made: dict[Hashable, float] = {}

    def clear(self) -> None:
        self._made.clear()

    def note(self, made: Hashable) -> None:
        """A resource's id, or an id and a tag's key."""
        if self.window > 0:
            self._made.setdefault(made, time.monotonic())

    def is_fresh(self, made: Hashable) -> bool:
        return bool(self._made) and time.monotonic() - self._made.get(made, float("-inf")) < self.window

    def check(self, call: Call) -> None:
        """Raises when the call names a fresh resource other than in a filter."""
        if not self._made or call.service != "ec2":
            return
        for value in _named(call):
            found = HIDDEN_ID.fullmatch(value)
            if found and self.is_fresh(value):
                code, message = NOT_FOUND[found[1]]
                raise EC2ClientError(code, message.format(value))


def _named(call: Call) -> Iterable[str]:
    return (str(value) for name, value in call.parameters.items() if not name.startswith("Filter"))
