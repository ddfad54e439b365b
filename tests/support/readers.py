# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests read of a result, and of the record of the node `a`."""

from __future__ import annotations

from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Record
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.support.collection import TABLE, Collection


def succeeds(result: Result) -> dict[str, Any]:
    """Return the first node of a result without failures."""
    assert not result.failures, result.message
    node: dict[str, Any] = result.values["nodes"][0]
    return node


def only(result: Result) -> dict[str, Any]:
    """Return the one node of a result without failures."""
    assert not result.failures, result.message
    (node,) = result.values["nodes"]
    return node


def error_of(result: Result) -> dict[str, Any]:
    """Return what went wrong with the one node of a result."""
    (node,) = result.values["nodes"]
    error: dict[str, Any] = node["error"]
    return error


def actions_of(result: Result) -> list[str]:
    """List what was, or would be, done."""
    return [action["action"] for action in result.values["actions"]]


def record_of(collection: Collection, name: str = "a") -> Record:
    """Read the node's record. Raises KeyError where there is none."""
    return Store(collection.client, TABLE).get([name])[name]


def has_record(collection: Collection, name: str = "a") -> bool:
    """Whether the node has a record."""
    return name in Store(collection.client, TABLE).get([name])
