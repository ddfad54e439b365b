# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orphans as a table of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .node_table import lay_out

Orphan = Mapping[str, Any]
Column = Callable[[Orphan], "str | None"]


def compose_orphan_table(orphans: Sequence[Orphan], width: int | None = None) -> list[str]:
    """Compose a heading and a line for each orphan, as stateful_node_orphans returns them; see `compose_table`."""
    if not orphans:
        return ["There are no orphans."]
    rows = [tuple(str(cell(orphan) or "-") for cell in COLUMNS.values()) for orphan in orphans]
    return lay_out([tuple(COLUMNS), *rows], width)


TYPES = {"network_interface": "network interface", "elastic_ip": "Elastic IP"}


def _value(key: str) -> Column:
    return lambda orphan: orphan.get(key)


def _node(orphan: Orphan) -> str | None:
    return orphan.get("name") or orphan.get("invalid_name")


def _cost(orphan: Orphan) -> str | None:
    cost = orphan.get("monthly_cost")
    return f"{cost:.2f}" if cost else None


COLUMNS: dict[str, Column] = {
    "id": _value("id"),
    "type": lambda orphan: TYPES.get(orphan["type"], orphan["type"]),
    "tagged for": _node,
    "used by": _value("used_by"),
    "private IP": _value("private_ip_address"),
    "public IP": _value("public_ip"),
    "launched": _value("launched_at"),
    "USD a month": _cost,
}
