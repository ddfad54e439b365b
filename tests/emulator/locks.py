# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lock per service around each request.

moto checks and then writes without a lock (dynamodb/models/table.py put_item, ec2 attach_eni), so two conditional
writes can both win. SQS is left out: its long polling would hold the lock.
"""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator

UNLOCKED = frozenset({"sqs"})
# CloudFormation works on the other services' resources; the order is fixed, so that no two requests can deadlock.
ALSO_LOCKED = {"cloudformation": ("dynamodb", "ec2", "events", "iam"), "ec2": ("events",)}


class Locks:
    def __init__(self) -> None:
        self._locks: dict[str, threading.RLock] = defaultdict(threading.RLock)

    @contextlib.contextmanager
    def holding(self, service: str) -> Iterator[None]:
        names = () if service in UNLOCKED else tuple(sorted({service, *ALSO_LOCKED.get(service, ())}))
        with contextlib.ExitStack() as stack:
            for name in names:
                stack.enter_context(self._locks[name])
            yield
