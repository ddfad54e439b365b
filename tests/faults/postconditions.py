# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judging a step: the expectations of the model, held against what is now and what was before."""

from __future__ import annotations

from dataclasses import replace

from . import model
from .harness import NAME, Moment, Stage, StepOutcome


def fail_on(problems: list[str]) -> None:
    """Raise AssertionError with all that was found."""
    assert not problems, "\n".join(problems)


def worded(outcome: StepOutcome) -> list[str]:
    """Say which errors a person could not act on."""
    return [problem for failure in outcome.failures for problem in model.misworded(NAME, failure)]


def always(stage: Stage, before: Moment, now: Moment, *, amid: bool = False) -> list[str]:
    """What must be true after any step; `amid`: somebody did something in the console while the step went on."""
    ours, promised = now.account.without(stage.theirs), model.without_surplus(before.promised, now.record)
    if amid:
        promised = _still_possible(promised, now)
    interface_id = promised.network_interface_id
    untouchable = set() if amid else stage.theirs - set(stage.given.values())
    return [
        *([f"{interface_id} was deleted"] if interface_id and interface_id not in now.account.interfaces else []),
        *model.broken_promises(promised, now.record),
        *model.doubled(ours, now.record),
        *model.leaked(ours, now.record),
        *model.disturbed(before.account, now.account, untouchable),
        *stage.neighbour_changes(),
    ]


def _still_possible(promised: model.Promised, now: Moment) -> model.Promised:
    """Leave out of a promise what somebody may have taken away while the operation ran."""
    primary = replace(promised, private_ip_addresses=promised.private_ip_addresses[:1], ipv6_addresses=())
    if promised.network_interface_id not in now.account.interfaces:
        primary = replace(primary, network_interface_id=None)
    if promised.allocation_id not in now.account.addresses:
        primary = replace(primary, allocation_id=None, public_ip=None)
    return primary


def well_done(stage: Stage, before: Moment, now: Moment, operation: str) -> list[str]:
    """What must be true after an operation that says it went well, and that doing it once more changes nothing."""
    ours = now.account.without(stage.theirs)
    problems = list(model.unsettled(ours, now.record, operation, stage.third_party.given))
    was, is_now = before.record.identity.instance_id, now.record.identity.instance_id
    going_on = before.record.operation or before.record.unfinished
    took_over = is_now in model.beside(before.record)
    if operation == "resume" and was != is_now and was in _running(before) and not took_over:
        problems.append(f"resume put {is_now} in the place of {was}, which was running")
    if operation == "replace" and was == is_now and not going_on:
        problems.append(f"replace left {was} where it was")
    return problems + _nothing_more(stage, operation)


def _running(at: Moment) -> list[str]:
    return [key for key, item in at.account.instances.items() if item["State"]["Name"] == "running"]


def _nothing_more(stage: Stage, operation: str) -> list[str]:
    """Run it once more: a replace would replace again, so that a resume stands in for it."""
    again = "resume" if operation == "replace" else operation
    stage.emulator.clear_calls()
    outcome = stage.operate(again)
    errors = [f"once more fails: {error}" for error in (*outcome.failures, *outcome.broken)]
    calls = [f"once more makes {call['action']}" for call in stage.emulator.calls(mutating=True)]
    node = stage.collection.run("info", name=[NAME]).values["nodes"][0]
    is_shown = operation == "pause" or (node["status"], node["drift"]) == ("running", [])
    return [*errors, *calls, *([] if is_shown else [f"not shown as running: {node}"])]


def explained(stage: Stage, before: Moment, now: Moment, operation: str, outcome: StepOutcome) -> list[str]:
    """What must be true after an operation that failed although AWS did not: what is in the way is named."""
    reasons = model.obstacles(before.account, before.record, operation, stage.theirs, no_capacity=stage.no_capacity)
    problems = [f"without a fault the whole call fails: {error}" for error in outcome.broken] + worded(outcome)
    for failure in outcome.failures:
        if not any(name in f"{failure.code} {failure.message}" for reason in reasons for name in reason):
            problems.append(f"unexplained, expected one of {reasons}: {failure}")
    # Who is refused at the beginning takes nothing over.
    if now.record.operation not in (None, before.record.operation):
        problems.append(f"the lease was not given back: {now.record.operation}")
    return problems


def busy(stage: Stage, operation: str) -> list[str]:
    """What must be true of an operation that meets another one's lease, without taking it over."""
    stage.emulator.clear_calls()
    outcome = stage.operate(operation)
    told = any(failure.code in ("Busy", "NotRunning") for failure in outcome.failures)
    calls = [f"busy, and makes {call['action']}" for call in stage.emulator.calls(mutating=True)]
    return [*([] if told else ["an operation was taken over without being told to"]), *worded(outcome), *calls]
