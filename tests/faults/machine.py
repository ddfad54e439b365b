# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A state machine over the whole product: anything, in any order, and what must be true after each of it.

`python -m tests.faults.machine --examples 200 --seed 1` plays random examples and prints those that went wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar

from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.emulator.process import Emulator

from . import model
from .fault_hooks import COUNTED, Trap
from .harness import GIVEN, NAME, Moment, Stage, StepOutcome, moment
from .out_of_band_changes import OUT_OF_BAND_CHANGES
from .postconditions import always, busy, explained, fail_on, well_done, worded
from .schedules import FAULTS

OPERATIONS = ("resume", "pause", "replace")
ALONE = (("eni", "present"), ("eip", "present"), ("instance", "running"), ("instance", "terminated"),
         ("eip", "absent"), ("eni", "absent"))  # fmt: skip
EDITS: tuple[dict[str, Any], ...] = (
    {"elastic_ip": ""},
    {"elastic_ip": "new"},
    *({"elastic_ip": name} for name in GIVEN),
    {"security_groups": ["nodes"]},
    {"security_groups": ["clients", "nodes"]},
    {"security_groups": []},
    {"secondary_private_ip_address_count": 0},
    {"secondary_private_ip_address_count": 1},
    {"secondary_private_ip_address_count": 2},
    {"secondary_private_ip_addresses": []},
    {"secondary_private_ip_addresses": ["10.0.1.200"]},
    {"secondary_private_ip_addresses": ["10.0.1.201", "10.0.1.202"]},
    {"ipv6_address_count": 0},
    {"ipv6_address_count": 1},
    {"ipv6_address_count": 2},
    {"handover": "prelaunch"},
    {"handover": "terminate"},
    {"source_dest_check": False},
    {"source_dest_check": True},
    {"tags": {"team": "blue"}},
    {"tags": {"team": "red", "tier": "1"}},
    {"tags": {}},
    {"launch": {"market": "spot"}},
    {"launch": {"market": "on_demand"}},
    {"launch": {"fallback_to_on_demand": False}},
    {"launch": {"instance_types": ["t3.small"]}},
    {"launch": {"instance_types": ["t3.medium", "t3.micro"]}},
)
"""What somebody may do to the configuration."""

operations, deeds, edits = (
    st.sampled_from(OPERATIONS),
    st.sampled_from(sorted(OUT_OF_BAND_CHANGES)),
    st.sampled_from(EDITS),
)
counted, positions = st.sampled_from(COUNTED), st.integers(1, 16)
faults = st.sampled_from((*FAULTS, "kill before", "kill after"))


class NodeMachine(RuleBasedStateMachine):
    """Steps that end in a clean run are judged in full; of the others what must be true at any time."""

    emulator: ClassVar[Emulator]

    @initialize(
        elastic_ip=st.sampled_from(["", "new", "given-0"]),
        private_ip=st.sampled_from(["", "10.0.1.100"]),
        more=st.lists(edits, max_size=4),
        start=st.sampled_from(["", "resume", "resume", "pause"]),
    )
    def begin(self, elastic_ip: str, private_ip: str, more: list[dict[str, Any]], start: str) -> None:
        """Configure the node and, mostly, resume it."""
        self.stage = stage = Stage(self.emulator)
        network = stage.world.network
        options = {
            "subnet_id": network.subnet_a_id,
            "public_ip_assignment": "enabled",
            "elastic_ip": elastic_ip,
            "private_ip_address": private_ip,
            "security_groups": ["nodes"],
            "launch": {"image_id": network.image_id, "instance_types": ["t3.micro", "t3.small"]},
        }
        stage.configure(options)
        for edit in more:
            self._edit(edit)
        self.now = moment(stage)
        if start:
            before, outcome = self.now, stage.resume_with_neighbour()
            self._look()
            self._judge_clean(before, "resume", outcome)
        if start == "pause":
            self.operate("pause")

    @rule(operation=operations)
    def operate(self, operation: str) -> None:
        """Run an operation, nothing in its way but what was done before."""
        before = self.now
        if before.record.operation:
            fail_on(busy(self.stage, operation))
        outcome = self.stage.operate(operation, take_over=True)
        self._look()
        self._judge_clean(before, operation, outcome)

    @rule(operation=operations, kind=faults, of=counted, at=positions, lasting=st.booleans())
    def operate_with_fault(self, operation: str, kind: str, of: Any, at: int, lasting: bool) -> None:
        """Run an operation one of whose calls goes wrong; or ends its process."""
        sprung = []

        def spring(service: str, action: str) -> None:
            sprung.append(action)
            if kind.startswith("kill"):
                self.stage.collection.kill()
            # A read, or a write to the table, that never works ends every operation: nothing is learned from it.
            on_and_on = lasting and of == "EC2 writes" and kind not in ("503", "slow")
            self.stage.fault(kind, service, action, lasting=on_and_on)

        before = self.now
        trap = Trap(of, at, spring, before=kind != "kill after")
        outcome = self.stage.operate(operation, trap, take_over=True)
        self._look()
        if sprung and not outcome.went_well:
            self._judge_cut_off(before, outcome)
        else:
            self._judge_clean(before, operation, outcome)

    @rule(operation=operations, deed=deeds, of=counted, at=positions)
    def operate_with_deed(self, operation: str, deed: str, of: Any, at: int) -> None:
        """Run an operation while somebody does something in the console."""
        self._operate_amid(operation, of, at, lambda: self._do(deed, wait=False))

    @rule(operation=operations, edit=edits, of=counted, at=positions)
    def operate_with_edit(self, operation: str, edit: dict[str, Any], of: Any, at: int) -> None:
        """Run an operation while somebody edits the configuration."""
        self._operate_amid(operation, of, at, lambda: self._edit(edit))

    def _operate_amid(self, operation: str, of: Any, at: int, act: Any) -> None:
        before = self.now
        outcome = self.stage.operate(operation, Trap(of, at, lambda *_call: act()), take_over=True)
        self.stage.third_party.settle()
        self._look()
        self._judge_cut_off(before, outcome, amid=True)

    @rule(deed=deeds)
    def interfere(self, deed: str) -> None:
        """Somebody does something in the console."""
        self._do(deed, wait=True)
        self._look()

    @rule(edit=edits)
    def edit(self, edit: dict[str, Any]) -> None:
        """The configuration is edited; it may be refused, and then says why."""
        self._edit(edit)
        self._look()

    @rule()
    def interrupt(self) -> None:
        """EC2 takes a spot instance back."""
        self.stage.interrupt()
        self._look()

    @rule(market=st.sampled_from(["spot", "on_demand"]), outcome=st.sampled_from(["refused", "dies", "available"]))
    def change_capacity(self, market: str, outcome: str) -> None:
        """EC2 runs out of capacity, or has some again."""
        self.stage.emulator.set_capacity(market=market.replace("_", "-"), outcome=outcome)
        self.stage.no_capacity = self.stage.no_capacity - {market} | ({market} if outcome != "available" else set())

    @rule(which=st.sampled_from(ALONE))
    def run_alone(self, which: tuple[str, str]) -> None:
        """Run a module on its own; what it refuses, it refuses in words."""
        module, state = which
        before = self.now
        outcome = self.stage.run_alone(module, state=state)
        if state == "absent" and outcome.went_well:
            promised = replace(before.promised, allocation_id=None, public_ip=None)
            given_up = model.Promised(allocation_id=promised.allocation_id, public_ip=promised.public_ip)
            before = replace(before, promised=given_up if module == "eni" else promised)
        self._look()
        self._judge_cut_off(before, outcome)

    @rule(operation=operations)
    def only_look(self, operation: str) -> None:
        """Check mode and info change nothing, and always have an answer."""
        stage = self.stage
        stage.emulator.clear_calls()
        stage.collection.check_mode = True
        outcome = stage.operate(operation)
        stage.collection.check_mode = False
        shown = stage.collection.run("info", name=[NAME])
        changing = [call["action"] for call in stage.emulator.calls(mutating=True)]
        fail_on([*worded(outcome), *map(str, outcome.broken), *map(str, shown.failures),
                  *(f"looking makes {action}" for action in changing)])  # fmt: skip

    def teardown(self) -> None:
        """Whatever happened: once nothing is in the way any more, a resume brings the node up."""
        if not hasattr(self, "now"):
            return
        stage = self.stage
        stage.emulator.set_capacity(outcome="available")
        stage.third_party.tidy_up(self.now.record.identity)
        stage.third_party.settle()
        self.stage.no_capacity = set()
        self._look()
        self._replace_lost_address()
        self.operate("resume")
        assert self.now.record.identity.instance_id, "the node did not come up"

    # What the steps are made of.

    def _do(self, deed: str, *, wait: bool) -> None:
        record = self.stage.record
        if record.intent and deed == "give a private IP":
            # Nobody could tell it from one that the operation was about to assign.
            return
        self.stage.third_party.do(deed, record.identity, wait=wait)

    def _edit(self, edit: dict[str, Any]) -> None:
        try:
            self.stage.configure(edit)
        except NodeError as error:
            fail_on([] if NAME in str(error) else [f"the refusal does not name the node: {error}"])

    def _replace_lost_address(self) -> None:
        record, addresses = self.now.record, self.now.account.addresses
        wanted = record.identity.allocation_id if record.config.elastic_ip == "new" else record.config.elastic_ip
        if wanted and wanted not in addresses:
            self.stage.given["fresh"] = self.stage.third_party.own_address()
            with suppress(NodeError):
                self.stage.configure({"elastic_ip": "fresh"})
            self._look()

    def _look(self) -> None:
        self.now = moment(self.stage)

    def _judge_clean(self, before: Moment, operation: str, outcome: StepOutcome) -> None:
        problems = always(self.stage, before, self.now)
        if outcome.went_well:
            problems += well_done(self.stage, before, self.now, operation)
        else:
            problems += explained(self.stage, before, self.now, operation, outcome)
        fail_on(problems)

    def _judge_cut_off(self, before: Moment, outcome: StepOutcome, *, amid: bool = False) -> None:
        fail_on([*always(self.stage, before, self.now, amid=amid), *worded(outcome)])


def play(machine: type[NodeMachine], *, examples: int, steps: int, number: int | None = None, **more: Any) -> None:
    """Play so many examples; `number` is a seed, without it they are always the same. Raises at the first violation."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=number is None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        **more,
    )
    factory = machine if number is None else seed(number)(type(machine.__name__, (machine,), {}))
    run_state_machine_as_test(factory, settings=chosen)


def main() -> int:
    """Play random examples in batches, each with a seed of its own; exit with 1 when one went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="how many examples in all")
    parser.add_argument("--steps", type=int, default=8, help="steps an example at the most")
    parser.add_argument(
        "--seed", type=int, help="of the first batch, each further one has the next; random if left out"
    )
    parser.add_argument("--batch", type=int, default=10, help="examples of one seed")
    parser.add_argument("--no-shrink", action="store_true", help="print an example that went wrong as it is")
    options = parser.parse_args()
    first = random.randrange(1_000_000) if options.seed is None else options.seed
    phases = [Phase.generate, *([] if options.no_shrink else [Phase.shrink])]
    wrong = []
    with Emulator() as emulator:
        NodeMachine.emulator = emulator
        for number in range(first, first + -(-options.examples // options.batch)):
            try:
                play(NodeMachine, examples=options.batch, steps=options.steps, number=number, phases=phases)
            except Exception as error:  # noqa: BLE001 - the other seeds are played all the same
                notes = "\n".join(getattr(error, "__notes__", []))
                print(f"VIOLATED seed {number}: {type(error).__name__}: {error}\n{notes}", flush=True)
                wrong.append(number)
    print(f"{options.examples} examples from seed {first} on, violated with seeds {wrong or 'none'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
