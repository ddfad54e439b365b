# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator, three configured nodes on it, and ansible-playbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collection import Collection, create_tables
from tests.emulator.network import Network, lay_out_network
from tests.emulator.process import Emulator

from .playbook import Playbooks

NODES = "a,b,c"


@pytest.fixture(scope="session")
def shared_emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(shared_emulator: Emulator) -> Emulator:
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture
def network(emulator: Emulator) -> Network:
    return lay_out_network(emulator.client("ec2"))


@pytest.fixture
def playbooks(emulator: Emulator, tmp_path: Path) -> Playbooks:
    return Playbooks(emulator, tmp_path)


@pytest.fixture
def collection(emulator: Emulator, network: Network) -> Collection:
    """Three nodes: an address that EC2 picks, a particular one, and an Elastic IP of its own."""
    create_tables(emulator.client("dynamodb"))
    made = Collection(emulator.endpoint)
    made.configure("a", network)
    made.configure("b", network, private_ip_address="10.0.1.50")
    made.configure("c", network, elastic_ip="new", public_ip_assignment="enabled")
    return made
