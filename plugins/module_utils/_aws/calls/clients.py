# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How clients are configured: what botocore retries by itself, and what it must not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 40
LONGEST_CALL = CONNECT_TIMEOUT + READ_TIMEOUT
"""Seconds after which a call has either answered or been given up."""

WORKERS = 64
"""Calls made at the same time, and so connections to keep. With more, threads are in each other's way."""

Settings = Mapping[str, Any]
"""What botocore.config.Config is made of."""

_TIMEOUTS = {
    "connect_timeout": CONNECT_TIMEOUT,
    "read_timeout": READ_TIMEOUT,
    "max_pool_connections": WORKERS,
}
READS: Settings = {**_TIMEOUTS, "retries": {"mode": "standard", "total_max_attempts": 8}}
WRITES: Settings = {**_TIMEOUTS, "retries": {"mode": "standard", "total_max_attempts": 1}}

ClientFactory = Callable[[str, Settings], Any]
"""Makes the boto3 client of a service with these settings: AnsibleAWSModule.client, or a test's own."""
