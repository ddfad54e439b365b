# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module returns, put together from the nodes that it worked on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core.model.commands import Reach
from .._core.model.node_error import failure_result, failure_sentence
from .._core.model.record import Failure
from .._core.model.serialization import to_dict
from .._core.status.node_results import deleted_result, failed_result, node_result
from .._reconcile.context.failures import with_state
from .._reconcile.context.node import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """A module's result. `failures` is what went wrong, in the order of the nodes."""

    values: dict[str, Any]
    failures: tuple[Failure, ...] = ()
    reach: Reach = field(default_factory=Reach)

    @property
    def message(self) -> str:
        """All that went wrong, one paragraph a node."""
        return "\n".join(failure_sentence(failure_result(failure, self.reach)) for failure in self.failures)


@dataclass(kw_only=True, slots=True)
class Fleet:
    """The nodes of one call in the order asked for; of `unknown` ones there is only the reason.

    `lost` are the results of those without a record of which things are left in EC2.
    """

    names: tuple[str, ...]
    reach: Reach
    nodes: dict[str, Node] = field(default_factory=dict)
    unknown: dict[str, Failure] = field(default_factory=dict)
    lost: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: dict[str, dict[str, Any]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def known(self) -> Sequence[Node]:
        """The nodes that have a record."""
        return list(self.nodes.values())

    @property
    def healthy(self) -> Sequence[Node]:
        """The nodes that have not failed yet."""
        return [node for node in self.known if node.failure is None]


def fleet_result(fleet: Fleet, *, now: int, **more: Any) -> Result:
    """Put together the result of a call that worked on many nodes."""
    for node in fleet.known:
        node.failure = with_state(node)
    actions = [action.public(node.name) for node in fleet.known for action in node.done]
    values = {
        "changed": bool(actions),
        "nodes": [_node(fleet, name, now) for name in fleet.names],
        "actions": actions,
        "diff": list(_diffs(fleet)),
        "warnings": list(_warnings(fleet)),
        **more,
    }
    failures = [_failure(fleet, name) for name in fleet.names]
    return Result(values=values, failures=tuple(failure for failure in failures if failure), reach=fleet.reach)


def _node(fleet: Fleet, name: str, now: int) -> dict[str, Any]:
    if name in fleet.unknown:
        return failed_result(name, fleet.unknown[name], fleet.reach)
    if name in fleet.lost:
        return fleet.lost[name]
    node = fleet.nodes[name]
    reach = fleet.reach
    timings = node.timings
    if node.is_deleted:
        return deleted_result(node.record, node.observed, now=now, timings=timings, reach=reach)
    return node_result(node.record, node.observed, now=now, timings=timings, failure=node.failure, reach=reach)


def _failure(fleet: Fleet, name: str) -> Failure | None:
    return fleet.unknown[name] if name in fleet.unknown else fleet.nodes[name].failure if name in fleet.nodes else None


def _warnings(fleet: Fleet) -> Iterable[str]:
    yield from fleet.warnings
    for node in fleet.known:
        yield from node.warnings
        interface = node.observed.network_interface
        if interface and interface.association and interface.association.allocation_id is None:
            yield (
                f"{node.name}: EC2 assigned the public address {interface.association.public_ip}, which does not "
                "persist. Configure elastic_ip for one that does."
            )


def _diffs(fleet: Fleet) -> Iterable[dict[str, Any]]:
    for node in fleet.known:
        if node.done:
            effects = [action.public(node.name) for action in node.done]
            after = {**snapshot(node), "actions": effects}
            yield {
                "before_header": node.name,
                "after_header": node.name,
                "before": {**fleet.before.get(node.name, {}), "actions": []},
                "after": after,
            }


def snapshot(node: Node) -> dict[str, Any]:
    """Show the state of a node that its actions can change, for --diff."""
    return {
        "desired": node.record.desired,
        "network_interface": to_dict(node.observed.network_interface),
        "elastic_ip": to_dict(node.observed.address),
        "instance": to_dict(node.observed.instance),
    }
