# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Giving a module its arguments as Ansible does, on every ansible-core."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from ansible.module_utils import basic

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.17 and 2.18

    @contextmanager
    def patch_module_args(module_args: Mapping[str, Any]) -> Iterator[None]:
        """Let the module that is made within find these arguments."""
        given = json.dumps({"ANSIBLE_MODULE_ARGS": dict(module_args)}).encode()
        with mock.patch.object(basic, "_ANSIBLE_ARGS", given):
            yield


__all__ = ["patch_module_args"]
