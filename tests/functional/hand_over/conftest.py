# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes whose interface is handed over between two running instances."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.network import Network
from tests.support.clocks import FastClock
from tests.support.collection import Collection
from tests.support.readers import only

from .looks import OPTIONS


@pytest.fixture
def collection(collection: Collection) -> Collection:
    """Sleeps and limits go by faster."""
    return Collection(collection.endpoint, clock=FastClock())


@pytest.fixture
def running(collection: Collection, network: Network) -> dict[str, Any]:
    """A node that runs with its interface at device 1."""
    collection.configure("a", network, **OPTIONS)
    return only(collection.operate("resume", ["a"]))
