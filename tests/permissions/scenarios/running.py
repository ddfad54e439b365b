# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""resume, pause and replace: first times, changes, what was cut off."""

from __future__ import annotations

from tests.support.collection import STEPS

from ..world import NAME, PolicyCase, PolicyEnvironment
from .changes import CHANGES
from .nodes import (
    APART,
    EVERYTHING,
    ON_DEMAND,
    admin_resumes,
    configured,
    cut_off,
    from_template,
    moved,
    operate,
    paused,
    resumed,
    stopped,
    then,
    until_ok,
)


def _stopped_before_its_end(world: PolicyEnvironment) -> None:
    """A replacement that was cut off when it was all but done, and whose instance somebody has stopped."""
    begun = world.admin.run("operation", name=[NAME], state="begun", operation="replace")
    for module, state in STEPS["replace"]:
        world.admin.run(module, name=[NAME], state=state, operation_id=begun.values["operation_id"])
    stopped(world)


RESUME = (
    PolicyCase("for the first time, with everything", from_template, operate("resume")),
    PolicyCase("all", paused(), operate("resume", "all")),
    *(PolicyCase(name, prepare, operate("resume")) for name, prepare in CHANGES.items()),
    PolicyCase("stopped by somebody", then(resumed(**ON_DEMAND), stopped), operate("resume")),
    PolicyCase("handing over, for the first time", configured(**APART), operate("resume")),
    PolicyCase(
        "after a hand-over that was cut off",
        then(resumed(**APART), cut_off("RunInstances", "replace")),
        operate("resume"),
    ),
    PolicyCase("waiting for the checks", paused(), until_ok("resume")),
)

PAUSE = (
    PolicyCase("all", resumed(), operate("pause", "all")),
    PolicyCase("with everything", then(from_template, admin_resumes), operate("pause")),
    PolicyCase("deleted with its instance", CHANGES["deleted with its instance"], operate("pause")),
    PolicyCase("after a launch that was cut off", then(from_template, cut_off("RunInstances")), operate("pause")),
    PolicyCase(
        "after a launch apart that was cut off",
        then(configured(**APART), cut_off("RunInstances", kind="lost_before")),
        operate("pause"),
    ),
)

REPLACE = (
    PolicyCase("with everything", then(from_template, admin_resumes), operate("replace")),
    PolicyCase("all", resumed(), operate("replace", "all")),
    PolicyCase("elsewhere", then(resumed(**EVERYTHING), moved), operate("replace", allow_address_change=True)),
    *(PolicyCase(name, prepare, operate("replace")) for name, prepare in CHANGES.items()),
    PolicyCase("stopped before its end", then(resumed(**ON_DEMAND), _stopped_before_its_end), operate("replace")),
    PolicyCase("handing over", resumed(**APART), operate("replace")),
    PolicyCase("waiting for the checks", resumed(), until_ok("replace")),
)
