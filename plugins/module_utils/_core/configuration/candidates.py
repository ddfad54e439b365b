# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order the ways to launch are tried, given what the zone has and asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..model.config import Candidate
from ..model.identity import LaunchAttempt

NOT_OFFERED = "NotOffered"
"""The code of a launch attempt that was not made, since the zone does not have the instance type."""


def wording(candidate: Candidate | LaunchAttempt) -> str:
    """Say a way to launch in words: `m6i.large on spot`."""
    market = "on demand" if candidate.market == "on_demand" else f"on {candidate.market}"
    return f"{candidate.instance_type or 'the type of the launch template'} {market}"


def order_by_price(candidates: Sequence[Candidate], prices: Mapping[str, float]) -> tuple[Candidate, ...]:
    """Put spot candidates in the order of their price, the cheapest first; one without a price comes after those.

    `prices` are in US dollars an hour, by instance type. Candidates on demand keep their place behind.
    """
    spot = [candidate for candidate in candidates if candidate.market == "spot"]
    others = [candidate for candidate in candidates if candidate.market != "spot"]
    cheapest_first = sorted(spot, key=lambda candidate: prices.get(candidate.instance_type or "", float("inf")))
    return (*cheapest_first, *others)


def leave_out(candidates: Sequence[Candidate], offered: Collection[str], zone: str) -> tuple[LaunchAttempt, ...]:
    """Note, for each candidate whose type the zone does not have, why it is not tried."""
    return tuple(
        LaunchAttempt(
            instance_type=candidate.instance_type,
            market=candidate.market,
            code=NOT_OFFERED,
            message=f"{zone} does not offer {candidate.instance_type}",
        )
        for candidate in candidates
        if candidate.instance_type and candidate.instance_type not in offered
    )


def untried(candidates: Sequence[Candidate], attempts: Sequence[LaunchAttempt]) -> tuple[Candidate, ...]:
    """List the candidates that no attempt stands for."""
    tried = {(attempt.instance_type, attempt.market) for attempt in attempts}
    return tuple(item for item in candidates if (item.instance_type, item.market) not in tried)
