# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the status of a Spot request says about its instance.

The codes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instances-request-status-lifecycle.html. When EC2
needs the capacity back of an instance that is terminated on interruption, the status is at once
`instance-terminated-no-capacity`, two minutes before the instance ends; in other cases it is `marked-for-termination`
or `marked-for-stop`. EC2 shows nothing of a rebalance recommendation.
"""

from __future__ import annotations

LAUNCHING_STATES = ("open", "active", "disabled")
"""States of a persistent Spot request in which it may launch an instance, now or later; the others are its end.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-instances-cancel.html
"""

INTERRUPTED_BY_SPOT = ("marked-for-", "instance-terminated-", "instance-stopped-")
"""How the status codes begin of an instance that Spot is about to take, or has taken."""

ENDED_BY_USER = ("instance-terminated-by-user", "instance-stopped-by-user")

NOT_FOLLOWED = ("request-canceled-and-instance-running",)
"""The request was cancelled while its instance runs on: its status says nothing about the instance any more."""


def is_marked_for_interruption(status_code: str | None) -> bool | None:
    """Whether EC2 shows that Spot takes the instance; None where the status does not say, or there is no request.

    Only an instance that still exists should be asked about: of one that is gone its own state says more.
    """
    if status_code is None or status_code in NOT_FOLLOWED:
        return None
    return status_code.startswith(INTERRUPTED_BY_SPOT) and status_code not in ENDED_BY_USER
