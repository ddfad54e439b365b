# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a record that is stored: whoever may write the table may have written anything.

Types, numbers and times are checked by `from_dict`. Here are the texts that end up in calls and commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from .identity import Identity
from .names import check_name
from .record import Record
from .serialization import from_dict

_RESOURCE_ID = re.compile(r"[a-z]{1,20}-[0-9a-z]{1,32}")
"""An id of EC2's, such as `eni-0123456789abcdef0`: a prefix and hexadecimal digits.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
"""

_OPERATION_ID = re.compile(r"[0-9A-Za-z-]{1,64}")

_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{0,256}")
"""A text of one line that can be shown."""


def to_record(stored: dict[str, Any]) -> Record:
    """Build the record from an item. Raises AttributeError, KeyError, TypeError, ValueError or NodeError otherwise."""
    _check_identity_is_known(stored.get("identity", {}))
    record = from_dict(Record, stored)
    check_name(record.name)
    for field, value in _ids(record):
        if not _RESOURCE_ID.fullmatch(value):
            raise ValueError(f"{field} is not the id of a resource")
    _check_operation(record)
    return record


def _check_identity_is_known(identity: dict[str, Any]) -> None:
    """Refuse an identity with more than is known here: what it names would be lost with the next write."""
    unknown = set(identity) - {field.name for field in fields(Identity)}
    if unknown:
        raise ValueError("identity has a field that this version of the collection does not know")


def _ids(record: Record) -> Iterator[tuple[str, str]]:
    identity = record.identity
    adoption = identity.adoption
    named = {
        "association_id": identity.association_id,
        "spot_instance_request_id": adoption.spot_instance_request_id if adoption else None,
        "config.subnet_id": record.config.subnet_id,
    }
    for field, value in named.items():
        if value:
            yield field, value
    for interface in (identity.interface, identity.next_interface, identity.previous_interface):
        if interface and interface.subnet_id:
            yield "subnet_id", interface.subnet_id
    for value in record.owns.ids:
        yield "a resource", value


def _check_operation(record: Record) -> None:
    operation = record.operation
    if operation is None:
        return
    if not _OPERATION_ID.fullmatch(operation.id):
        raise ValueError("operation.id is not the id of an operation")
    if not _PRINTABLE.fullmatch(operation.owner):
        raise ValueError("operation.owner is not a text of one line")
