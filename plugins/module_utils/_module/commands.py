# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands in results and messages, completed with the region and the profile that the caller has given.

They are composed where nothing is known of either. Left out, a command would work on another region's nodes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

COMMAND = re.compile(r"ansible-playbook stateful_node\.aws\.\w+")

GIVEN = {
    "region": ("stateful_node_region", ("AWS_REGION", "AWS_DEFAULT_REGION")),
    "profile": ("stateful_node_profile", ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")),
}
"""The playbooks' variable for an option, and what in the environment says the same."""


def options_to_reach_aws(params: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Give the extra vars without which a playbook would not look where this module does; empty when none is needed."""
    given = ((variable, params.get(option), names) for option, (variable, names) in GIVEN.items())
    return "".join(
        f" -e {variable}={value}"
        for variable, value, names in given
        if value and value != next((environment[name] for name in names if environment.get(name)), None)
    )


def completed(value: Any, options: str) -> Any:
    """Put the options into every command that stands in a result, at any depth."""
    if not options:
        return value
    if isinstance(value, str):
        return COMMAND.sub(lambda command: command[0] + options, value)
    if isinstance(value, dict):
        return {key: completed(item, options) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [completed(item, options) for item in value]
    return value
