# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes as hosts of an inventory: where they are reached, the groups that they are in, and which are asked for.

A node is what stateful_node_info returns, with its `region` and `table_name`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ..model.node_error import NodeError
from ..model.selectors import matches_value

Node = Mapping[str, Any]
Filter = Mapping[str, Any]

RECORD_MISSING = "record_missing"
"""The drift of a node that only tags tell of, which anyone may give who may tag resources."""

STRAYED = frozenset({"address_changed", "interface_in_use_elsewhere", "interface_missing", RECORD_MISSING})
"""Drifts with which something else than the node may answer on its private addresses."""

STRAYED_PUBLIC = STRAYED | {"elastic_ip_moved"}
"""The same of its public addresses."""


def _public_ip(node: Node) -> str | None:
    return None if _drifts(node) & STRAYED_PUBLIC else node["public_ip"]


def _named(kind: str, value: str | None) -> Iterator[str]:
    if value:
        yield f"{kind}_{value}"


def _tags(node: Node) -> Mapping[str, str]:
    tags: Mapping[str, str] = (node["config"] or {}).get("tags", {})
    return tags


def _drifts(node: Node) -> set[str]:
    return {drift["reason"] for drift in node["drift"]}


def _waits_for(node: Node) -> set[str]:
    return {change["waits_for"] for change in node["pending"]}


ADDRESSES: dict[str, Callable[[Node], str | None]] = {
    "private_ip_address": lambda node: None if _drifts(node) & STRAYED else node["private_ip_address"],
    "elastic_ip": lambda node: _public_ip(node) if node["allocation_id"] else None,
    "public_ip": _public_ip,
    "ipv6_address": lambda node: None if _drifts(node) & STRAYED else next(iter(node["ipv6_addresses"]), None),
}
"""The kinds of address by which a node may be reached."""

GROUPS: dict[str, Callable[[Node], Iterator[str]]] = {
    "status": lambda node: _named("status", node["status"]),
    "zone": lambda node: _named("zone", node["availability_zone"]),
    "market": lambda node: _named("market", node["instance_lifecycle"]),
    "tags": lambda node: (f"tag_{key}_{value}" for key, value in _tags(node).items()),
    "drift": lambda node: (f"drift_{reason}" for reason in sorted(_drifts(node))),
    "pending": lambda node: (f"pending_{operation}" for operation in sorted(_waits_for(node))),
}
"""What nodes are grouped by."""

OMITTED = ("name", "timings", "error")
"""Keys of a node that make no host variables: Ansible reserves `name`, the others are about one call."""

FILTERS = (
    "name",
    "status",
    "desired",
    "region",
    "availability_zone",
    "subnet_id",
    "network_interface_id",
    "private_ip_address",
    "public_ip",
    "allocation_id",
    "instance_id",
    "instance_type",
    "instance_lifecycle",
)
"""The keys of a node that a filter may name."""


def find_address(node: Node, kinds: Sequence[str]) -> str | None:
    """Find the address of the first of the kinds that the node has; None when it has none of them."""
    return next((address for kind in kinds if (address := ADDRESSES[kind](node))), None)


def is_readable(node: Node) -> bool:
    """Whether more is known of the node than why it could not be read."""
    return "drift" in node


def has_record(node: Node) -> bool:
    """Whether the table has a record of the node; otherwise nothing but tags says that there is such a node."""
    return RECORD_MISSING not in _drifts(node)


def list_groups(node: Node, by: Iterable[str]) -> list[str]:
    """List the groups of a node, with whatever characters its tags have; without a record, that of its drift alone."""
    kinds = [kind for kind in by if kind == "drift" or has_record(node)]
    return [group for kind in kinds for group in GROUPS[kind](node)]


def to_host_variables(node: Node, prefix: str = "", suffix: str = "") -> dict[str, Any]:
    """Give a node's host variables."""
    variables = {"node_name": node["name"], **{key: value for key, value in node.items() if key not in OMITTED}}
    return {f"{prefix}{key}{suffix}": value for key, value in variables.items()}


def check_filters(filters: Iterable[Filter]) -> None:
    """Raise NodeError for a filter that is not known."""
    for name in (name for given in filters for name in given):
        if name not in (*FILTERS, "drift") and not name.startswith("tag:"):
            known = ", ".join((*FILTERS, "drift", "tag:KEY"))
            raise NodeError("UnknownFilter", f"'{name}' is not a filter of nodes. Filter by one of {known}.")


def check_keys(given: Iterable[str], known: Collection[str]) -> None:
    """Raise NodeError naming the keys of an inventory file that are not known, each with the nearest known one."""
    sentences = [sentence for key in given if key not in known for sentence in _refuse_key(str(key), known)]
    if sentences:
        raise NodeError("UnknownOption", " ".join(sentences))


def _refuse_key(key: str, known: Iterable[str]) -> Iterator[str]:
    yield f"'{key}' is not an option of the inventory."
    for near in get_close_matches(key, sorted(known), n=1):
        yield f"Did you mean the option {near}?"


def is_wanted(node: Node, include: Sequence[Filter], exclude: Sequence[Filter]) -> bool:
    """Whether any of `include` matches the node, where there is one, and none of `exclude` does."""
    included = not include or any(_matches(node, given) for given in include)
    return included and not any(_matches(node, given) for given in exclude)


def _matches(node: Node, given: Filter) -> bool:
    return all(_has_any(_values(node, name), wanted) for name, wanted in given.items())


def _has_any(values: Iterable[str], wanted: Any) -> bool:
    patterns = wanted if isinstance(wanted, (list, tuple)) else [wanted]
    return any(matches_value(value, str(pattern)) for pattern in patterns for value in values)


def _values(node: Node, name: str) -> Iterable[str]:
    if name == "drift":
        return _drifts(node)
    value = _tags(node).get(name.removeprefix("tag:")) if name.startswith("tag:") else node[name]
    return () if value is None else (str(value),)
