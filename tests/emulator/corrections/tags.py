# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A resource's tags by its id.

ec2/models/core.py TaggedEC2Resource.get_tags runs ec2/models/tags.py describe_tags, which compares every tag of every
resource with a regular expression: 405 ms for a filter over 1000 interfaces.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.tags import TagBackend

from ..world import world
from .patching import corrects


@corrects(TaggedEC2Resource, "get_tags")
def _get_tags(_original: Any, self: Any) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in self.ec2_backend.tags.get(self.id, {}).items()]


def visible_tags(resource: Any) -> dict[str, str]:
    found = resource.ec2_backend.tags.get(resource.id, {})
    if not world.consistency.window:
        return found
    return {key: value for key, value in found.items() if not world.consistency.is_fresh((resource.id, key))}


@corrects(TagBackend, "create_tags")
def _create_tags(original: Any, self: Any, resource_ids: list[str], tags: dict[str, str]) -> bool:
    for resource_id in resource_ids:
        for key in tags.keys() - self.tags.get(resource_id, {}).keys():
            world.consistency.note((resource_id, key))
    return original(self, resource_ids, tags)
