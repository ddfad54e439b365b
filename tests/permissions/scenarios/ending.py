# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""delete and orphans: all that a node has goes, or stays."""

from __future__ import annotations

from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.support.collection import DESTROYING

from ..world import NAME, PolicyCase, PolicyEnvironment
from .nodes import (
    EVERYTHING,
    WAITING,
    configured,
    cut_off,
    from_template,
    launched,
    lost,
    operate,
    resumed,
    succeed,
    then,
)


def _adopted(world: PolicyEnvironment) -> None:
    instance_id = launched(world, persistent=False)["InstanceId"]
    succeed(world.admin.adopt(NAME, instance_id=instance_id))


def _delete_orphans(world: PolicyEnvironment) -> Result:
    found = world.somebody.run("orphans").values["orphans"]
    return world.somebody.run("orphans", delete=[orphan["id"] for orphan in found], **WAITING)


DELETE = (
    PolicyCase("with all it has", resumed(**EVERYTHING), operate("delete", **DESTROYING)),
    PolicyCase("all", resumed(**EVERYTHING), operate("delete", "all")),
    PolicyCase("adopted", _adopted, operate("delete")),
    PolicyCase("after a creation that was cut off", then(configured(**EVERYTHING), cut_off("CreateNetworkInterface")),
               operate("delete", **DESTROYING)),
    PolicyCase("after a launch that was cut off", then(from_template, cut_off("RunInstances")),
               operate("delete", **DESTROYING)),
)  # fmt: skip

ORPHANS = (PolicyCase("all deleted", then(resumed(**EVERYTHING), lost), _delete_orphans),)
