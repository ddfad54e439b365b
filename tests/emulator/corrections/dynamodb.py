# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Transactions that are repeated, and answers in good time.

dynamodb/responses.py transact_write_items does not read ClientRequestToken: a retried transaction is applied twice.
DynamoResult looks every attribute up as if it were an object: 20 ms an item of 60 attributes. dynamodb/models
transact_write_items copies whole tables, to undo a transaction that touches a few items. dynamodb/models/dynamo_type.py
copies a value by copy.deepcopy, and anew at each level to show it: half of what an update of a long item takes.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.responses import ActionContext, ActionResult
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler, DynamoResult

from .patching import corrects

# Their results are the wire's own form already.
ITEM_OPERATIONS = frozenset(
    {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"}
)


@corrects(DynamoHandler, "transact_write_items")
def _transact_write_items(original: Any, self: Any) -> Any:
    token = self.body.get("ClientRequestToken")
    if not token:
        return original(self)
    known = vars(self.dynamodb_backend).setdefault("request_tokens", {})
    items = json.dumps(self.body["TransactItems"], sort_keys=True)
    if token not in known:
        answer = original(self)  # a transaction that is cancelled leaves no token behind
        known[token] = items
        return answer
    if known[token] != items:
        raise MockValidationException("IdempotentParameterMismatchException")
    return ActionResult({"ConsumedCapacity": [], "ItemCollectionMetrics": {}})


@corrects(DynamoResult, "execute_result")
def _execute_result(_original: Any, self: Any, context: ActionContext) -> Any:
    name, shape = context.operation_model.name, context.operation_model.output_shape
    if name not in ITEM_OPERATIONS or not isinstance(self.result, dict):
        return ActionResult.execute_result(self, context)
    shown = {key: self.result[key] for key in shape.members if self.result.get(key) is not None}
    return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(shown, default=_binary)


def _binary(value: bytes) -> str:
    return base64.b64encode(value).decode()


@corrects(DynamoType, "__deepcopy__")
def _copy_value(_original: Any, self: Any, _memo: dict[int, Any]) -> Any:
    made = object.__new__(type(self))
    made.type, made.value = self.type, _each(self.value, lambda value: _copy_value(_original, value, _memo))
    return made


@corrects(DynamoType, "to_regular_json")
def _show_value(_original: Any, self: Any) -> dict[str, Any]:
    value = _each(self.value, lambda value: _show_value(_original, value))
    if self.is_binary() and isinstance(value, str):
        value = base64.b64decode(value)
    return {self.type: value}


def _each(value: Any, convert: Callable[[DynamoType], Any]) -> Any:
    """Convert what a map or a list holds; sets and scalars hold no values of their own."""
    if isinstance(value, dict):
        return {key: convert(held) if isinstance(held, DynamoType) else held for key, held in value.items()}
    if isinstance(value, list):
        return [convert(held) if isinstance(held, DynamoType) else held for held in value]
    return value


@corrects(DynamoDBBackend, "transact_write_items")
def _transact(original: Any, self: Any, transact_items: list[dict[str, Any]]) -> None:
    for operation in (next(iter(item.values())) for item in transact_items):
        table = self.tables.get(operation.get("TableName"))
        if table is not None:
            key = operation.get("Key") or operation["Item"]
            vars(table).setdefault("touched", []).append(key)
    try:
        original(self, transact_items)
    finally:
        for table in self.tables.values():
            vars(table).pop("touched", None)


def _copy_for_undoing(self: Any, memo: dict[int, Any]) -> Any:
    """Shares the items that the transaction does not touch."""
    undo = copy.copy(self)
    undo.items = copy.copy(self.items)
    for hash_key, range_key in _touched(self):
        kept = undo.items.get(hash_key)
        if range_key is None and kept is not None:
            undo.items[hash_key] = copy.deepcopy(kept, memo)
        elif kept is not None:
            undo.items[hash_key] = {
                **kept,
                **{key: copy.deepcopy(kept[key], memo) for key in (range_key,) if key in kept},
            }
    return undo


def _touched(table: Any) -> Iterable[tuple[DynamoType, DynamoType | None]]:
    for key in vars(table).get("touched", []):
        range_key = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
        yield DynamoType(key[table.hash_key_attr]), range_key


Table.__deepcopy__ = _copy_for_undoing  # type: ignore[attr-defined]
