# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records and history entries as DynamoDB items."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

try:
    from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
except ImportError:
    pass  # AnsibleAWSModule tells the user so


def to_attribute(value: Any) -> dict[str, Any]:
    """Turn a plain value into a DynamoDB attribute value; DynamoDB takes decimals in place of floats."""
    attribute: dict[str, Any] = TypeSerializer().serialize(_with_decimals(value))
    return attribute


def to_item(value: dict[str, Any]) -> dict[str, Any]:
    """Turn a plain dictionary into an item."""
    return {key: to_attribute(content) for key, content in value.items()}


def from_item(item: dict[str, Any]) -> dict[str, Any]:
    """Turn an item into a plain dictionary, its numbers into int or float."""
    deserialize = TypeDeserializer().deserialize
    return {key: _without_decimals(deserialize(content)) for key, content in item.items()}


def _with_decimals(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {key: _with_decimals(content) for key, content in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_decimals(content) for content in value]
    return value


def _without_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _without_decimals(content) for key, content in value.items()}
    if isinstance(value, list):
        return [_without_decimals(content) for content in value]
    return value
