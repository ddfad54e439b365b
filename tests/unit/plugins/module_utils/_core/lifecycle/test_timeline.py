# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a node, derived from its history: times are small numbers, so that they can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.history import Entry
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.timeline import (
    Present,
    Timeline,
    derive_timeline,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.ec2_codes import SPOT_INTERRUPTION
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Instance, Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import (
    Choices,
    Failure,
    FoundInstance,
    Operation,
    Record,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import PATIENT, make_config, make_record
from tests.support.identities import make_identity_of

NOW = 1000
FAILURE = Failure(code="NoCapacity", message="none")
CUT_OFF = Failure(code="CutOff", message="cut off")
TERMINATED = "Client.UserInitiatedShutdown"


def found(number: int = 0, state: str | None = "running", reason: str | None = None) -> FoundInstance:
    """Say what an operation found: the n-th instance, launched at 100 times n, or none."""
    if not number:
        return FoundInstance()
    return FoundInstance(
        instance_id=f"i-{number}",
        instance_type="t3.micro",
        market="spot",
        instance_generation=number,
        instance_launched_at=100 * number,
        state=state,
        state_reason=reason,
    )


def entry(operation: str, started_at: int, ended_at: int | None, leaves: int = 0, **more: Any) -> Entry:
    """Make the entry of an operation that leaves the n-th instance on the node, or none."""
    instance = {
        "instance_id": f"i-{leaves}",
        "instance_type": "t3.micro",
        "market": "spot",
        "instance_generation": leaves,
        "instance_launched_at": 100 * leaves,
    }
    fields = {
        "operation_id": f"{operation}-{started_at}",
        "owner": "ann",
        "private_ip_address": "10.0.0.4",
        "network_interface_id": "eni-1",
        "generation": leaves,
        **(instance if leaves else {}),
    }
    return Entry(operation=operation, started_at=started_at, ended_at=ended_at, **{**fields, **more})


FIRST = entry("resume", 90, 110, 1, found=found(), phases_ended_at={"interface": 91, "launch": 105})
PAUSE = entry(
    "pause", 300, 340, found=found(1), timings={"terminate": 20.4}, phases_ended_at={"terminate": 330}
)  # fmt: skip
REPLACE = entry(
    "replace", 180, 290, 2, found=found(1), timings={"terminate": 10}, phases_ended_at={"terminate": 200, "launch": 210}
)


def present(
    number: int = 0,
    state: str = "running",
    reason: str | None = None,
    *,
    out_of_service_since: int | None = None,
    **fields: Any,
) -> Present:
    """Say how the node is now: the record names the n-th instance, and EC2 shows it in a state, or not at all."""
    seen = Instance(
        instance_id=f"i-{number}", state=state, instance_type="t3.micro", market="spot", state_reason=reason
    )
    named = {"instance_id": f"i-{number}", "instance_generation": number, "instance_launched_at": 100 * number}
    identity = make_identity_of(
        network_interface_id="eni-1", private_ip_address="10.0.0.4", network_interface_created_at=91,
        out_of_service_since=out_of_service_since,
        **(named if number else {}),
    )  # fmt: skip
    observed = Observed(instance=seen if number and state else None)
    return Present(now=NOW, record=make_record(**{"identity": identity, **fields}), observed=observed)


def operation(name: str, **fields: Any) -> Operation:
    """Make an operation that is at work."""
    return Operation(
        id="op", operation=name, owner="ann", started_at=900, expires_at=2000, from_generation=1, target_generation=1,
        config=make_config(), choices=Choices(), **fields,
    )  # fmt: skip


def instances(timeline: Timeline) -> list[tuple[Any, ...]]:
    return [(s.instance_id, s.start, s.started_at, s.ended_after, s.ended_at, s.end) for s in timeline.instances]


def gaps(timeline: Timeline) -> list[tuple[Any, ...]]:
    return [(gap.cause, gap.started_after, gap.started_at, gap.ended_at) for gap in timeline.gaps]


LIVES: dict[str, tuple[list[Entry], Present, list[tuple[Any, ...]], list[tuple[Any, ...]]]] = {
    "nothing was done yet": ([], present(), [], []),
    "it runs": ([FIRST], present(1), [("i-1", "launched", 105, None, None, None)], []),
    "it is paused": (
        [FIRST, PAUSE],
        present(),
        [("i-1", "launched", 105, None, 310, "terminated")],
        [("paused", None, 310, None)],
    ),
    "it was replaced, and what came after the launch is no gap": (
        [FIRST, REPLACE],
        present(2),
        [("i-1", "launched", 105, None, 190, "terminated"), ("i-2", "launched", 210, None, None, None)],
        [("replaced", None, 190, 210)],
    ),
    "it handed over, and was out of service while its interface moved": (
        [FIRST, replace(REPLACE, timings={"terminate": 0.1, "launch": 9, "handover": 2.5})],
        present(2),
        [("i-1", "launched", 105, None, 207, "terminated"), ("i-2", "launched", 210, None, None, None)],
        [("replaced", None, 207, 210)],
    ),
    "it died, and only the next resume saw": (
        [FIRST, entry("resume", 500, 540, 2, found=found(1, None), phases_ended_at={"launch": 530})],
        present(2),
        [("i-1", "launched", 105, 105, 500, "lost"), ("i-2", "launched", 530, None, None, None)],
        [("lost", 105, 500, 530)],
    ),
    "it was interrupted, and the next resume saw why": (
        [
            FIRST,
            entry(
                "resume", 500, 540, 2, found=found(1, "terminated", SPOT_INTERRUPTION), phases_ended_at={"launch": 530}
            ),
        ],
        present(2),
        [("i-1", "launched", 105, 105, 500, "interrupted"), ("i-2", "launched", 530, None, None, None)],
        [("interrupted", 105, 500, 530)],
    ),
    "an operation in between saw it alive": (
        [FIRST, entry("resume", 400, 401, 1, found=found(1)), entry("pause", 500, 540, found=found(1, None))],
        present(),
        [("i-1", "launched", 105, 400, 500, "lost")],
        [("lost", 400, 500, None)],
    ),
    "it is gone, and nobody has done anything yet": (
        [FIRST],
        present(1, "terminated", SPOT_INTERRUPTION),
        [("i-1", "launched", 105, 105, 1000, "interrupted")],
        [("interrupted", 105, 1000, None)],
    ),
    "EC2 shows it no more": (
        [FIRST],
        present(1, ""),
        [("i-1", "launched", 105, 105, 1000, "lost")],
        [("lost", 105, 1000, None)],
    ),
    "it was stopped, and started again": (
        [FIRST, entry("resume", 500, 540, 1, found=found(1, "stopped"), phases_ended_at={"launch": 530})],
        present(1),
        [("i-1", "launched", 105, 105, 500, "stopped"), ("i-1", "started", 530, None, None, None)],
        [("stopped", 105, 500, 530)],
    ),
    "a resume failed while it was paused": (
        [FIRST, PAUSE, entry("resume", 400, 450, found=found(), error=FAILURE)],
        present(),
        [("i-1", "launched", 105, None, 310, "terminated")],
        [("paused", None, 310, None)],
    ),
    "a replace that could not launch": (
        [FIRST, replace(REPLACE, instance_id=None, error=FAILURE, phases_ended_at={"terminate": 200})],
        present(),
        [("i-1", "launched", 105, None, 190, "terminated")],
        [("replaced", None, 190, None)],
    ),
    "a replace that was cut off after its launch left no entry": (
        [FIRST, entry("resume", 500, 540, 2, found=found(2), phases_ended_at={"launch": 530})],
        present(2),
        [("i-1", "launched", 105, 105, 200, "unknown"), ("i-2", "launched", 200, None, None, None)],
        [("unknown", 105, 200, 200)],
    ),
    "a pause that was cut off after it had terminated": (
        [FIRST, entry("pause", 500, 540, found=found(), phases_ended_at={"terminate": 501})],
        present(),
        [("i-1", "launched", 105, 105, 500, "unknown")],
        [("unknown", 105, 500, None)],
    ),
    "the entries before are gone": (
        [PAUSE],
        present(),
        [("i-1", "launched", 100, None, 310, "terminated")],
        [("paused", None, 310, None)],
    ),
    "it was adopted": (
        [entry("adopt", 100, 101, 1, instance_launched_at=0, found=found())],
        present(1),
        [("i-1", "adopted", 100, None, None, None)],
        [],
    ),
    "it was deleted, and its instance kept": (
        [FIRST, entry("delete", 500, 540, 1, found=found(1))],
        Present(now=NOW),
        [("i-1", "launched", 105, None, 540, "released")],
        [],
    ),
    "it was paused, deleted, and made anew": (
        [
            FIRST,
            PAUSE,
            entry("delete", 500, 540, found=found(), phases_ended_at={"terminate": 501}),
            entry("resume", 600, 640, 6, found=found(), phases_ended_at={"launch": 630}),
        ],
        present(6),
        [("i-1", "launched", 105, None, 310, "terminated"), ("i-6", "launched", 630, None, None, None)],
        [("paused", None, 310, 540)],
    ),
    "a replace is at work and has terminated": (
        [FIRST],
        present(
            operation=operation("replace", found=found(1), timings={"terminate": 5}, phases_ended_at={"terminate": 910})
        ),
        [("i-1", "launched", 105, None, 905, "terminated")],
        [("replaced", None, 905, None)],
    ),
    "a pause is at work and terminates": (
        [FIRST],
        present(1, "shutting-down", operation=operation("pause", found=found(1)), out_of_service_since=950),
        [("i-1", "launched", 105, None, 950, "terminated")],
        [("paused", None, 950, None)],
    ),
    "a pause is at work, and the instance ends before it terminates": (
        [FIRST],
        present(1, "terminated", SPOT_INTERRUPTION, operation=operation("pause", found=found(1))),
        [("i-1", "launched", 105, 900, 1000, "interrupted")],
        [("interrupted", 900, 1000, None)],
    ),
    "a replace was cut off after its termination, and another one took over": (
        [
            FIRST,
            entry("replace", 180, 290, 1, found=found(1), out_of_service_since=200, error=CUT_OFF),
            entry("replace", 300, 340, 2, found=found(1, "terminated", TERMINATED), phases_ended_at={"launch": 330}),
        ],
        present(2),
        [("i-1", "launched", 105, None, 200, "terminated"), ("i-2", "launched", 330, None, None, None)],
        [("replaced", None, 200, 330)],
    ),
    "a pause ended while its instance was shutting down": (
        [FIRST, entry("pause", 180, 290, 1, found=found(1), out_of_service_since=200, error=FAILURE)],
        present(1, "terminated", TERMINATED),
        [("i-1", "launched", 105, None, 200, "terminated")],
        [("paused", None, 200, None)],
    ),
    "a pause was cut off before its termination had any effect": (
        [
            FIRST,
            entry("pause", 180, 290, 1, found=found(1), out_of_service_since=200, error=CUT_OFF),
            entry("resume", 300, 340, 1, found=found(1)),
        ],
        present(1),
        [("i-1", "launched", 105, None, None, None)],
        [],
    ),
    "the record was rebuilt and has no history": ([], present(1), [("i-1", "launched", 100, None, None, None)], []),
    "an instance died while it was waited for": (
        [replace(FIRST, error=FAILURE, phases_ended_at={"interface": 91})],
        present(1, "terminated"),
        [("i-1", "launched", 100, 100, 1000, "lost")],
        [("lost", 100, 1000, None)],
    ),
}


@pytest.mark.parametrize("life", LIVES)
def test_instances_and_gaps_follow_from_the_history(life: str) -> None:
    entries, now, expected, between = LIVES[life]
    timeline = derive_timeline(reversed(entries), now)
    assert instances(timeline) == expected
    assert gaps(timeline) == between


def old(made: Entry) -> Entry:
    """Show the entry as it was before it said what was found, and when the phases ended."""
    return replace(made, found=None, phases_ended_at={}, instance_generation=None, instance_launched_at=None)


def test_entries_of_an_older_version_are_told_as_far_as_they_go() -> None:
    """A pause and a resume by their ends; a replace somewhere within; what a resume replaced was lost before it."""
    entries = [
        FIRST,
        replace(PAUSE, timings={"terminate": 20}),
        entry("resume", 400, 410, 4),
        entry("replace", 500, 600, 5),
        entry("resume", 700, 710, 7),
    ]
    timeline = derive_timeline(map(old, entries), present(7))
    assert instances(timeline) == [
        ("i-1", "launched", 110, None, 320, "terminated"),
        ("i-4", "launched", 410, 500, 600, "terminated"),
        ("i-5", "launched", 600, 600, 700, "lost"),
        ("i-7", "launched", 710, None, None, None),
    ]
    assert gaps(timeline) == [("paused", None, 320, 410), ("replaced", 500, 600, 600), ("lost", 600, 700, 710)]


def test_addresses_stay_while_instances_come_and_go() -> None:
    timeline = derive_timeline([FIRST, REPLACE, PAUSE], present())
    (span,) = timeline.addresses
    assert (span.private_ip_address, span.started_at, span.ended_at) == ("10.0.0.4", 91, None)


def test_other_addresses_begin_where_the_first_ones_end() -> None:
    changed = {"private_ip_address": "10.0.0.9", "network_interface_id": "eni-2"}
    moved = replace(REPLACE, **changed, phases_ended_at={**REPLACE.phases_ended_at, "interface": 205})
    identity = make_identity_of(present(2).record.identity, **changed, network_interface_created_at=204)
    timeline = derive_timeline([FIRST, moved], present(2, identity=identity))
    assert [(s.private_ip_address, s.started_at, s.ended_at) for s in timeline.addresses] == [
        ("10.0.0.4", 91, 205),
        ("10.0.0.9", 205, None),
    ]


def test_an_interface_that_is_older_than_the_history_has_had_the_addresses_before() -> None:
    (span,) = derive_timeline([PAUSE], present()).addresses
    assert span.started_at == 91


OPERATIONS = st.builds(
    entry,
    st.sampled_from(["resume", "pause", "replace", "delete", "adopt", "interface"]),
    st.integers(0, 900),
    st.integers(0, 1000),
    st.integers(0, 4),
    found=st.none() | st.builds(found, st.integers(0, 4), st.sampled_from(["running", "stopped", "terminated", None])),
    phases_ended_at=st.dictionaries(st.sampled_from(["terminate", "interface", "launch"]), st.integers(0, 1000)),
    error=st.none() | st.just(FAILURE),
)


@PATIENT
@given(
    st.lists(OPERATIONS, max_size=6), st.sampled_from([present(), present(2), present(3, "stopped"), Present(now=NOW)])
)
def test_whatever_the_history_says_time_goes_forward(entries: list[Entry], now: Present) -> None:
    timeline = derive_timeline(entries, now)
    for span in timeline.instances:
        assert span.started_at <= (span.ended_after or span.started_at) <= (span.ended_at or NOW)
        assert (span.end is None) == (span.ended_at is None)
    for earlier, later in zip(timeline.instances, timeline.instances[1:], strict=False):
        assert earlier.ended_at is not None
        assert earlier.ended_at <= later.started_at
    for gap in timeline.gaps:
        assert (gap.started_after or gap.started_at) <= gap.started_at <= (gap.ended_at or NOW)
    assert all(gap.ended_at is not None for gap in timeline.gaps[:-1])


def test_a_record_without_its_own_entries_shows_what_runs() -> None:
    record: Record = replace(
        present(3).record, identity=make_identity_of(present(3).record.identity, instance_launched_at=0)
    )
    timeline = derive_timeline([], replace(present(3), record=record))
    assert instances(timeline) == [("i-3", "unknown", NOW, None, None, None)]
