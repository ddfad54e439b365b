# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One emulator for the tests of a worker, empty at the start of each test that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.network import Network, lay_out_network
from tests.emulator.process import Emulator


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
