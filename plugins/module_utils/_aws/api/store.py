# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node table and its history. Each write names the condition under which it may happen.

A conditional write whose reply was lost and that botocore then repeats finds its own effect in its way. So a write
that finds its condition broken reads the item: when what it would have written stands there, it has been written.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from ..._core.model.claims import CLAIMING, Claim, claims_of
from ..._core.model.config import Config, Subnet
from ..._core.model.names import is_name
from ..._core.model.node_error import NodeError
from ..._core.model.record import Record
from ..._core.model.serialization import to_dict
from ..._core.model.stored_record import to_record
from ..calls.aws_error import AwsError, translated
from ..calls.clients import READS, ClientFactory
from ..calls.error_codes import is_condition_failed, is_table_foreign, is_table_missing
from .items import from_item, to_attribute, to_item

KEYS_PER_CALL = 100
"""BatchGetItem's limit: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""

BATCH_ROUNDS = 20
"""How often the keys that BatchGetItem left unprocessed are asked for again."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
"""Seconds before they are; the pause doubles up to the longest."""

ITEMS_TO_JUDGE_BY = 10
"""Items of a table that are looked at to tell whether it holds records: one of them may have been spoiled."""

HISTORY_PAGE = 50
"""Entries of the history that one call reads: a few weeks of a node that is paused every night."""


OWNING = ("interface", "next_interface", "previous_interface", "instance", "standby", "previous_instance")
"""The fields of an identity that have to be empty before its record may be forgotten; `Record.owns` reads them."""


class Records(dict[str, Record]):
    """The records that were read, by name."""

    def __init__(self, records: Iterable[Record] = (), unreadable: dict[str, NodeError] | None = None) -> None:
        super().__init__({record.name: record for record in records})
        #: What is wrong with items that are not records, by their names.
        self.unreadable = unreadable or {}

    @property
    def unreadable_nodes(self) -> list[str]:
        """The names in `unreadable` that a node can have: the others are items of something else."""
        return [name for name in self.unreadable if is_name(name)]

    @property
    def foreign_items(self) -> list[NodeError]:
        """What is wrong with items whose names no node can have."""
        return [error for name, error in self.unreadable.items() if not is_name(name)]


def _checked(records: Records) -> Records:
    """Raise NodeError when items were found and none of them is a record: the table is of something else."""
    if records.unreadable and not records:
        raise next(iter(records.unreadable.values()))
    return records


class Conflict(Exception):
    """A conditional write found the record changed. `record` is what stands there now (None: nothing)."""

    def __init__(self, name: str, record: Record | None) -> None:
        super().__init__(f"The record of {name} was changed by somebody else.")
        self.name, self.record = name, record


class Store:
    """The records of one table. All reads are consistent."""

    def __init__(self, client_factory: ClientFactory, table_name: str) -> None:
        self.table_name, self._client_factory = table_name, client_factory

    @property
    def history_table_name(self) -> str:
        """The table that keeps what was done to the nodes."""
        return f"{self.table_name}-history"

    @cached_property
    def _client(self) -> Any:
        # Every write is conditional and recognizes its own effect, so botocore may repeat it.
        return self._client_factory("dynamodb", READS)

    def get_region(self) -> str:
        """The region of the table."""
        return str(self._client.meta.region_name)

    @contextmanager
    def _translated(self, action: str, table_name: str | None = None) -> Iterator[None]:
        try:
            with translated(action):
                yield
        except AwsError as error:
            if is_table_missing(error) or is_table_foreign(error):
                error.place = self._place(table_name or self.table_name)
            raise

    def _place(self, table_name: str) -> str:
        return f"{table_name} in {self.get_region()}"

    def get(self, names: Sequence[str]) -> Records:
        """Read the named records; a name that is not there is left out.

        Raises NodeError when none of the items that were found is a record.
        """
        return _checked(self.get_with_unreadable(names))

    def get_with_unreadable(self, names: Sequence[str]) -> Records:
        """Read the named records as `get` does, also where none of the items that were found is a record."""
        chunks = (names[start : start + KEYS_PER_CALL] for start in range(0, len(names), KEYS_PER_CALL))
        return self._to_records(item for chunk in chunks for item in self._batch_get(chunk))

    def get_one(self, name: str) -> Record | None:
        """Read one record; None where there is none. Raises NodeError when the item is not a record."""
        return self.get([name]).get(name)

    def _batch_get(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        keys = [{"name": {"S": name}} for name in names]
        for attempt in range(BATCH_ROUNDS):
            request = {self.table_name: {"Keys": keys, "ConsistentRead": True}}
            with self._translated("BatchGetItem"):
                answer = self._client.batch_get_item(RequestItems=request)
            yield from answer.get("Responses", {}).get(self.table_name, [])
            keys = answer.get("UnprocessedKeys", {}).get(self.table_name, {}).get("Keys", [])
            if not keys:
                return
            # DynamoDB asks for that: what throttled these keys would throttle them again.
            time.sleep(min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt))
        raise AwsError("BatchGetItem", "ProvisionedThroughputExceededException", "keys were left unprocessed", 400)

    def all(self) -> Records:
        """Read every record of the table, in the order of their names.

        Raises NodeError when the table has items and none of them is a record.
        """
        with self._translated("Scan"):
            pages = self._client.get_paginator("scan").paginate(TableName=self.table_name, ConsistentRead=True)
            items = [item for page in pages for item in page.get("Items", [])]
        return _checked(self._to_records(items))

    def check_holds_records(self) -> None:
        """Raise NodeError when the table has items of something else: a record must not be written among those."""
        with self._translated("Scan"):
            answer = self._client.scan(TableName=self.table_name, Limit=ITEMS_TO_JUDGE_BY)
        _checked(self._to_records(answer.get("Items", [])))

    def claims(self) -> tuple[Claim, ...]:
        """Read which addresses the records have or want: one scan, of which only these attributes are sent."""
        expression = _Expression()
        projection = expression.projection(CLAIMING)
        with self._translated("Scan"):
            pages = self._client.get_paginator("scan").paginate(
                TableName=self.table_name, ConsistentRead=True, **projection
            )
            items = [from_item(item) for page in pages for item in page.get("Items", [])]
        return tuple(claim for item in items for claim in claims_of(item))

    def _to_records(self, items: Iterable[dict[str, Any]]) -> Records:
        """Read the items one by one: one that was spoiled keeps nobody from the others."""
        records: list[Record] = []
        unreadable: dict[str, NodeError] = {}
        for item in items:
            stored = from_item(item)
            try:
                records.append(to_record(stored))
            except (AttributeError, KeyError, TypeError, ValueError, NodeError) as error:
                name = _shown_name(stored)
                unreadable[name] = self._not_a_record(name, error)
        return Records(sorted(records, key=lambda record: record.name), unreadable)

    def _not_a_record(self, name: str, error: Exception) -> NodeError:
        # What Python says of a field that is missing or unknown names its own functions, and helps nobody.
        reason = f" ({error})" if isinstance(error, ValueError) else ""
        return NodeError(
            "ForeignTable",
            f"{name}: this item of table {self._place(self.table_name)} is not the record of a node{reason}. Restore "
            "it from a backup of the table; or name the table that the setup playbook made for the nodes: table_name, "
            "or -e stateful_node_table_name=NAME with a playbook.",
        )

    def create(self, record: Record) -> None:
        """Write a new record. Raises Conflict when the node has one already."""
        item = to_dict(record)
        try:
            with self._translated("PutItem"):
                self._client.put_item(
                    TableName=self.table_name,
                    Item=to_item(item),
                    ConditionExpression="attribute_not_exists(#name)",
                    ExpressionAttributeNames={"#name": "name"},
                )
        except AwsError as error:
            self._accept_own_effect(error, record.name, item)

    def write_config(self, before: Record, config: Config, subnet: Subnet) -> None:
        """Replace the configuration; its version rises.

        Raises Conflict unless the version is that of `before`, and, where the subnet changes, the node has the
        interface that it had and nobody may be making another.
        """
        changes = {"config": to_dict(config), "subnet": to_dict(subnet), "config_version": before.config_version + 1}
        interface = {"identity.interface.network_interface_id": before.identity.network_interface_id}
        at_rest = {"operation": None, "intent": None, **interface}
        moves = subnet.subnet_id != before.subnet.subnet_id
        self.update(before.name, changes, {"config_version": before.config_version, **(at_rest if moves else {})})

    def forget(self, record: Record) -> None:
        """Delete a record that is as given and owns nothing. Raises Conflict otherwise."""
        condition = _Expression()
        condition.require("config_version", record.config_version)
        for path in ("operation", "intent", *(f"identity.{name}" for name in OWNING)):
            condition.require(path, None)
        condition.require_unless_absent("identity.elastic_ip.allocated", value=False)
        condition.require("identity.spare_allocation_ids", [])
        self._delete(record.name, condition)

    def _delete(self, name: str, condition: _Expression) -> None:
        try:
            with self._translated("DeleteItem"):
                self._client.delete_item(TableName=self.table_name, Key={"name": {"S": name}}, **condition.arguments())
        except AwsError as error:
            if not is_condition_failed(error):
                raise
            if current := self.get_one(name):
                raise Conflict(name, current) from error

    def remove(self, name: str, operation_id: str) -> None:
        """Delete the record that an operation holds; one that is gone is deleted. Raises Conflict otherwise."""
        condition = _Expression()
        condition.require("operation.id", operation_id)
        self._delete(name, condition)

    def update(self, name: str, changes: dict[str, Any], expected: dict[str, Any]) -> None:
        """Set attributes (None removes one) of an existing record, on condition that others are as expected.

        `expected` maps a path such as `operation.id` to its value, or to None for absent. Raises Conflict.
        """
        expression = _Expression()
        for path, value in expected.items():
            expression.require(path, value)
        expression.require_existing("name")
        try:
            with self._translated("UpdateItem"):
                self._client.update_item(
                    TableName=self.table_name, Key={"name": {"S": name}}, **expression.arguments(changes)
                )
        except AwsError as error:
            self._accept_own_effect(error, name, changes, expected.get("operation.id"))

    def _accept_own_effect(
        self, error: AwsError, name: str, changes: dict[str, Any], operation_id: str | None = None
    ) -> None:
        if not is_condition_failed(error):
            raise error
        current = self.get_one(name)
        stored = to_dict(current) if current else {}
        if operation_id and "operation" not in changes and stored.get("operation", {}).get("id") != operation_id:
            # The same values may have been written by the one who took the operation over.
            raise Conflict(name, current) from error
        if not current or any(stored.get(key) != to_dict(value) for key, value in changes.items()):
            raise Conflict(name, current) from error

    def add_history(self, entry: dict[str, Any]) -> None:
        """Write what was done to a node: `name`, `at` and `expires_at` (seconds since the epoch) are in the entry."""
        with self._translated("PutItem", self.history_table_name):
            self._client.put_item(TableName=self.history_table_name, Item=to_item(entry))

    def history(self, name: str, limit: int = 100, since: str = "") -> list[dict[str, Any]]:
        """Read a node's history, the latest entry first: `limit` entries at most.

        With `since` it ends with the latest entry whose `at` is before that: what held then was so at `since`, too.
        """
        entries = []
        with self._translated("Query", self.history_table_name):
            for item in self._history_items(name, limit):
                entries.append(from_item(item))
                if entries[-1]["at"] < since:
                    break
        return entries

    def _history_items(self, name: str, limit: int) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self.history_table_name,
            KeyConditionExpression="#name = :name",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues={":name": {"S": name}},
            ScanIndexForward=False,
            PaginationConfig={"MaxItems": limit, "PageSize": min(limit, HISTORY_PAGE)},
        )
        return (item for page in pages for item in page.get("Items", []))


def _shown_name(stored: dict[str, Any]) -> str:
    """Return the key of an item as text that can be shown."""
    return ascii(stored.get("name", "without a name"))[1:-1][:64]


class _Expression:
    """The expressions of one call. Every name goes through a placeholder, since DynamoDB reserves many words."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._conditions: list[str] = []

    def require(self, path: str, value: Any) -> None:
        target = self._path(path)
        self._conditions.append(
            f"attribute_not_exists({target})" if value is None else f"{target} = {self._value(value)}"
        )

    def require_unless_absent(self, path: str, value: Any) -> None:
        target = self._path(path)
        self._conditions.append(f"(attribute_not_exists({target}) OR {target} = {self._value(value)})")

    def require_existing(self, path: str) -> None:
        self._conditions.append(f"attribute_exists({self._path(path)})")

    def arguments(self, changes: dict[str, Any] | None = None) -> dict[str, Any]:
        update = self._update(changes or {})
        arguments = {
            "ConditionExpression": " AND ".join(self._conditions),
            "ExpressionAttributeNames": self._names,
            **({"UpdateExpression": update} if update else {}),
        }
        return arguments | ({"ExpressionAttributeValues": self._values} if self._values else {})

    def projection(self, paths: Iterable[str]) -> dict[str, Any]:
        listed = ", ".join(self._path(path) for path in paths)
        return {"ProjectionExpression": listed, "ExpressionAttributeNames": self._names}

    def _update(self, changes: dict[str, Any]) -> str:
        wanted = {path: to_dict(value) for path, value in changes.items()}
        settings = [f"{self._path(path)} = {self._value(item)}" for path, item in wanted.items() if item is not None]
        removals = [self._path(path) for path, item in wanted.items() if item is None]
        parts = [f"SET {', '.join(settings)}"] if settings else []
        return " ".join([*parts, *([f"REMOVE {', '.join(removals)}"] if removals else [])])

    def _path(self, path: str) -> str:
        parts = path.split(".")
        self._names.update({f"#{part}": part for part in parts})
        return ".".join(f"#{part}" for part in parts)

    def _value(self, value: Any) -> str:
        placeholder = f":v{len(self._values)}"
        self._values[placeholder] = to_attribute(value)
        return placeholder
