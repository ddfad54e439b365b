# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes moto slow and nobody here needs.

core/common_models.py BaseModel.__new__ keeps every object ever made for moto's dashboard; backends.py
list_of_moto_modules reads the directory and core/utils.py method_names_from_class all methods at every request;
ec2/models/instance_types.py describe_instance_type_offerings asks each of thousands of offerings, which never change.
"""

from __future__ import annotations

import functools
from typing import Any

import moto.backends
import moto.core.responses
import moto.core.utils
from moto.core.common_models import BaseModel
from moto.ec2.models.instance_types import InstanceTypeOfferingBackend


def _untracked(cls: type, *_arguments: Any, **_options: Any) -> Any:
    return object.__new__(cls)


BaseModel.__new__ = _untracked  # type: ignore[method-assign]
moto.core.responses.method_names_from_class = functools.cache(moto.core.utils.method_names_from_class)  # type: ignore[attr-defined]
_module_names = tuple(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: _module_names


_describe_offerings = InstanceTypeOfferingBackend.describe_instance_type_offerings
Filters = tuple[tuple[str, tuple[str, ...]], ...]


@functools.lru_cache(maxsize=256)
def _offerings(region: str, location_type: str | None, filters: Filters) -> tuple[dict[str, Any], ...]:
    backend = InstanceTypeOfferingBackend()
    backend.region_name = region  # type: ignore[attr-defined]
    return tuple(_describe_offerings(backend, location_type, {name: list(values) for name, values in filters}))


def _remembered(self: Any, location_type: str | None = None, filters: dict[str, Any] | None = None) -> list[Any]:
    chosen = tuple(sorted((name, tuple(values)) for name, values in (filters or {}).items()))
    return list(_offerings(self.region_name, location_type, chosen))


InstanceTypeOfferingBackend.describe_instance_type_offerings = _remembered  # type: ignore[method-assign]
