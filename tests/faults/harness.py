# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One node, a neighbour, somebody in the console and a faulty AWS: the stage on which the machine plays its steps."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clock import Clock
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Failure, Record
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.process import Emulator
from tests.support.collection import STEPS, Collection, prelaunched

from . import model
from .fault_hooks import KilledError, Trap, TrappedCollection
from .invariants import record_of
from .out_of_band_changes import ThirdParty
from .scenarios import new_world
from .snapshot import AccountSnapshot, look

NAME, NEIGHBOUR = "node", "neighbour"
SPEED = 50
"""How much faster than the real time the sleeping and the time limits of the operations go by."""

WAIT_TIMEOUT = 200
"""Seconds, at that speed, for which a step waits: nothing in this EC2 takes as long."""

GIVEN = ("given-0", "given-1", "given-2")
"""Stands in a configuration for the id of an address that somebody allocated."""


class RacingClock(Clock):
    """The real clock, its sleeps and limits shortened alike."""

    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / SPEED)


@dataclass
class StepOutcome:
    """What an operation came to: errors of the node, errors of a whole call, or the end of its process."""

    failures: list[Failure] = field(default_factory=list)
    broken: list[AwsError | NodeError] = field(default_factory=list)
    killed: bool = False

    @property
    def went_well(self) -> bool:
        return not (self.failures or self.broken or self.killed)


@functools.cache
def _collection(endpoint: str) -> TrappedCollection:
    return TrappedCollection(endpoint, clock=RacingClock())


class Stage:
    """The world of one example."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator, self.world = emulator, new_world(emulator)
        self.ec2 = emulator.client("ec2")
        self._give_ipv6()
        self.collection = _collection(emulator.endpoint)
        self.collection.revive()
        self.third_party = ThirdParty(self.ec2, self.world.network)
        self.given = {name: self.third_party.own_address() for name in GIVEN}
        self.neighbours: set[str] = set()
        self.no_capacity: set[str] = set()
        self._neighbour: Record | None = None

    def _give_ipv6(self) -> None:
        network = self.world.network
        self.ec2.associate_vpc_cidr_block(VpcId=network.vpc_id, AmazonProvidedIpv6CidrBlock=True)
        vpc = self.ec2.describe_vpcs(VpcIds=[network.vpc_id])["Vpcs"][0]
        block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
        self.ec2.associate_subnet_cidr_block(SubnetId=network.subnet_a_id, Ipv6CidrBlock=block)

    def resume_with_neighbour(self) -> StepOutcome:
        """Resume the node for the first time, in one call with another one that nobody may disturb from then on."""
        self.collection.configure(NEIGHBOUR, self.world.network, public_ip_assignment="enabled", elastic_ip="new")
        failures = self.collection.operate("resume", [NAME, NEIGHBOUR]).failures
        self._neighbour = record_of(self.world, NEIGHBOUR)
        identity = self._neighbour.identity
        ids = {identity.network_interface_id, identity.allocation_id, identity.instance_id}
        assert None not in ids
        self.neighbours = {item for item in ids if item}
        return StepOutcome(list(failures))

    def neighbour_changes(self) -> list[str]:
        """Say what was changed of the other node's record."""
        now = self._neighbour and record_of(self.world, NEIGHBOUR)
        return [] if now == self._neighbour else [f"the neighbour was {self._neighbour} and is {now}"]

    @property
    def record(self) -> Record:
        return record_of(self.world, NAME)

    @property
    def theirs(self) -> set[str]:
        """The ids of all that is not the node's."""
        return self.third_party.things | self.neighbours

    def configure(self, options: dict[str, Any], collection: Collection | None = None) -> None:
        """Give the node options. Raises NodeError when they are refused."""
        network = self.world.network
        groups = {"nodes": network.security_group_id, "clients": network.other_security_group_id}
        translated = dict(options)
        if "elastic_ip" in options:
            translated["elastic_ip"] = self.given.get(options["elastic_ip"], options["elastic_ip"])
        if "security_groups" in options:
            translated["security_groups"] = [groups[name] for name in options["security_groups"]]
        (collection or self.world.collection).run("config", name=NAME, **translated)

    def operate(self, operation: str, trap: Trap | None = None, *, take_over: bool = False) -> StepOutcome:
        """Carry an operation out as its role does, whose `always` ends what was begun."""
        with self._disturbed(trap) as outcome:
            self._play_role(operation, outcome, take_over=take_over)
        return outcome

    @contextmanager
    def _disturbed(self, trap: Trap | None) -> Iterator[StepOutcome]:
        """Have a trap for as long as the block lasts, and note how the block ended."""
        outcome = StepOutcome()
        self.collection.revive()
        self.collection.trap = trap
        try:
            yield outcome
        except KilledError:
            outcome.killed = True
        except (AwsError, NodeError) as error:
            outcome.broken.append(error)
        self.collection.revive()
        self.emulator.clear_faults()

    def _play_role(self, operation: str, outcome: StepOutcome, *, take_over: bool) -> None:
        begun = self._run("operation", state="begun", operation=operation, take_over=take_over)
        operation_id = begun.values["operation_id"]
        if operation_id is None:
            outcome.failures += begun.failures
            return
        try:
            if operation != "replace" or self._play_prelaunch(begun, operation_id):
                self._play_steps(operation, operation_id)
        except (AwsError, NodeError) as error:
            outcome.broken.append(error)
        outcome.failures += self._run("operation", state="ended", operation_id=operation_id).failures

    def _play_prelaunch(self, begun: Result, operation_id: str) -> bool:
        if NAME not in prelaunched(begun):
            return True
        waiting = {"wait_timeout": WAIT_TIMEOUT}
        return not self._run("instance", state="prelaunched", operation_id=operation_id, **waiting).failures

    def _play_steps(self, operation: str, operation_id: str) -> None:
        for module, state in STEPS[operation]:
            waiting = {"wait_timeout": WAIT_TIMEOUT}
            if self._run(module, state=state, operation_id=operation_id, **waiting).failures:
                return

    def _run(self, module: str, **params: Any) -> Result:
        return self.collection.run(module, name=[NAME], **params)

    def run_alone(self, module: str, trap: Trap | None = None, **params: Any) -> StepOutcome:
        """Run a module outside of any operation."""
        with self._disturbed(trap) as outcome:
            outcome.failures += self._run(module, **params).failures
        return outcome

    def fault(self, kind: str, service: str, action: str, *, lasting: bool) -> None:
        """Let the next call of an action, or with `lasting` all of them, go wrong."""
        refused = kind == "refuse"
        self.emulator.add_fault(
            action, kind, call=0 if lasting else 1, service=service,
            code="UnauthorizedOperation" if refused else None, status=403 if refused else None, seconds=0.02,
        )  # fmt: skip

    def interrupt(self) -> None:
        """Have EC2 take the node's spot instance back, if it has one."""
        with suppress(ValueError):
            self.emulator.interrupt(self.record.identity.instance_id or "")
        self.third_party.settle()


@dataclass(frozen=True)
class Moment:
    """How everything was at one time."""

    account: AccountSnapshot
    record: Record
    promised: model.Promised


def moment(stage: Stage) -> Moment:
    """Look at everything."""
    account, record = look(stage.ec2), stage.record
    return Moment(account, record, model.promised(record, account))
