# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the commands in a result need so that they reach the nodes that the call was about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.model.commands import Reach

REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
PROFILE_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
"""Environment variables that the SDK reads, the first that is set wins."""


def reach_of(params: Mapping[str, Any], environment: Mapping[str, str]) -> Reach:
    """Take region, profile and table from a module's parameters, as far as the environment does not say the same."""
    return Reach(
        table=params["table_name"],
        region=_unless_given(params.get("region"), environment, REGION_VARIABLES),
        profile=_unless_given(params.get("profile"), environment, PROFILE_VARIABLES),
    )


def _unless_given(value: str | None, environment: Mapping[str, str], variables: tuple[str, ...]) -> str | None:
    set_there = next((environment[variable] for variable in variables if environment.get(variable)), None)
    return None if value == set_there else value or None
