# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose account the caller works in, by STS."""

from __future__ import annotations

from ..._core.model.node_error import NodeError
from ..calls.aws_error import AwsError, translated
from ..calls.clients import ClientFactory, Settings

SETTINGS: Settings = {
    "connect_timeout": 2,
    "read_timeout": 3,
    "retries": {"mode": "standard", "total_max_attempts": 1},
}
"""No work depends on the answer, so it is not waited for long: a private subnet may have no way to STS."""


def read_account_id(client_factory: ClientFactory) -> str | None:
    """Read the id of the caller's account; None when STS does not answer.

    GetCallerIdentity needs no permission, and a policy cannot deny it.
    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    try:
        with translated("GetCallerIdentity"):
            return str(client_factory("sts", SETTINGS).get_caller_identity()["Account"])
    except (AwsError, NodeError):
        return None
