# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 has said about capacity to the nodes of one call of a module.

When a zone's spot capacity is gone, each refused launch of a fleet costs a token of RunInstances' bucket, for which
the nodes that can be launched wait. So a pool that has just refused one node is passed over for the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._aws.calls.clock import Clock

REFUSED_FOR = 30
"""Seconds for which a refusal speaks for other nodes; then one of them asks again."""

POOL = ("InstanceType", "InstanceMarketOptions", "Placement", "ImageId", "LaunchTemplate")
"""What of a launch its capacity depends on: by its image on the platform, by its template on a reservation."""


@dataclass
class PoolRefusedError(Exception):
    """A launch is not asked for, as EC2 has just refused one like it: with this code, in these words."""

    code: str
    message: str


@dataclass(frozen=True)
class _Refusal:
    at: float
    name: str
    code: str
    message: str


class Pools:
    """The refusals, by the pool that a launch asks of."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refusals: dict[str, _Refusal] = {}

    def note_refusal(self, name: str, parameters: Mapping[str, Any], code: str, message: str) -> None:
        """Take note that EC2 has no capacity for the launch of the node of that name, by its error or state reason."""
        self._refusals[_pool(parameters)] = _Refusal(self._clock.monotonic(), name, code, message)

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raise PoolRefusedError when a launch like this was refused a moment ago."""
        refusal = self._refusals.get(_pool(parameters))
        ago = self._clock.monotonic() - refusal.at if refusal else 0
        if refusal and ago < REFUSED_FOR:
            said = f"not asked for, as it was refused {ago:.0f} s ago for {refusal.name}: {refusal.message}"
            raise PoolRefusedError(refusal.code, said)


def _pool(parameters: Mapping[str, Any]) -> str:
    return json.dumps({name: parameters.get(name) for name in POOL}, sort_keys=True)
