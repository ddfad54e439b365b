# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens that make a creating call the same call when it is made again."""

from __future__ import annotations

import hashlib

from ..._core.model.config import Candidate
from ..._core.model.record import Record


def client_token(table: str, record: Record, action: str, number: int, candidate: Candidate | None = None) -> str:
    """Derive the ClientToken of a creating call: 64 hexadecimal characters, EC2's maximum length.

    `number` is the generation or the incarnation that the call creates. The record's id takes part, so that a node
    that was forgotten and made anew under its old name does not meet its predecessor's tokens.
    Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
    """
    way = f"{candidate.instance_type}/{candidate.market}" if candidate else ""
    parts = (table, record.name, record.id, action, str(number), way)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
