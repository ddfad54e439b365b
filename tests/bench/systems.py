# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The systems that are compared: each prepares a fleet, and says which command takes a step with it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol

from tests.emulator.process import Emulator
from tests.support import fleet_records
from tests.support.clocks import FastClock
from tests.support.collection import TABLE, Collection, create_tables
from tests.support.fleet import INSTANCE_TYPE, Conditions, Fleet
from tests.support.playbooks import Playbooks

from .measure import Command, CommandOutcome, Cost, run
from .nodes import Nodes

HERE = Path(__file__).parent
FIRST, NOTHING, INFO, PAUSE, RESUME, REPLACE, INTERRUPTION = STEPS = (
    "first resume",
    "no-op resume",
    "info",
    "pause",
    "resume",
    "replace",
    "interruption",
)
"""In the order in which a fleet goes through them."""

FORKS = 50


class System(Protocol):
    """Does a job with a fleet; `steps` are those that it has something for, `largest` is its largest fleet.

    `is_brought_up` says that the fleet runs before the first step, `replaces_by_both` that its replace is its pause and
    its resume and nothing else, `is_alone` that nothing is measured beside it.
    """

    name: ClassVar[str]
    steps: ClassVar[tuple[str, ...]]
    largest: ClassVar[int]
    is_brought_up: ClassVar[bool]
    replaces_by_both: ClassVar[bool]
    is_alone: ClassVar[bool]

    def __init__(self, emulator: Emulator, fleet: Fleet, directory: Path, conditions: Conditions) -> None: ...

    def prepare(self) -> None:
        """Do what is done once, before anything is measured."""

    def take(self, step: str) -> Cost:
        """Take the step, and say what it cost."""

    def look(self, step: str, began: float) -> CommandOutcome:
        """Say what became of the nodes in the step that began then; and, before the first, note how they are."""


class Commands:
    """A system whose steps are commands."""

    largest: ClassVar[int] = 100
    is_brought_up: ClassVar[bool] = False
    replaces_by_both: ClassVar[bool] = False
    is_alone: ClassVar[bool] = False

    def __init__(self, emulator: Emulator, fleet: Fleet, directory: Path, conditions: Conditions) -> None:
        self.emulator, self.fleet, self.directory, self.conditions = emulator, fleet, directory, conditions

    def prepare(self) -> None:
        """Nothing unless a system says so."""

    def command(self, step: str) -> Command:
        """Say what to run for the step."""
        raise NotImplementedError

    def take(self, step: str) -> Cost:
        """Run what there is to run for the step."""
        return run(self.command(step))

    def look(self, step: str, began: float) -> CommandOutcome:
        """Nothing unless a system says so."""
        return CommandOutcome()

    def playbook(self, playbook: str, extra: Mapping[str, object], *options: str) -> Command:
        arguments = [str(Path(sys.executable).with_name("ansible-playbook")), playbook, *options]
        environment = {**Playbooks(self.emulator, self.directory).environment, **self._time()}
        return Command(
            arguments=[*arguments, "-e", json.dumps(extra)], environment=environment, directory=self.directory
        )

    def _time(self) -> dict[str, str]:
        if self.conditions.speed == 1:
            return {}
        return {
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "fast_clock",
            "BENCH_SPEED": str(self.conditions.speed),
        }


class Ours(Commands):
    """The collection's own playbooks."""

    name: ClassVar[str] = "stateful_node.aws"
    steps: ClassVar[tuple[str, ...]] = (FIRST, NOTHING, INFO, PAUSE, RESUME, REPLACE)
    largest: ClassVar[int] = 1000
    configuration: ClassVar[Mapping[str, str]] = {}

    def __init__(self, emulator: Emulator, fleet: Fleet, directory: Path, conditions: Conditions) -> None:
        super().__init__(emulator, fleet, directory, conditions)
        self.nodes = Nodes(emulator)

    def prepare(self) -> None:
        """Make the tables and the records."""
        create_tables(self.emulator.client("dynamodb"))
        fleet_records.describe(Collection(self.emulator.endpoint), self.fleet, **self.configuration)

    def look(self, step: str, began: float) -> CommandOutcome:
        """Look how long each node was out of service while it was replaced, and at its addresses."""
        if step == REPLACE:
            return self.nodes.outcome(self.nodes.replaced(began))
        if step in (FIRST, RESUME, ""):
            self.nodes.note_addresses()
        return CommandOutcome()

    def command(self, step: str) -> Command:
        """Run the playbook that a user would run."""
        playbook = {PAUSE: "pause", REPLACE: "replace"}.get(step, "resume")
        nodes = {"stateful_nodes": ",".join(self.fleet.names), "stateful_node_table_name": TABLE}
        at_once = {"replace_batch_size": len(self.fleet.names)} if step == REPLACE else {}
        if step == INFO:
            return self.playbook(str(HERE / "info.yml"), nodes)
        return self.playbook(f"stateful_node.aws.{playbook}", {**nodes, **at_once})


class InProcess(Ours):
    """The collection's modules, one after the other as the role calls them, and no ansible-playbook around them."""

    name: ClassVar[str] = "in process"
    steps: ClassVar[tuple[str, ...]] = (REPLACE,)
    largest: ClassVar[int] = 1
    is_brought_up: ClassVar[bool] = True
    is_alone: ClassVar[bool] = True

    def take(self, step: str) -> Cost:
        """Run the modules in this process."""
        collection = Collection(self.emulator.endpoint, clock=FastClock(self.conditions.speed))
        began, used = time.monotonic(), time.process_time()
        result = collection.operate(step, list(self.fleet.names))
        wall, cpu = time.monotonic() - began, time.process_time() - used
        return Cost(status=int(bool(result.failures)), wall=wall, cpu=cpu, peak_memory=0)


class Prelaunch(Ours):
    """The collection's playbook replace, of nodes whose replacement is launched beside the instance that runs."""

    name: ClassVar[str] = "prelaunch"
    steps: ClassVar[tuple[str, ...]] = (REPLACE,)
    largest: ClassVar[int] = 10
    is_brought_up: ClassVar[bool] = True
    configuration: ClassVar[Mapping[str, str]] = {"handover": "prelaunch"}


class Composed(Commands):
    """A play over the nodes as hosts, of ec2_eni, ec2_eip and ec2_instance as their documentation shows them."""

    name: ClassVar[str] = "amazon.aws"
    replaces_by_both: ClassVar[bool] = True
    steps: ClassVar[tuple[str, ...]] = (FIRST, NOTHING, PAUSE, RESUME, REPLACE)

    def prepare(self) -> None:
        """Write the inventory."""
        lines = [f"{name} elastic_ip={name in self.fleet.with_elastic_ip}" for name in self.fleet.names]
        (self.directory / "inventory.ini").write_text("\n".join(lines) + "\n")

    def command(self, step: str) -> Command:
        """Run the play that brings the fleet up, or down, or both."""
        playbook = {PAUSE: "down", REPLACE: "replace"}.get(step, "up")
        network = self.fleet.network
        extra = {
            "subnet_id": network.subnet_a_id,
            "security_group_id": network.security_group_id,
            "image_id": network.image_id,
            "instance_type": INSTANCE_TYPE,
        }
        path = str(HERE / "composed" / f"{playbook}.yml")
        return self.playbook(path, extra, "-i", "inventory.ini", "--forks", str(FORKS))


class Floor(Commands):
    """The bare calls that cannot be avoided, from one process with boto3 that knows all ids."""

    name: ClassVar[str] = "bare calls"
    replaces_by_both: ClassVar[bool] = True
    steps: ClassVar[tuple[str, ...]] = (FIRST, NOTHING, PAUSE, RESUME, REPLACE)

    def command(self, step: str) -> Command:
        """Run the script of bare calls."""
        network = self.fleet.network
        fleet = {
            "names": self.fleet.names,
            "with_elastic_ip": self.fleet.with_elastic_ip,
            "subnet_id": network.subnet_a_id,
            "security_group_id": network.security_group_id,
            "image_id": network.image_id,
            "instance_type": INSTANCE_TYPE,
        }
        (self.directory / "fleet.json").write_text(json.dumps(fleet))
        arguments = [sys.executable, str(HERE / "floor.py"), step, str(self.conditions.speed)]
        environment = Playbooks(self.emulator, self.directory).environment
        return Command(arguments=arguments, environment=environment, directory=self.directory)
