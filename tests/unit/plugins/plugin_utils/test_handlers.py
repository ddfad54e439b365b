# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module does the same by its name as by its `main`."""

from __future__ import annotations

import importlib

import pytest
from ansible_collections.stateful_node.aws.plugins.plugin_utils.handlers import HANDLERS

MODULES = "ansible_collections.stateful_node.aws.plugins.modules"


@pytest.mark.parametrize("name", HANDLERS)
def test_a_modules_own_handler_is_the_one_of_its_name(name: str) -> None:
    members = vars(importlib.import_module(f"{MODULES}.{name}"))
    handlers = [member for key, member in members.items() if key.startswith("handle")]
    assert handlers == [HANDLERS[name]]
