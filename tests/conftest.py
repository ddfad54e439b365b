# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One emulator for the tests of a worker, empty at the start of each test that asks for it; the slowest tests first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.network import Network, lay_out_network
from tests.emulator.process import Emulator

TESTS = Path(__file__).resolve().parent

SLOWEST_FIRST = (
    "playbooks/test_molecule.py",
    "packaging",
    "awx",
    "permissions/test_playbooks.py",
    "permissions/test_policies.py",
    "docs/test_commands.py",
    "faults",
    "playbooks",
    "bench",
    "browser",
    "permissions",
    "functional",
)
"""Files and directories below `tests`, those whose tests take longest first; what is not named here comes last.

A worker that has run out of tests takes those that another has at its end: a long one there would be waited for.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests by `SLOWEST_FIRST`; those of a file stay together and in their order."""
    items.sort(key=lambda item: _place(item.path.relative_to(TESTS).as_posix()))


def _place(path: str) -> int:
    """Return the place in `SLOWEST_FIRST` of the first name that the path begins with."""
    places = (place for place, name in enumerate(SLOWEST_FIRST) if f"{path}/".startswith(f"{name}/"))
    return next(places, len(SLOWEST_FIRST))


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
