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

from tests.collection import TABLE, Collection, create_tables
from tests.emulator.process import Emulator
from tests.faults.scenarios import FastClock
from tests.playbooks.playbook import Playbooks

from . import records
from .fleet import INSTANCE_TYPE, Conditions, Fleet
from .measure import Command, Cost, run

HERE = Path(__file__).parent
FIRST, NOTHING, INFO, PAUSE, RESUME, REPLACE = STEPS = (
    "first resume",
    "no-op resume",
    "info",
    "pause",
    "resume",
    "replace",
)
"""In the order in which a fleet goes through them."""

FORKS = 50


class System(Protocol):
    """Does a job with a fleet; `steps` are those that it has something for, `largest` is its largest fleet."""

    name: ClassVar[str]
    steps: ClassVar[tuple[str, ...]]
    largest: ClassVar[int]

    def __init__(self, emulator: Emulator, fleet: Fleet, directory: Path, conditions: Conditions) -> None: ...

    def prepare(self) -> None:
        """Do what is done once, before anything is measured."""

    def take(self, step: str) -> Cost:
        """Take the step, and say what it cost."""


class _Commands:
    largest: ClassVar[int] = 100

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

    def _command(self, playbook: str, extra: Mapping[str, object], *options: str) -> Command:
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


class Ours(_Commands):
    """The collection's own playbooks."""

    name: ClassVar[str] = "stateful_node.aws"
    steps: ClassVar[tuple[str, ...]] = STEPS
    largest: ClassVar[int] = 1000

    def prepare(self) -> None:
        """Make the tables and the records."""
        create_tables(self.emulator.client("dynamodb"))
        records.describe(Collection(self.emulator.endpoint), self.fleet)

    def command(self, step: str) -> Command:
        """Run the playbook that a user would run."""
        playbook = {PAUSE: "pause", REPLACE: "replace"}.get(step, "resume")
        nodes = {"stateful_nodes": ",".join(self.fleet.names), "stateful_node_table_name": TABLE}
        at_once = {"replace_batch_size": len(self.fleet.names)} if step == REPLACE else {}
        if step == INFO:
            return self._command(str(HERE / "info.yml"), nodes)
        return self._command(f"stateful_node.aws.{playbook}", {**nodes, **at_once})


class InProcess(Ours):
    """The collection's modules, one after the other as the role calls them, and no ansible-playbook around them."""

    name: ClassVar[str] = "in process"
    steps: ClassVar[tuple[str, ...]] = (REPLACE,)
    largest: ClassVar[int] = 1

    def take(self, step: str) -> Cost:
        """Run the modules in this process."""
        collection = Collection(self.emulator.endpoint, clock=FastClock(self.conditions.speed))
        began, used = time.monotonic(), time.process_time()
        result = collection.operate(step, list(self.fleet.names))
        wall, cpu = time.monotonic() - began, time.process_time() - used
        return Cost(status=int(bool(result.failures)), wall=wall, cpu=cpu, peak_memory=0)


class Composed(_Commands):
    """A play over the nodes as hosts, of ec2_eni, ec2_eip and ec2_instance as their documentation shows them."""

    name: ClassVar[str] = "amazon.aws"
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
        return self._command(path, extra, "-i", "inventory.ini", "--forks", str(FORKS))


class Floor(_Commands):
    """The bare calls that cannot be avoided, from one process with boto3 that knows all ids."""

    name: ClassVar[str] = "bare calls"
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


SYSTEMS: dict[str, type[System]] = {"ours": Ours, "in_process": InProcess, "composed": Composed, "floor": Floor}
"""By the names of the option `--systems`."""
