# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EC2's token buckets, one per account, region and action; off unless switched on."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from .calls import Call
from .errors import ServerError


class Limit(NamedTuple):
    size: float
    refill: float
    """Tokens a second."""

    def scaled(self, scale: float) -> Limit:
        """Of a smaller account; a bucket holds one token at the least, else no call would ever pass."""
        return Limit(max(1.0, self.size * scale), self.refill * scale)


FILTERED, UNFILTERED = Limit(100, 20), Limit(50, 10)
OTHER_WRITES = Limit(50, 5)
LIMITS = {
    "RunInstances": Limit(5, 2),
    "StartInstances": Limit(5, 2),
    "TerminateInstances": Limit(100, 5),
    "CreateNetworkInterface": Limit(100, 5),
    "DeleteNetworkInterface": Limit(100, 5),
    "ModifyNetworkInterfaceAttribute": Limit(100, 5),
    "AssignPrivateIpAddresses": Limit(100, 5),
    "UnassignPrivateIpAddresses": Limit(100, 5),
    "CreateTags": Limit(100, 10),
}
# Instances, not calls.
RESOURCE_LIMITS = {"RunInstances": Limit(1000, 2), "TerminateInstances": Limit(1000, 20)}


class Bucket:
    def __init__(self, limit: Limit) -> None:
        self._limit, self._tokens, self._at = limit, limit.size, time.monotonic()

    def take(self, tokens: float, speed: float) -> bool:
        now = time.monotonic()
        self._tokens = min(self._limit.size, self._tokens + (now - self._at) * self._limit.refill * speed)
        self._at = now
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True


class Throttle:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    def clear(self) -> None:
        with self._lock:
            self._buckets.clear()

    def check(self, call: Call, speed: float, scale: float = 1.0) -> None:
        if call.service != "ec2":
            return
        with self._lock:
            allowed = self._take("request", call, limit_of(call).scaled(scale), 1, speed)
            if allowed and call.action in RESOURCE_LIMITS:
                allowed = self._take("resource", call, RESOURCE_LIMITS[call.action], _instances(call), speed)
        if not allowed:
            raise ServerError("RequestLimitExceeded", "Request limit exceeded.", 503)

    def _take(self, kind: str, call: Call, limit: Limit, tokens: float, speed: float) -> bool:
        bucket = self._buckets.setdefault((kind, call.region, call.action), Bucket(limit))
        return bucket.take(tokens, speed)


def limit_of(call: Call) -> Limit:
    if call.mutating:
        return LIMITS.get(call.action, OTHER_WRITES)
    return FILTERED if _is_narrowed(call) else UNFILTERED


def _is_narrowed(call: Call) -> bool:
    """By filter, by page or by id; only these two actions have a smaller bucket otherwise."""
    if call.action not in ("DescribeInstances", "DescribeNetworkInterfaces"):
        return True
    return any(
        name.startswith(("Filter", "MaxResults", "InstanceId", "NetworkInterfaceId")) for name in call.parameters
    )


def _instances(call: Call) -> int:
    if call.action == "RunInstances":
        return int(call.parameters.get("MaxCount") or 1)
    return sum(name.startswith("InstanceId") for name in call.parameters)
