# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status of a node: derived from record and EC2, never stored."""

from __future__ import annotations

from ..model.observed import Observed
from ..model.record import Record
from .drift import Drift

UNDER_WAY = {
    "resume": "resuming",
    "pause": "pausing",
    "replace": "replacing",
    "delete": "deleting",
}


def derive_status(record: Record, observed: Observed, drift: tuple[Drift, ...]) -> str:
    """Say what the node is, from `new` to `deleting`, or `degraded` where it needs attention."""
    interface = observed.network_interface
    if record.operation and record.operation.operation in UNDER_WAY:
        return UNDER_WAY[record.operation.operation]
    if record.desired is None:
        return "new"
    if any(item.degrades for item in drift):
        return "degraded"
    if record.desired == "running":
        return "running" if observed.instance and observed.instance.state == "running" else "resuming"
    gone = observed.instance is None or observed.instance.state == "terminated"
    return "paused" if gone and not (interface and interface.attachment) else "pausing"
