# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For each playbook what makes every call that its code can make: first times, changes, repairs, what was cut off."""

from __future__ import annotations

from collections.abc import Mapping

from ..world import Scenario
from .describing import ADOPT, CONFIG
from .ending import DELETE, ORPHANS
from .looking import INFO, REPORT, WATCH
from .mending import REPAIR
from .running import PAUSE, REPLACE, RESUME

SCENARIOS: Mapping[str, tuple[Scenario, ...]] = {
    "config": CONFIG,
    "info": INFO,
    "status": INFO,
    "report": REPORT,
    "watch": WATCH,
    "adopt": ADOPT,
    "resume": RESUME,
    "pause": PAUSE,
    "replace": REPLACE,
    "delete": DELETE,
    "orphans": ORPHANS,
    "repair": REPAIR,
}
