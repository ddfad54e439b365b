# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done about a node: by its events, and by how it is. Each row is one case, with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.instance_events import Event
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.remediation import (
    CLOCK_SECONDS,
    GRACE_SECONDS,
    WARNING_SECONDS,
    decide_event,
    decide_state,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import RecordedInstance
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Instance
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Rerun
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import GENERATION

from tests.support.builders import (
    INSTANCE,
    NOW,
    make_config,
    make_intent,
    make_operation,
    make_record,
    make_unfinished,
    paused,
    running,
)
from tests.support.identities import make_identity_of

LAUNCHED = NOW - 3600


def an_instance(state="running", **fields):
    given = {"instance_id": INSTANCE, "instance_type": "t3.micro", "market": "spot", "tags": {GENERATION: "1"}}
    return Instance(**{**given, "state": state, **fields})


def an_event(kind="interruption", age=1, **fields):
    given = {"instance_id": INSTANCE, "account": "123456789012", "region": "us-east-1"}
    return Event(**{**given, "kind": kind, "time": NOW - age, **fields})


def a_node(generation=1, instance_generation=None, **options):
    own = {"instance_launched_at": LAUNCHED, "generation": generation}
    return running(make_config(**options), **own, instance_generation=instance_generation or generation)


def launching(number):
    """A node whose second or third launch is under way."""
    return replace(a_node(number, instance_generation=1), intent=make_intent("RunInstances", number))


def standing_by(record):
    standby = RecordedInstance(
        instance_id="i-2", generation=2, launched_at=NOW, instance_type="t3.micro", market="spot"
    )
    return replace(record, identity=make_identity_of(record.identity, standby=standby))


def held(operation, record=None, **fields):
    return replace(record or a_node(), operation=make_operation(operation, **fields))


def cut_off(operation, record=None, **fields):
    return held(operation, record, expires_at=NOW, **fields)


RUNNING, STOPPED, GOING, GONE = (an_instance(state) for state in ("running", "stopped", "shutting-down", "terminated"))
TAKEN = an_instance("terminated", state_reason="Server.SpotInstanceTermination")
ON_DEMAND = an_instance(market="on_demand")
ENDED_ON_DEMAND = an_instance("terminated", market="on_demand")
WARNED_OF = ("replace", "interruption")
OTHER = an_instance(instance_id="i-0")
NEWER = an_instance(instance_id="i-2", tags={GENERATION: "2"})
STRANGE = an_instance(instance_id="i-2", tags={GENERATION: "many"})
WARNED, AT_RISK, CHANGED = an_event(), an_event("rebalance"), an_event("state_change")
DIED = a_node(2, instance_generation=1)
STANDING_BY = standing_by(DIED)
AT_DEVICE_1 = replace(STANDING_BY, identity=make_identity_of(STANDING_BY.identity, device_index=1))
AT_DRAIN = cut_off("replace", AT_DEVICE_1, rerun=Rerun(variables={"replace_before": "drain.yml"}))
CUT_OFF_BESIDE = cut_off("replace", STANDING_BY)
HEALED, REBALANCED = a_node(auto_heal=True), a_node(rebalance="replace")

EVENTS = {
    # An interruption: replaced while it runs, resumed when it is gone.
    "a warning": (WARNED, a_node(), RUNNING, "replace", "interruption"),
    "a warning while it starts": (WARNED, a_node(), an_instance("pending"), "replace", "interruption"),
    "a warning of a stopped one": (WARNED, a_node(), STOPPED, "replace", "interruption"),
    "a warning, and it is on its way out": (WARNED, a_node(), GOING, "resume", "instance_missing"),
    "a warning, and it is gone": (WARNED, a_node(), TAKEN, "resume", "interrupted"),
    "a warning, and somebody ended it": (WARNED, a_node(), GONE, "resume", "instance_missing"),
    "a warning at the end of its time": (an_event(age=WARNING_SECONDS), a_node(), RUNNING, "replace", "interruption"),
    "a warning that nothing came of": (an_event(age=WARNING_SECONDS + 1), a_node(), RUNNING, None, "outdated"),
    "a late warning of one that is gone": (an_event(age=86_400), a_node(), TAKEN, "resume", "interrupted"),
    "a warning with auto_heal": (WARNED, HEALED, RUNNING, "replace", "interruption"),
    "a warning of an on-demand instance": (WARNED, a_node(), ON_DEMAND, None, "not_spot"),
    "a warning of an on-demand instance that is gone": (
        WARNED,
        a_node(),
        ENDED_ON_DEMAND,
        "resume",
        "instance_missing",
    ),
    "a warning of a clock that is a little ahead": (an_event(age=-CLOCK_SECONDS), a_node(), RUNNING, *WARNED_OF),
    "a warning from the future": (an_event(age=-CLOCK_SECONDS - 1), a_node(), RUNNING, "later", "dated_ahead"),
    "a warning from the future of one that is gone": (an_event(age=-9999), a_node(), TAKEN, "resume", "interrupted"),
    # Twice, or together with something else: by then the instance is not the node's any more.
    "a warning of an older generation": (WARNED, a_node(), OTHER, None, "older_generation"),
    "a recommendation after the replacement": (AT_RISK, REBALANCED, OTHER, None, "older_generation"),
    "a state change of an older generation": (CHANGED, a_node(), OTHER, None, "older_generation"),
    "a generation that is no number": (WARNED, a_node(), STRANGE, None, "older_generation"),
    # A recommendation.
    "a recommendation that is ignored": (AT_RISK, a_node(), RUNNING, None, "rebalance_ignored"),
    "a recommendation that is followed": (AT_RISK, REBALANCED, RUNNING, "replace", "rebalance"),
    "a recommendation, and it is gone": (AT_RISK, a_node(), TAKEN, "resume", "interrupted"),
    "an old recommendation": (an_event("rebalance", age=86_400), REBALANCED, RUNNING, "replace", "rebalance"),
    "a recommendation for an on-demand instance": (AT_RISK, REBALANCED, ON_DEMAND, None, "not_spot"),
    "a recommendation from the future": (an_event("rebalance", age=-61), REBALANCED, RUNNING, "later", "dated_ahead"),
    # A state change says only that it is worth a look.
    "it is gone": (CHANGED, a_node(), GONE, "resume", "instance_missing"),
    "it is going": (CHANGED, a_node(), GOING, "resume", "instance_missing"),
    "it was stopped": (CHANGED, a_node(), STOPPED, None, "instance_stopped"),
    "it was stopped, with auto_heal": (CHANGED, HEALED, STOPPED, "resume", "instance_stopped"),
    "it runs again": (CHANGED, a_node(), RUNNING, None, "well"),
    # A node that is not to run.
    "a warning of a paused node": (WARNED, paused(instance_id=INSTANCE), RUNNING, None, "paused"),
    "a recommendation for a paused node": (AT_RISK, paused(instance_id=INSTANCE), RUNNING, None, "paused"),
    "the end of a paused node": (CHANGED, paused(instance_id=INSTANCE), GONE, None, "paused"),
    "a warning of a node that never ran": (
        WARNED,
        make_record(identity=make_identity_of(a_node().identity)),
        RUNNING,
        None,
        "new",
    ),
    # An operation at work.
    "a warning during its own replace": (WARNED, held("replace"), RUNNING, None, "busy"),
    "a warning during a pause": (WARNED, held("pause"), RUNNING, None, "busy"),
    "a warning of what a replace has launched": (WARNED, held("replace", from_generation=0), RUNNING, "later", "busy"),
    "a warning during a resume": (WARNED, held("resume"), RUNNING, "later", "busy"),
    "a recommendation during a resume": (AT_RISK, held("resume", REBALANCED), RUNNING, "later", "busy"),
    "an end during a resume": (CHANGED, held("resume"), GONE, None, "busy"),
    "a launch that is not written down yet": (WARNED, held("resume"), NEWER, "later", "not_recorded"),
    "a launch whose intent is open": (CHANGED, launching(2), NEWER, "later", "not_recorded"),
    "a launch that was written down as failed": (
        CHANGED,
        a_node(2, instance_generation=1),
        NEWER,
        None,
        "older_generation",
    ),
    "another launch is open by now": (CHANGED, launching(3), NEWER, None, "older_generation"),
    "a warning of a standby": (WARNED, STANDING_BY, NEWER, None, "older_generation"),
    "a warning of what is about to take over": (WARNED, held("replace", STANDING_BY), NEWER, "later", "busy"),
    # An operation that was cut off is gone on with.
    "a warning after a resume was cut off": (WARNED, cut_off("resume"), RUNNING, "resume", "lease_expired"),
    "a warning after a replace was cut off": (WARNED, cut_off("replace"), RUNNING, "replace", "lease_expired"),
    "a warning after a delete was cut off": (WARNED, cut_off("delete"), RUNNING, None, "unfinished"),
    "a warning after a pause was cut off": (
        WARNED,
        cut_off("pause", paused(instance_id=INSTANCE)),
        RUNNING,
        None,
        "paused",
    ),
}


@pytest.mark.parametrize(("event", "record", "instance", "expected", "reason"), EVENTS.values(), ids=EVENTS)
def test_an_event(event, record, instance, expected, reason):
    decision = decide_event(event, record, instance, NOW)
    assert ("later" if decision.later else decision.operation, decision.reason) == (expected, reason)
    assert decision.message.startswith(f"{record.name}: instance {instance.instance_id} ")
    assert (decision.name, decision.generation) == (record.name, record.identity.generation)


MARKS = {
    "marked": (WARNED, a_node(), RUNNING, True, *WARNED_OF),
    "EC2 does not say": (WARNED, a_node(), RUNNING, None, *WARNED_OF),
    "not marked, or not yet": (WARNED, a_node(), RUNNING, False, "later", "not_marked"),
    "not marked, and gone": (WARNED, a_node(), TAKEN, False, "resume", "interrupted"),
    "not marked, and outdated": (an_event(age=WARNING_SECONDS + 1), a_node(), RUNNING, False, None, "outdated"),
    "nothing is marked for a recommendation": (AT_RISK, REBALANCED, RUNNING, False, "replace", "rebalance"),
}


@pytest.mark.parametrize(("event", "record", "instance", "is_marked", "expected", "reason"), MARKS.values(), ids=MARKS)
def test_a_warning_counts_once_ec2_has_marked_the_instance(event, record, instance, is_marked, expected, reason):
    decision = decide_event(event, record, instance, NOW, is_marked=is_marked)
    assert ("later" if decision.later else decision.operation, decision.reason) == (expected, reason)


def impaired(seconds):
    return NOW - seconds


FRESH = replace(HEALED, identity=make_identity_of(HEALED.identity, instance_launched_at=NOW - GRACE_SECONDS + 1))
GROWN = replace(HEALED, identity=make_identity_of(HEALED.identity, instance_launched_at=NOW - GRACE_SECONDS))
NO_INSTANCE = replace(a_node().identity, instance=None)

STATES = {
    "well": (a_node(), RUNNING, None, None, "well"),
    "starting": (a_node(), an_instance("pending"), None, None, "well"),
    # What is gone is brought up, with auto_heal or without.
    "taken by Spot": (a_node(), TAKEN, None, "resume", "interrupted"),
    "ended by somebody": (a_node(), GONE, None, "resume", "instance_missing"),
    "on its way out": (a_node(), GOING, None, "resume", "instance_missing"),
    "forgotten by EC2": (a_node(), None, None, "resume", "instance_missing"),
    "never launched": (replace(a_node(), identity=NO_INSTANCE), None, None, "resume", "instance_missing"),
    "given up for want of capacity": (
        replace(a_node(), identity=NO_INSTANCE, unfinished=make_unfinished("replace")),
        None,
        None,
        "resume",
        "instance_missing",
    ),
    # What is there and not well is somebody's, unless the node has auto_heal.
    "stopped": (a_node(), STOPPED, None, None, "instance_stopped"),
    "stopped, healed": (HEALED, STOPPED, None, "resume", "instance_stopped"),
    "stopping, healed": (HEALED, an_instance("stopping"), None, "resume", "instance_stopped"),
    "impaired": (a_node(), RUNNING, impaired(3000), None, "status_checks_failed"),
    "impaired, healed": (HEALED, RUNNING, impaired(120), "replace", "status_checks_failed"),
    "impaired, not long enough": (HEALED, RUNNING, impaired(119), None, "status_checks_failing"),
    "impaired, by the node's own time": (
        a_node(auto_heal=True, unhealthy_after=300),
        RUNNING,
        impaired(299),
        None,
        "status_checks_failing",
    ),
    "impaired, patience over": (
        a_node(auto_heal=True, unhealthy_after=300),
        RUNNING,
        impaired(300),
        "replace",
        "status_checks_failed",
    ),
    "impaired, at once": (a_node(auto_heal=True, unhealthy_after=0), RUNNING, NOW, "replace", "status_checks_failed"),
    "impaired, just launched": (FRESH, RUNNING, impaired(120), None, "status_checks_failing"),
    "impaired, launched a while ago": (GROWN, RUNNING, impaired(120), "replace", "status_checks_failed"),
    # Not while somebody is at it, nor for a node that is not to run.
    "gone, while an operation holds it": (held("resume"), GONE, None, None, "busy"),
    "impaired, while an operation holds it": (held("resume", HEALED), RUNNING, impaired(3000), None, "busy"),
    "stopped, while an operation holds it": (held("interface", HEALED), STOPPED, None, None, "busy"),
    "paused": (paused(), None, None, None, "paused"),
    "paused, and left running": (paused(instance_id=INSTANCE), RUNNING, impaired(3000), None, "paused"),
    "never resumed": (make_record(), None, None, None, "new"),
    # What was cut off is finished.
    "a resume cut off": (cut_off("resume"), RUNNING, None, "resume", "lease_expired"),
    "a module cut off": (cut_off("elastic_ip"), RUNNING, None, "resume", "lease_expired"),
    "a replace cut off before its launch": (cut_off("replace"), GONE, None, "replace", "lease_expired"),
    "a replace cut off after its launch": (
        cut_off("replace", a_node(generation=2)),
        an_instance(tags={GENERATION: "2"}),
        None,
        "resume",
        "lease_expired",
    ),
    "a replace cut off beside its standby": (
        cut_off("replace", STANDING_BY),
        RUNNING,
        None,
        "replace",
        "lease_expired",
    ),
    "a replace cut off in its drain": (AT_DRAIN, RUNNING, None, "resume", "lease_expired"),
    "a replace cut off in its drain, and the old one is gone": (AT_DRAIN, GONE, None, "replace", "lease_expired"),
    "a replace cut off beside its standby, and the old one is gone": (
        cut_off("replace", STANDING_BY),
        GONE,
        None,
        "replace",
        "lease_expired",
    ),
    "a pause cut off": (cut_off("pause", paused(instance_id=INSTANCE)), RUNNING, None, None, "paused"),
    "a delete cut off": (cut_off("delete"), GONE, None, None, "unfinished"),
    # What was cut off before it changed anything has left the node as it was.
    "a pause cut off during the drain": (cut_off("pause"), RUNNING, None, None, "well"),
    "a node lost after that": (cut_off("pause"), GONE, None, "resume", "instance_missing"),
    "a replace cut off during the drain": (cut_off("replace", has_acted=False), RUNNING, None, None, "well"),
    "a delete cut off during the drain": (cut_off("delete", has_acted=False), GONE, None, "resume", "instance_missing"),
    "a pause at work on a node that still runs": (held("pause"), GONE, None, None, "busy"),
    "a delete that failed": (replace(a_node(), unfinished=make_unfinished("delete")), GONE, None, None, "unfinished"),
    "an adoption cut off": (cut_off("adopt"), RUNNING, None, None, "unfinished"),
}


@pytest.mark.parametrize(("record", "instance", "since", "expected", "reason"), STATES.values(), ids=STATES)
def test_a_state(record, instance, since, expected, reason):
    decision = decide_state(record, instance, since, NOW)
    assert (decision.operation, decision.reason, decision.later) == (expected, reason, False)
    assert decision.message.startswith(f"{record.name}: ")
    assert decision.message.endswith(".")
