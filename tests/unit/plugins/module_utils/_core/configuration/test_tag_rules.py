# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for tags: each one a row, with the words that its message must have."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.validation import (
    check_config,
    check_values,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.support.configurations import FACTS, config, expect, launching, refusal

VALUES = {
    "a tag of AWS": (config(tags={"AWS:x": "1"}), ("InvalidTag", "tags 'AWS:x'", "AWS reserves", "'aws:'")),
    "a tag of this collection": (
        config(tags={"stateful_node:name": "x"}),
        ("InvalidTag", "tags 'stateful_node:name'", "own", "does not start with"),
    ),
    "a tag without a key": (config(tags={"": "x"}), ("InvalidTag", "tags ''", "0 characters", "1 to 128")),
    "a key that is too long": (
        config(tags={"k" * 129: "x"}),
        ("InvalidTag", f"tags '{'k' * 129}'", "key of 129 characters"),
    ),
    "a tag's value that is too long": (
        config(tags={"k": "x" * 257}),
        ("InvalidTag", "tags 'k'", "value of 257 characters", "at most 256"),
    ),
    "a tag that instance metadata cannot show": (
        replace(launching(metadata_options={"instance_metadata_tags": "enabled"}), tags={"Patch Group": "a"}),
        ("InvalidTag", "tags 'Patch Group'", "instance_metadata_tags"),
    ),
    "too many tags": (
        config(tags={f"k{number}": "" for number in range(45)}),
        ("TooManyTags", "tags '45 keys'", "more than 44", "50"),
    ),
    "too many tags with Name": (
        config(tags={"Name": "db", **{f"k{number}": "" for number in range(45)}}),
        ("TooManyTags", "tags '46 keys'", "more than 45"),
    ),
}


@pytest.mark.parametrize(("configured", "expected"), VALUES.values(), ids=VALUES)
def test_a_value_is_refused(configured, expected):
    """Before AWS is asked anything, and again with its answers."""
    expect(refusal(configured), *expected)
    with pytest.raises(NodeError):
        check_values("db-1", None, configured)


ACCEPTED = {
    "as many tags as EC2 takes": (config(tags={f"k{number}": "" for number in range(44)}), FACTS, None),
    "a tag with a space, not shown in metadata": (config(tags={"Patch Group": "a"}), FACTS, None),
    "the longest tag": (config(tags={"k" * 128: "x" * 256}), FACTS, None),
}


@pytest.mark.parametrize(("configured", "known", "before"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_configuration_is_accepted(configured, known, before):
    """The edges of the rules."""
    check_config("db-1", before, configured, known)
