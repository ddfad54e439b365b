# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose something is, in words, from tags that anybody may have written."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import NAME, TABLE
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.owners import whose, with_owner

OWN = "which is this node's own, as its tags say"
NAMELESS = "which belongs to a node without a valid name"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, ""),
        ({"Name": "a"}, ""),
        ({TABLE: "nodes", NAME: "a"}, OWN),
        ({TABLE: "nodes", NAME: "b"}, "which is node b's, as its tags say"),
        ({TABLE: "others", NAME: "a"}, "which belongs to node a of table others, as its tags say"),
        ({TABLE: "nodes"}, f"{NAMELESS}, as its tags say"),
        ({NAME: "a"}, "which belongs to node a of a table without a valid name, as its tags say"),
        ({TABLE: "nodes", NAME: "all"}, f"{NAMELESS}, as its tags say"),
        ({TABLE: "nodes", NAME: "a; rm -rf"}, f"{NAMELESS}, as its tags say"),
        ({TABLE: "nodes", NAME: "{{ x }}"}, f"{NAMELESS}, as its tags say"),
        ({TABLE: "<b>", NAME: "a\n"}, f"{NAMELESS} of a table without a valid name, as its tags say"),
    ],
)
def test_the_owner_is_named_where_the_tags_name_one(tags, expected):
    assert whose(tags, table="nodes", name="a") == expected
    assert with_owner("eni-1", tags, table="nodes", name="a") == (f"eni-1, {expected}" if expected else "eni-1")
