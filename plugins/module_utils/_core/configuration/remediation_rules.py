# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node may be told to do about events and status checks."""

from __future__ import annotations

from typing import get_args

from ..model.config import Config, Rebalance
from .problems import Problem, Problems, ValueRule, check_choice


def check_rebalance(config: Config) -> Problems:
    """What to do about a recommendation is known."""
    yield from check_choice("rebalance", config.rebalance, get_args(Rebalance))


def check_unhealthy_after(config: Config) -> Problems:
    """The seconds are none or more."""
    if config.unhealthy_after < 0:
        yield Problem(
            code="InvalidNumber",
            option="unhealthy_after",
            value=config.unhealthy_after,
            wrong="is less than no time at all",
            way_out="Give seconds, 0 or more; EC2 checks an instance once a minute",
        )


HEALING_VALUE_RULES: tuple[ValueRule, ...] = (check_rebalance, check_unhealthy_after)
