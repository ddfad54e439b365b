# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three configured nodes on an emulator, and ansible-playbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection, create_tables
from tests.support.playbooks import Playbooks

NODES = "a,b,c"


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
