# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 has of a node whose record is missing: why no record is made new beside it, and the way out."""

from __future__ import annotations

from ..model.commands import rebuild_command
from ..resources.tagged import Tagged, described
from .problems import Problem


def record_missing(name: str, remains: Tagged, table: str) -> Problem:
    """Say that a record is not made while things carry the node's tags."""
    found = ", ".join(described(thing) for thing in remains.things)
    return Problem(
        code="RecordMissing",
        option="name",
        value=name,
        wrong=f"has no record in table {table}, and EC2 has what carries its tags: {found}. A new record would know "
        "nothing of these: the node would get another interface and other addresses",
        way_out=_way_out(remains),
        next_command=rebuild_command(name) if remains.network_interfaces else None,
    )


def _way_out(remains: Tagged) -> str:
    # Anybody who may tag can have written the tags, and must not keep the node from being configured for good.
    foreign = (
        "From what is not this node's, remove the tags that begin with stateful_node:, or delete it with the playbook "
        "orphans, which lists it"
    )
    if not remains.network_interfaces:
        return f"Without an interface no record can be rebuilt. {foreign}"
    return f"Rebuild the record with the next command. {foreign}"
