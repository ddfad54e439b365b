# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes moto slow and nobody here needs.

core/common_models.py BaseModel.__new__ keeps every object ever made for moto's dashboard; backends.py
list_of_moto_modules reads the directory and core/utils.py method_names_from_class all methods at every request.
"""

from __future__ import annotations

import functools
from typing import Any

import moto.backends
import moto.core.responses
import moto.core.utils
from moto.core.common_models import BaseModel


def _untracked(cls: type, *_arguments: Any, **_options: Any) -> Any:
    return object.__new__(cls)


BaseModel.__new__ = _untracked  # type: ignore[method-assign]
moto.core.responses.method_names_from_class = functools.cache(moto.core.utils.method_names_from_class)  # type: ignore[attr-defined]
_module_names = tuple(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: _module_names
