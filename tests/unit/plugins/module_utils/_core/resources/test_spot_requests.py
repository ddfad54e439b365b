# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each status code of a Spot request whose instance exists, by AWS's table of them."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.spot_requests import (
    is_marked_for_interruption,
)


@pytest.mark.parametrize(
    ("status_code", "is_marked"),
    [
        ("marked-for-termination", True),
        ("marked-for-stop", True),
        ("marked-for-stop-by-experiment", True),
        ("instance-terminated-no-capacity", True),
        ("instance-terminated-by-price", True),
        ("instance-terminated-by-experiment", True),
        ("instance-stopped-no-capacity", True),
        ("fulfilled", False),
        ("pending-evaluation", False),
        ("instance-terminated-by-user", False),
        ("instance-stopped-by-user", False),
        ("", False),
        ("request-canceled-and-instance-running", None),
        (None, None),
    ],
)
def test_a_status_code(status_code, is_marked):
    assert is_marked_for_interruption(status_code) is is_marked
