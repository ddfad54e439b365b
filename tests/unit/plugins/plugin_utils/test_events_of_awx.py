# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events that came through AWX: ansible-core >= 2.19 guesses the types of its texts."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.plugin_utils.rulebook_events import VARIABLE, read_rulebook_events

BODY = {
    "source": "aws.ec2",
    "detail-type": "EC2 Spot Instance Interruption Warning",
    "account": "123456789012",
    "region": "us-east-1",
    "time": "2026-12-01T12:00:00Z",
    "detail": {"instance-id": "i-0123456789abcdef0"},
}
AT_NOON = datetime(2026, 12, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({}, {}),
        ({}, {"time": AT_NOON}),
        ({}, {"account": 123456789012}),
        ({"account": "012345670123"}, {"account": 0o12345670123}),
    ],
)
def test_times_and_accounts_are_as_they_were_written(written: dict[str, Any], read: dict[str, Any]) -> None:
    expected = read_rulebook_events({VARIABLE: {"event": {"body": {**BODY, **written}}}})
    found = read_rulebook_events({VARIABLE: {"events": {"m_0": {"body": {**BODY, **read}}}}})
    assert len(expected.documents) == 1
    assert found == expected
