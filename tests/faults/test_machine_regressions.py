# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sequences of steps that went wrong once, as the state machine found them, made as short as they go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.emulator.process import Emulator

from .machine import NodeMachine


@pytest.fixture
def machine(emulator: Emulator) -> NodeMachine:
    return type("NodeMachine", (NodeMachine,), {"emulator": emulator})()


def _taken_secondary_ip(machine: NodeMachine) -> None:
    """Deleted behind our back, and a secondary address is taken: who has it is named."""
    machine.begin(elastic_ip="", private_ip="", more=[{"secondary_private_ip_address_count": 2}], start="pause")
    machine.interfere(deed="delete the interface")
    machine.interfere(deed="take the last private IP")
    machine.operate(operation="resume")


def _taken_named_ip(machine: NodeMachine) -> None:
    machine.begin(
        elastic_ip="", private_ip="", more=[{"secondary_private_ip_addresses": ["10.0.1.200"]}], start="pause"
    )
    machine.interfere(deed="delete the interface")
    machine.interfere(deed="take the last private IP")
    machine.operate(operation="resume")


def _disassociated_and_cleared(machine: NodeMachine) -> None:
    """An Elastic IP that somebody took off and that is not wanted any more is forgotten."""
    machine.begin(elastic_ip="new", private_ip="", more=[], start="resume")
    machine.interfere(deed="disassociate the Elastic IP")
    machine.edit(edit={"elastic_ip": ""})
    machine.operate(operation="resume")


def _moved_and_cleared(machine: NodeMachine) -> None:
    machine.begin(elastic_ip="given-0", private_ip="", more=[], start="resume")
    machine.interfere(deed="move the Elastic IP")
    machine.edit(edit={"elastic_ip": ""})
    machine.operate(operation="replace")


def _released_and_cleared(machine: NodeMachine) -> None:
    machine.begin(elastic_ip="new", private_ip="", more=[], start="pause")
    machine.interfere(deed="release the Elastic IP")
    machine.edit(edit={"elastic_ip": ""})
    machine.operate(operation="resume")


def _edited_after_cut_off(machine: NodeMachine) -> None:
    """Whoever takes over works on the configuration of now: what the error says to do gets the node out."""
    machine.begin(elastic_ip="new", private_ip="", more=[], start="resume")
    machine.operate_with_fault(operation="replace", kind="kill before", of="EC2 writes", at=1, lasting=False)
    machine.interfere(deed="release the Elastic IP")
    machine.edit(edit={"elastic_ip": "given-0"})
    machine.operate(operation="resume")


FOUND: tuple[Callable[[NodeMachine], None], ...] = (
    _taken_secondary_ip,
    _taken_named_ip,
    _disassociated_and_cleared,
    _moved_and_cleared,
    _edited_after_cut_off,
    _released_and_cleared,
)


@pytest.mark.parametrize("steps", [pytest.param(steps, id=steps.__name__.strip("_")) for steps in FOUND])
def test_what_went_wrong_once(machine: NodeMachine, steps: Callable[[NodeMachine], None]) -> None:
    steps(machine)
    machine.teardown()
