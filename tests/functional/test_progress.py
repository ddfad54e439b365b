# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a listener hears of a module's work while it goes on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.phase_progress import Event, Work
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import progress_reports

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.readers import only

SECRET = "hunter2-correct-horse"
SECONDS = re.compile(r", \d+ s$")


class Notes:
    """Remembers what it hears, as (what, ...)."""

    def __init__(self) -> None:
        self.works: list[tuple[str, str, tuple[str, ...]]] = []
        self.events: list[tuple[str, str, str | None]] = []
        self.ticks, self.ended = 0, 0

    def begin(self, work: Work) -> None:
        self.works.append((work.operation, work.phase, work.names))

    def note(self, event: Event) -> None:
        assert self.ended < len(self.works)
        self.events.append((event.name, SECONDS.sub("", event.text), event.stage))

    def tick(self, now: float) -> None:
        self.ticks += 1

    def end(self, now: float) -> None:
        self.ended += 1

    def of(self, name: str) -> list[tuple[str, str | None]]:
        return [event[1:] for event in self.events if event[0] == name]


@pytest.fixture
def notes(collection: Collection) -> Notes:
    notes = Notes()
    collection.listener = notes
    return notes


def configure(collection: Collection, network: Network, name: str, **launch: Any) -> None:
    given = {"image_id": network.image_id, "instance_types": ["m5.large", "t3.micro"], "user_data": SECRET, **launch}
    collection.configure(name, network, launch=given)


def test_each_phase_of_an_operation(collection: Collection, network: Network, emulator: Emulator, notes: Notes) -> None:
    configure(collection, network, "a")
    emulator.set_capacity(instance_type="m5.large", outcome="refused")
    node = only(collection.operate("resume", ["a"]))
    carried = f"interface {node['network_interface_id']} with {node['private_ip_address']}"
    assert (notes.works, notes.ended) == ([("resume", "launch", ("a",))], 1)
    assert notes.of("a") == [
        (f"{carried} ready", None),
        ("", None),  # it has no Elastic IP
        ("launching m5.large on spot", None),
        ("m5.large on spot: InsufficientInstanceCapacity", None),
        ("launching t3.micro on spot", None),
        (f"instance {node['instance_id']} launched, pending", "under_way"),
        ("", "under_way"),
        (f"running on {node['instance_id']}", "reached"),
    ]
    notes.events.clear()
    collection.operate("pause", ["a"])
    assert notes.works[1:] == [("pause", "terminate", ("a",))]
    assert notes.of("a") == [
        (f"terminating {node['instance_id']}", "under_way"),
        (f"no instance, {carried} free", "reached"),
    ]


def test_failures_are_told_by_code_and_no_secret_is(
    collection: Collection, network: Network, emulator: Emulator, notes: Notes
) -> None:
    configure(collection, network, "a")
    configure(collection, network, "b", instance_types=["m5.large"], fallback_to_on_demand=False)
    emulator.set_capacity(instance_type="m5.large", outcome="refused")
    collection.operate("resume", ["a", "b"])
    assert notes.of("b")[-1] == ("failed in phase launch: NoCapacity", "failed")
    assert notes.of("a")[-1][1] == "reached"
    assert SECRET not in str(notes.events)


def test_an_instance_that_dies_queues_again(
    collection: Collection, network: Network, emulator: Emulator, notes: Notes
) -> None:
    configure(collection, network, "a")
    emulator.set_capacity(instance_type="m5.large", outcome="dies", code="Server.InsufficientInstanceCapacity")
    collection.operate("resume", ["a"])
    stages = [stage for _text, stage in notes.of("a")[2:]]
    assert stages == [None, "under_way", "queued", None, "under_way", "under_way", "reached"]


def test_time_is_told_while_nothing_happens(
    collection: Collection, network: Network, emulator: Emulator, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_reports, "TICK_SECONDS", 0.01)
    collection.configure("a", network)
    emulator.configure(durations={"pending": 0.5})
    collection.operate("resume", ["a"])
    assert notes.ticks > 3
    heard = notes.ticks
    collection.run("info")
    assert notes.ticks == heard, "the ticking has ended with the work"


def test_a_second_run_has_nothing_to_tell(collection: Collection, network: Network, notes: Notes) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    notes.events.clear()
    collection.operate("resume", ["a"])
    collection.run("instance", name="a")
    assert notes.events == [("a", "", "reached")]


def test_check_mode_has_nothing_to_tell(collection: Collection, network: Network, notes: Notes) -> None:
    collection.configure("a", network)
    collection.check_mode = True
    collection.operate("resume", ["a"])
    assert notes.works == []
