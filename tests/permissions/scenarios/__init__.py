# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For each playbook what makes every call that its code can make: first times, changes, repairs, what was cut off."""

from __future__ import annotations

from collections.abc import Mapping

from tests.permissions.scenarios.describing import ADOPT, CONFIG
from tests.permissions.scenarios.ending import DELETE, ORPHANS
from tests.permissions.scenarios.looking import INFO, REPORT, WATCH
from tests.permissions.scenarios.mending import REPAIR
from tests.permissions.scenarios.running import PAUSE, REPLACE, RESUME
from tests.permissions.world import PolicyCase

SCENARIOS: Mapping[str, tuple[PolicyCase, ...]] = {
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
