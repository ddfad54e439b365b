# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes and histories as the modules would return them, for as many nodes as a test wants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.stateful_node.aws.plugins.filter.report_page import report_page
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.history import Entry
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.history_results import (
    History,
    history_result,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.timeline import Present
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.ec2_codes import SPOT_INTERRUPTION
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import LaunchAttempt
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Instance, Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Failure, FoundInstance, Record
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import NAME
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.node_results import node_result

from tests.support.builders import (
    ALLOCATION,
    ASSOCIATION,
    make_address,
    make_config,
    make_interface,
    make_record,
)
from tests.support.identities import make_identity_of

NOW, DAY = 1_764_000_000, 86400
DAYS = 14


def prepared(count: int, **config: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Prepare nodes that run, are paused every night, and were interrupted, in turn; `config` is each one's."""
    nodes, histories = [], []
    for number in range(count):
        present, entries = _node(number, config)
        nodes.append(node_result(present.record, present.observed, now=NOW))
        history = History(entries=tuple(reversed(entries)), shown=len(entries))
        histories.append(history_result(present.record.name, history, present, Reach()))
    told = {"nodes": histories, "since": NOW - 30 * DAY, "read_at": NOW, "region": "us-east-1", "table_name": "nodes"}
    return nodes, told


def prepared_page(count: int, **config: Any) -> str:
    nodes, told = prepared(count, **config)
    return report_page(nodes, told, title="Prepared nodes")


def _node(number: int, config: dict[str, Any]) -> tuple[Present, list[Entry]]:
    entries = list(_entries(number))
    last, kind = entries[-1], number % 3
    market = "spot" if last.market == "spot" else "on_demand"
    state = "terminated" if kind == 2 else "running"
    reason = SPOT_INTERRUPTION if kind == 2 else None
    seen = Instance(
        instance_id=last.instance_id or "", state=state, instance_type="m6i.large", market=market, state_reason=reason
    )
    record: Record = make_record(
        make_config(**config),
        name=f"node-{number}",
        desired="running" if last.instance_id else "paused",
        identity=make_identity_of(
            network_interface_id=f"eni-{number}",
            private_ip_address=_address(number),
            private_ip_addresses=(_address(number),),
            generation=last.generation,
            instance_id=last.instance_id,
            allocation_id=ALLOCATION if last.public_ip else None,
            association_id=ASSOCIATION if last.public_ip else None,
            public_ip=last.public_ip,
        ),
    )
    observed = Observed(
        network_interface=make_interface(
            network_interface_id=f"eni-{number}",
            private_ip_addresses=(_address(number),),
            tags={"Name": f"node-{number}", NAME: f"node-{number}"},
        ),
        instance=seen if last.instance_id else None,
        address=make_address(f"eni-{number}") if last.public_ip else None,
    )
    return Present(now=NOW, record=record, observed=observed), entries


def _address(number: int) -> str:
    return f"10.0.{number // 200}.{number % 200 + 9}"


def _entries(number: int) -> Iterator[Entry]:
    """Tell the operations of two weeks; a node that is paused every night is paused now."""
    paused_at_night = number % 3 == 1
    found = FoundInstance()
    for day in range(DAYS):
        began = NOW - (DAYS - day) * DAY + 600 * (number % 100)
        if day and not paused_at_night:
            if day % 5 == 0:
                yield _launch("replace", began, number, day, found)
                found = _found(number, day)
            continue
        yield _launch("resume", began, number, day, found)
        found = _found(number, day)
        if paused_at_night:
            yield _pause(began + DAY // 2, number, day, found)
            found = FoundInstance()
    if number == 1:
        yield _failed(NOW - 3600, number, DAYS - 1)


def _found(number: int, day: int) -> FoundInstance:
    return FoundInstance(instance_id=f"i-{number:04}{day:02}", state="running", market=_market(number))


def _market(number: int) -> str:
    return "on_demand" if number % 4 == 3 else "spot"


def _common(number: int, day: int) -> dict[str, Any]:
    return {
        "owner": "alice@controller/1",
        "network_interface_id": f"eni-{number}",
        "private_ip_address": _address(number),
        "public_ip": f"198.51.100.{number % 250}" if number % 3 == 0 else None,
        "generation": day + 1,
    }


def _launch(operation: str, began: int, number: int, day: int, found: FoundInstance) -> Entry:
    return Entry(
        operation_id=f"{number}-{day}", operation=operation, started_at=began, ended_at=began + 90, found=found,
        instance_id=f"i-{number:04}{day:02}", instance_type="m6i.large", market=_market(number),
        instance_generation=day + 1, instance_launched_at=began + 40, timings={"terminate": 30.0},
        phases_ended_at={"launch": began + 80} | ({"terminate": began + 35} if operation == "replace" else {}),
        **_common(number, day),
    )  # fmt: skip


def _pause(began: int, number: int, day: int, found: FoundInstance) -> Entry:
    return Entry(
        operation_id=f"p{number}-{day}", operation="pause", started_at=began, ended_at=began + 40, found=found,
        timings={"terminate": 35.0}, phases_ended_at={"terminate": began + 40}, **_common(number, day),
    )  # fmt: skip


def _failed(began: int, number: int, day: int) -> Entry:
    code, message = "InsufficientInstanceCapacity", "There is no Spot capacity available that matches your request."
    return Entry(
        operation_id=f"f{number}", operation="resume", started_at=began, ended_at=began + 20, found=FoundInstance(),
        error=Failure(code="NoCapacity", message=f"node-{number}: no candidate could be launched."),
        launch_attempts=(LaunchAttempt(instance_type="m6i.large", market="spot", code=code, message=message),),
        **_common(number, day),
    )  # fmt: skip
