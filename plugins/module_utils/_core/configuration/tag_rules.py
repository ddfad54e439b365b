# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags: EC2's limits and the keys that are taken."""

from __future__ import annotations

import re

from ..model.config import Config
from ..model.tags import PREFIX
from .problems import Problem, Problems, ValueRule

TAGS_PER_RESOURCE = 50
KEY_CHARACTERS = 128
VALUE_CHARACTERS = 256
"""EC2's limits: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions"""

METADATA_KEY = re.compile(r"[0-9a-zA-Z\-_+=,.@:]{1,255}")
RESERVED_METADATA_KEYS = frozenset({".", "..", "_index"})
OWN_TAGS = 5
"""Of the 50, those that the collection may set: table, name, generation or config, intent and role, each after its
prefix. Only instances have a generation, and only interfaces a config."""


def check_keys_and_values(config: Config) -> Problems:
    """Keys are not reserved, and keys and values are no longer than EC2 takes."""
    for key, value in config.tags.items():
        if key.lower().startswith("aws:"):
            yield _problem(key, "has a key that AWS reserves for itself", "Take a key that does not start with 'aws:'")
        if key.startswith(PREFIX):
            yield _problem(key, "has a key of this collection's own", f"Take one that does not start with '{PREFIX}'")
        if not 1 <= len(key) <= KEY_CHARACTERS:
            yield _problem(key, f"has a key of {len(key)} characters", f"EC2 takes 1 to {KEY_CHARACTERS}")
        if len(value) > VALUE_CHARACTERS:
            yield _problem(key, f"has a value of {len(value)} characters", f"EC2 takes at most {VALUE_CHARACTERS}")


def _problem(key: str, wrong: str, way_out: str) -> Problem:
    return Problem(code="InvalidTag", option="tags", value=key, wrong=wrong, way_out=way_out)


def check_number(config: Config) -> Problems:
    """Beside the user's tags there is room for the collection's own and for Name."""
    allowed = TAGS_PER_RESOURCE - OWN_TAGS - ("Name" not in config.tags)
    if len(config.tags) > allowed:
        yield Problem(
            code="TooManyTags",
            option="tags",
            value=f"{len(config.tags)} keys",
            wrong=f"are more than {allowed}: EC2 takes {TAGS_PER_RESOURCE}, some of which the collection sets",
            way_out="Drop some; with purge_tags: false those stored before count as well",
        )


def check_keys_in_metadata(config: Config) -> Problems:
    """Where an instance shows its tags in its metadata, EC2 takes fewer characters in their keys.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
    """
    if config.launch.metadata_options.get("instance_metadata_tags") != "enabled":
        return
    for key in config.tags:
        if not METADATA_KEY.fullmatch(key) or key in RESERVED_METADATA_KEYS:
            yield _problem(
                key,
                "has a key that EC2 refuses together with launch.metadata_options.instance_metadata_tags: enabled",
                "Take a key of letters, digits and + - = . , _ : @, or disable instance_metadata_tags",
            )


TAG_VALUE_RULES: tuple[ValueRule, ...] = (check_keys_and_values, check_number, check_keys_in_metadata)
