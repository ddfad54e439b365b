# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which node a resource belongs to, by its tag."""

from __future__ import annotations

from moto.ec2.models import ec2_backends

from .calls import NODE_NAME_TAG
from .world import ACCOUNT_ID


def name_of(resource_ids: list[str], region: str) -> str | None:
    """The one node that these resources belong to; None when they are nobody's or several's."""
    backends = ec2_backends[ACCOUNT_ID]
    if dict.get(backends, region) is None:
        return None
    tags = backends[region].tags
    names = {tags.get(each, {}).get(NODE_NAME_TAG) for each in resource_ids} - {None}
    return names.pop() if len(names) == 1 else None
