# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Frozen dataclasses to and from the plain dictionaries that a record, a result or a test holds."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, TypeVar

T = TypeVar("T")


def to_dict(value: Any) -> Any:
    """Turn a dataclass, at any depth, into plain dictionaries and lists; fields that are None are left out."""
    if dataclasses.is_dataclass(value):
        pairs = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: to_dict(item) for name, item in pairs if item is not None}
    if isinstance(value, dict):
        return {key: to_dict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_dict(item) for item in value]
    return value


def from_dict(cls: type[T], stored: dict[str, Any]) -> T:
    """Build a dataclass from what to_dict made of it.

    Keys that the class does not know are dropped: a record may have been written by a later version.
    """
    hints = _type_hints(cls)
    return cls(**{name: _convert(hints[name], value) for name, value in stored.items() if name in hints})


_HINTS: dict[type, dict[str, Any]] = {}


def _type_hints(cls: type) -> dict[str, Any]:
    # get_type_hints evaluates the annotations anew on each call, which a thousand records would feel.
    if cls not in _HINTS:
        _HINTS[cls] = typing.get_type_hints(cls)
    return _HINTS[cls]


def _convert(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _convert(next(option for option in arguments if option is not types.NoneType), value)
    if origin is tuple:
        return tuple(_convert(arguments[0], item) for item in value)
    if dataclasses.is_dataclass(hint):
        return from_dict(typing.cast("type[Any]", hint), value)
    return hint(value) if hint in (int, float) else value
