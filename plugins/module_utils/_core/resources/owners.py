# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose something in EC2 is, as its tags say.

Anybody who may tag can write such tags: they are a hint for a person, never the proof that allows a change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..model.names import is_name
from ..model.tags import NAME, TABLE

TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
"""What a table of DynamoDB can be called.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""


def is_own(tags: Mapping[str, str], *, table: str, name: str) -> bool:
    """Whether something is tagged as the node's of that name in that table."""
    return (tags.get(TABLE), tags.get(NAME)) == (table, name)


def is_of_another_node(tags: Mapping[str, str], *, table: str, name: str) -> bool:
    """Whether something is tagged as another node's, of this table or another one."""
    is_tagged = TABLE in tags or NAME in tags
    return is_tagged and not is_own(tags, table=table, name=name)


def whose(tags: Mapping[str, str], *, table: str, name: str) -> str:
    """Say whose something is, `which is node a's, as its tags say`, or nothing where its tags do not.

    `table` and `name` are those of the node that the sentence is about. A name that no node can have, or that no table
    can have, is not shown: it is not from this collection.
    """
    if is_own(tags, table=table, name=name):
        return "which is this node's own, as its tags say"
    if not is_of_another_node(tags, table=table, name=name):
        return ""
    return f"which {ownership(tags, table)}, as its tags say"


def with_owner(thing: str, tags: Mapping[str, str], *, table: str, name: str) -> str:
    """Add to the words for a thing whose it is, where its tags say so."""
    owner = whose(tags, table=table, name=name)
    return f"{thing}, {owner}" if owner else thing


def ownership(tags: Mapping[str, str], table: str) -> str:
    """Say which node something is tagged for: `is node a's`, or `belongs to node a of table b`, another table."""
    owner = tags.get(NAME, "")
    its_table = tags.get(TABLE, "")
    is_named = is_name(owner)
    if its_table == table:
        return f"is node {owner}'s" if is_named else "belongs to a node without a valid name"
    shown = f"node {owner}" if is_named else "a node without a valid name"
    place = f"table {its_table}" if TABLE_NAME.fullmatch(its_table) else "a table without a valid name"
    return f"belongs to {shown} of {place}"
