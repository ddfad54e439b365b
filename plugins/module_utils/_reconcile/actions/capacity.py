# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking EC2, before a launch, which of its candidates the zone has and what they cost.

To know that spares refused calls and money, and a node can be launched without: what cannot be read is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from ..._aws.calls.aws_error import AwsError
from ..._core.configuration.candidates import leave_out, order_by_price, untried
from ..._core.model.config import Candidate
from ..context.failures import aws_message
from ..context.node import Node

T = TypeVar("T")


async def remaining(node: Node, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Say what is left to try: in an interrupted launch first its own candidate, then those that were not tried."""
    intent = node.open_intent("RunInstances")
    if not intent or not intent.candidate:
        return await _choose(node, candidates)
    left = untried([item for item in candidates if item != intent.candidate], node.identity.launch_attempts)
    return (intent.candidate, *left)


async def _choose(node: Node, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Order the candidates as configured and leave out those that the zone does not have, noting why."""
    if len({candidate.instance_type for candidate in candidates}) == 1:
        return candidates
    if node.record.wanted.launch.allocation == "lowest_price":
        candidates = await _cheapest_first(node, candidates)
    return await _only_offered(node, candidates)


async def _cheapest_first(node: Node, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    types = _types(candidate for candidate in candidates if candidate.market == "spot")
    if len(types) < 2:  # noqa: PLR2004 - one price is no choice
        return candidates
    prices = await _ask(node, node.context.markets.find_spot_prices, types)
    return order_by_price(candidates, prices or {})


async def _only_offered(node: Node, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    offered = await _ask(node, node.context.markets.find_offered_types, _types(candidates))
    if offered is None:
        return candidates
    left_out = leave_out(candidates, offered, _zone(node))
    await node.save_identity(launch_attempts=(*node.identity.launch_attempts, *left_out))
    return untried(candidates, left_out)


def _types(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    return tuple(sorted({candidate.instance_type for candidate in candidates if candidate.instance_type}))


def _zone(node: Node) -> str:
    return node.identity.availability_zone or node.record.subnet.availability_zone


async def _ask(node: Node, question: Callable[[str, tuple[str, ...]], T], types: tuple[str, ...]) -> T | None:
    """Ask about types in the node's zone, once for all nodes of the call that have the same question."""
    zone = _zone(node)
    try:
        return await node.context.ask_once((question.__name__, zone, types), partial(question, zone, types))
    except AwsError as error:
        held = node.record.operation
        told = aws_message(error, playbook=held.operation if held else "resume", explainer=node.context.explainer)
        node.warnings.append(f"{node.name}: {told} Candidates are tried in the order given.")
        return None
