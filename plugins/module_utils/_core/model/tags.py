# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tags by which the collection's interfaces, addresses and instances can be told from others."""

from __future__ import annotations

from .record import Record

PREFIX = "stateful_node:"
TABLE = f"{PREFIX}table"
NAME = f"{PREFIX}name"
GENERATION = f"{PREFIX}generation"
INTENT = f"{PREFIX}intent"
ROLE = f"{PREFIX}role"
CONFIG = f"{PREFIX}config"
"""On interfaces only: what `config_tag` composes."""
OWN = (TABLE, NAME, GENERATION, INTENT, ROLE, CONFIG)
"""All of them: what is removed from a thing that is let go."""

NEXT = "next"
"""The role of an interface that was made for a change of address and is not the node's own yet."""

DISPOSABLE = "disposable"
"""The role of an interface at device 0 that EC2 made with an instance and deletes with it."""


def wanted_tags(table: str, record: Record, **own: str) -> dict[str, str]:
    """Compose the tags of something that belongs to the node: the user's, Name unless given, and our own."""
    return {"Name": record.name, **record.wanted.tags, TABLE: table, NAME: record.name, **own}
