# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's modules in this process."""

from __future__ import annotations

import pytest

from tests.emulator.process import Emulator
from tests.support.collection import Collection, create_tables


@pytest.fixture
def collection(emulator: Emulator) -> Collection:
    """The collection, its tables made."""
    create_tables(emulator.client("dynamodb"))
    return Collection(emulator.endpoint)
