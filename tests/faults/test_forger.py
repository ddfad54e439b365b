# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A third party gives a node's tags to things of theirs, and sends messages, while operations run: nothing but noise.

Whatever the operation comes to, what is theirs stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.process import Emulator
from tests.support.collection import DESTROYING, TABLE, Collection
from tests.support.queue import REBALANCE, STATE_CHANGE, WARNING, EventQueue, an_event

from .fault_hooks import Trap
from .harness import NAME, RacingClock, Stage, moment
from .out_of_band_changes import FORGERIES
from .postconditions import always, fail_on
from .snapshot import look, tags_of

WRITES = (1, 2)
"""Before which of an operation's writes to EC2 the forger acts."""

NEXT_INSTANCE = "forge an instance of the next generation"


@pytest.fixture
def stage(emulator: Emulator) -> Stage:
    """A node that runs and has an Elastic IP."""
    made = Stage(emulator)
    network = made.world.network
    made.configure(
        {
            "subnet_id": network.subnet_a_id,
            "public_ip_assignment": "enabled",
            "elastic_ip": "new",
            "launch": {"image_id": network.image_id, "instance_types": ["t3.micro"], "market": "on_demand"},
        }
    )
    assert made.resume_with_neighbour().went_well
    made.third_party.settle()
    return made


Tags = dict[str, dict[str, str]]


def theirs(stage: Stage) -> Tags:
    """Give the tags of all that is the third party's and exists, by ids; a terminated instance does not."""
    account = look(stage.ec2)
    volumes = {item["VolumeId"]: item for item in stage.ec2.describe_volumes()["Volumes"]}
    existing = {**account.interfaces, **account.addresses, **account.live, **volumes}
    return {key: tags_of(item) for key, item in existing.items() if key in stage.third_party.things}


def forger(stage: Stage, forgery: str, seen: Tags) -> Callable[[str, str], None]:
    """Prepare what a trap does: the forgery, and a note in `seen` of all that is the third party's from then on."""

    def forge(_service: str, _action: str) -> None:
        stage.third_party.do(forgery, stage.record.identity, wait=False)
        seen.update(theirs(stage))

    return forge


def assert_untouched(stage: Stage, seen: Tags) -> None:
    """What was the third party's is there and has its tags."""
    forged = [key for key, tags in seen.items() if tags.get("stateful_node:table") == TABLE]
    assert forged, "nothing was forged"
    assert theirs(stage) == seen


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_tags_are_noise_to_a_replace_and_a_pause(stage: Stage, forgery: str) -> None:
    seen: Tags = {}
    for operation, at in zip(("replace", "pause"), WRITES, strict=True):
        before = moment(stage)
        trap = Trap("EC2 writes", at, forger(stage, forgery, seen))
        outcome = stage.operate(operation, trap, take_over=True)
        stage.third_party.settle()
        now = moment(stage)
        assert_untouched(stage, seen)
        fail_on([str(problem) for problem in (*outcome.failures, *outcome.broken)])
        fail_on(always(stage, before, now))


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_tags_are_noise_to_a_delete(stage: Stage, forgery: str) -> None:
    """All of the node is destroyed, and nothing else."""
    seen: Tags = {}
    identity = stage.record.identity
    stage.collection.trap = Trap("EC2 writes", WRITES[0], forger(stage, forgery, seen))
    done = stage.collection.operate("delete", [NAME], choices=DESTROYING)
    stage.collection.revive()
    assert done.failures == (), done.message

    stage.third_party.settle()
    assert_untouched(stage, seen)
    account = look(stage.ec2)
    left = {*account.interfaces, *account.addresses, *account.live}
    assert left.isdisjoint({identity.network_interface_id, identity.allocation_id, identity.instance_id})
    assert stage.neighbour_changes() == []


@pytest.mark.parametrize("lost", ["lost", "lost_before"])
def test_a_forged_instance_is_not_the_standby_of_a_launch_whose_reply_was_lost(stage: Stage, lost: str) -> None:
    """EC2 refuses the second attempt, so that what the first one made, if anything, has to be looked for."""
    stage.configure({"handover": "prelaunch"})
    assert stage.operate("replace").went_well  # from now on the interface is not at device 0
    stage.third_party.settle()
    before = moment(stage)
    seen: Tags = {}
    forge = forger(stage, NEXT_INSTANCE, seen)

    def forge_and_lose(service: str, action: str) -> None:
        assert action == "RunInstances"
        forge(service, action)
        stage.emulator.add_fault("RunInstances", lost, call=1)
        stage.emulator.add_fault("RunInstances", "refuse", call=2, code="InsufficientInstanceCapacity", status=500)

    stage.operate("replace", Trap("EC2 writes", WRITES[0], forge_and_lose), take_over=True)
    outcome = stage.operate("replace", take_over=True)
    stage.third_party.settle()

    assert_untouched(stage, seen)
    assert outcome.went_well, outcome
    identity = stage.record.identity
    assert identity.instance_id not in seen
    fail_on(always(stage, before, moment(stage)))


def test_forged_messages_are_noise_while_an_operation_runs(stage: Stage, emulator: Emulator) -> None:
    """A watch that reads them in the middle of a replace, and after it, has nothing to do."""
    queue = EventQueue(emulator, VisibilityTimeout=0)
    watching = Collection(emulator.endpoint, clock=RacingClock())
    before = moment(stage)
    seen: Tags = {}
    forge = forger(stage, NEXT_INSTANCE, seen)
    decided: list[list[Any]] = []

    def send_and_watch(service: str, action: str) -> None:
        forge(service, action)
        instances = {*stage.third_party.instances, *stage.neighbours, stage.record.identity.instance_id}
        warned = sorted(item for item in instances if item and item.startswith("i-"))
        queue.send(*(an_event(item, kind) for item in warned for kind in (WARNING, REBALANCE, STATE_CHANGE)))
        queue.send("{{ lookup('pipe', 'true') }}", {"detail-type": WARNING, "detail": {"instance-id": "all"}})
        decided.append(watch())

    def watch() -> list[Any]:
        found = watching.run("events", reconcile=False)
        assert sum(found.values["message_counts"].values())
        return list(found.values["decisions"])

    outcome = stage.operate("replace", Trap("EC2 writes", WRITES[1], send_and_watch), take_over=True)
    stage.third_party.settle()
    decided.append(watch())

    assert decided == [[], []]
    assert_untouched(stage, seen)
    fail_on([str(problem) for problem in (*outcome.failures, *outcome.broken)])
    fail_on(always(stage, before, moment(stage)))
