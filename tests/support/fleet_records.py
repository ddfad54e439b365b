# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of a fleet, described once and written for each node: to describe each takes a second of moto's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store

from tests.support.collection import TABLE, Collection
from tests.support.fleet import INSTANCE_TYPE, Fleet


def describe(collection: Collection, fleet: Fleet, *, market: str = "on_demand", **same: Any) -> None:
    """Describe the first node with an Elastic IP and the first without by the module, the others like these."""
    store = Store(collection.client, TABLE)
    with_elastic_ip = set(fleet.with_elastic_ip)
    alike = ([name for name in fleet.names if (name in with_elastic_ip) is has] for has in (True, False))
    for names, options in zip(alike, ({"elastic_ip": "new", "public_ip_assignment": "enabled"}, {}), strict=True):
        for number, name in enumerate(names):
            if number == 0:
                launch = {"image_id": fleet.network.image_id, "instance_types": [INSTANCE_TYPE], "market": market}
                collection.configure(name, fleet.network, launch=launch, **options, **same)
                first = store.get([name])[name]
            else:
                store.create(replace(first, name=name))
