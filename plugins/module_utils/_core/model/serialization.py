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

EARLIEST_TIME = -62135596800
"""The beginning of the year 1 in seconds since the epoch: the earliest time that can be written down as a date."""

LATEST_TIME = 253402300799
"""The end of the year 9999 in seconds since the epoch: the latest time that can be written down as a date."""


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

    Keys that the class does not know are dropped: a record may have been written by a later version. Raises TypeError
    or ValueError for a value of another type, and for a number or time that is out of range.
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
    """Turn a stored value into the type of its field. Raises TypeError or ValueError where it is another one."""
    if value is None:
        return None
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        options = typing.get_args(hint)
        return _convert(next(option for option in options if option is not types.NoneType), value)
    if origin is not None:
        return _convert_generic(origin, typing.get_args(hint), value)
    if dataclasses.is_dataclass(hint):
        return from_dict(typing.cast("type[Any]", hint), _of_type(dict, value))
    return _convert_plain(hint, value)


def _convert_generic(origin: Any, arguments: tuple[Any, ...], value: Any) -> Any:
    if origin is typing.Literal:
        return _one_of(arguments, value)
    if origin is tuple:
        return tuple(_convert(arguments[0], item) for item in _of_type(list, value))
    return {key: _convert(arguments[1], item) for key, item in _of_type(dict, value).items()}


def _convert_plain(hint: Any, value: Any) -> Any:
    if hint in (int, float):
        return hint(_bounded(value))
    return value if hint is Any else _of_type(hint, value)


def _one_of(options: tuple[Any, ...], value: Any) -> Any:
    if value not in options:
        raise ValueError(f"must be one of {options}")
    return value


def _of_type(wanted: type, value: Any) -> Any:
    accepted = (list, tuple) if wanted is list else wanted
    if not isinstance(value, accepted):
        raise TypeError(f"must be of type {wanted.__name__}")
    return value


def _bounded(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("must be a number")
    if not EARLIEST_TIME <= value <= LATEST_TIME:
        raise ValueError("is out of range")
    return value
