# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet page: one HTML file that asks for nothing else.

Names, tags, owners and EC2's messages are somebody else's words. Jinja escapes every value. Should that fail one day,
the page's content security policy lets no script run but its own, by its hash, and lets nothing be loaded or sent.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...module_utils._core.resources.orphan_rules import MONTHLY_COST
from .chart import find_axis
from .formatting import clock_time, machine_time, ticks
from .rows import NO_HISTORY, STATUSES, row

FILES = Path(__file__).parent

COLUMNS = (
    ("name", "Node", "text"), ("status", "Status", "number"), ("drift", "Drift", "text"),
    ("private", "Private IP", "number"), ("public", "Public IP", "number"), ("instance", "Instance", "text"),
    ("type", "Type", "text"), ("market", "Market", "text"), ("outage", "Out of service", "number"),
    ("last", "Last operation", "number"),
)  # fmt: skip
"""Class, heading and order of each column."""

NOT_TEMPLATES = {"{{": "&#123;&#123;", "{%": "&#123;%", "{#": "&#123;#"}
"""Ansible may look at a text once more: what looks like a template in it is written so that it does not."""


def render_page(nodes: Any, history: Any, *, title: str) -> str:
    """Write the page for nodes as stateful_node_info returns them.

    `history` is what stateful_node_history_info returned for them, all of it.
    """
    told, now = _plain(history), int(history["read_at"])
    histories = {node["name"]: {**NO_HISTORY, **node} for node in told["nodes"]}
    axis = find_axis(histories.values(), told["since"], now)
    rows = [row(node, histories.get(node["name"], NO_HISTORY), axis) for node in _plain(nodes)]
    style, script = (Markup((FILES / name).read_text(encoding="utf-8")) for name in ("page.css", "page.js"))  # noqa: S704
    page = _template().render(
        axis={"ticks": [{"left": axis.place(at), "label": label} for at, label in ticks(axis.begins_at, axis.ends_at)]},
        begins=clock_time(axis.begins_at),
        columns=COLUMNS,
        made=clock_time(now),
        made_machine=machine_time(now),
        reasons=sorted({item["reason"] for each in rows for item in each["drift"]}),
        region=told["region"],
        rows=rows,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        statuses=_statuses(rows),
        style=style,
        table=told["table_name"],
        title=title,
        **_public_addresses(rows),
    )
    return _without_templates(page)


def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(FILES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _statuses(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counts = Counter((each["rank"], each["status"]) for each in rows)
    return [
        {"name": name, "sign": STATUSES.get(name, "◆"), "count": counts[rank, name]} for rank, name in sorted(counts)
    ]


def _public_addresses(rows: list[dict[str, Any]]) -> dict[str, Any]:
    count = sum(bool(each["public_ip"]) for each in rows)
    return {"public_count": count, "public_cost": f"{count * MONTHLY_COST:.2f}"}


def _plain(value: Any) -> Any:
    """Copy Ansible's own kinds of dictionaries and lists, whose items cost a look-up each time."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _without_templates(page: str) -> str:
    for found, written in NOT_TEMPLATES.items():
        page = page.replace(found, written)
    # A lone surrogate is no text that a file can hold.
    return page.encode("utf-8", "replace").decode()
