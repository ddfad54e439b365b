# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The systems by the names of the option `--systems`."""

from __future__ import annotations

from .interruptions import Watched
from .systems import Composed, Floor, InProcess, Ours, Prelaunch, System

SYSTEMS: dict[str, type[System]] = {
    "ours": Ours,
    "floor": Floor,
    "in_process": InProcess,
    "prelaunch": Prelaunch,
    "watch": Watched,
    "composed": Composed,
}
"""In the order in which they are measured: what the figures of the collection need comes first."""
