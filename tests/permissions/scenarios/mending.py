# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""repair: lost records and interfaces, drift, what was cut off."""

from __future__ import annotations

import functools

from ansible_collections.stateful_node.aws.plugins.filter.repair_plan import repair_plan
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.support.collection import TABLE

from ..world import NAME, PolicyCase, PolicyEnvironment
from .changes import CHANGES
from .nodes import (
    APART,
    EVERYTHING,
    ON_DEMAND,
    admin_resumes,
    begun,
    from_template,
    interrupted,
    lost,
    moved,
    paused,
    resumed,
    seen,
    stopped,
    succeed,
    then,
    until_ok,
)


def _half_moved(world: PolicyEnvironment) -> None:
    """A change of address that was cut off once the node had its new interface, and before the old one was deleted."""
    moved(world)
    choices = {"operation": "replace", "allow_address_change": True}
    operation = world.admin.run("operation", name=[NAME], state="begun", **choices)
    for module, state in (("instance", "terminated"), ("eni", "present")):
        succeed(world.admin.run(module, name=[NAME], state=state, operation_id=operation.values["operation_id"]))
    Store(world.admin.client, TABLE).update(NAME, {"operation.expires_at": 1}, {})


def _without_interface(world: PolicyEnvironment) -> None:
    """A paused node whose interface somebody has deleted, so long ago that it is not looked for any more."""
    world.ec2.delete_network_interface(NetworkInterfaceId=seen(world)["network_interface_id"])
    Store(world.admin.client, TABLE).update(NAME, {"identity.interface.created_at": 0}, {})


def _repair(world: PolicyEnvironment) -> Result:
    """What the role does, whose steps go by the same plan."""
    run = functools.partial(world.somebody.run)
    plan = repair_plan(run("info").values["nodes"])
    for name in plan["rebuild"]:
        succeed(world.somebody.rebuild(name))
    plan = repair_plan(run("info", name=[NAME]).values["nodes"])
    results = [run("eni", name=plan["interfaces"]), run("eip", name=plan["addresses"])]
    operate = functools.partial(world.somebody.operate, take_over=True)
    results += [operate(way, plan[way]) for way in ("pause", "replace", "resume") if plan[way]]
    return next((result for result in results if result.failures), results[0])


REPAIR = (
    PolicyCase("interrupted", then(from_template, admin_resumes, interrupted), _repair, afresh=True),
    PolicyCase("a lost record", then(resumed(**EVERYTHING), lost), _repair),
    PolicyCase("a lost record, of a template", then(from_template, admin_resumes, lost), _repair),
    PolicyCase("a lost record, of a node that hands over", then(resumed(**APART), lost), _repair),
    PolicyCase("a lost interface", then(paused(), _without_interface), _repair, afresh=True),
    PolicyCase("a pause that was cut off", then(resumed(), begun("pause")), _repair),
    PolicyCase("a replacement that was cut off", then(resumed(**EVERYTHING), _half_moved), _repair, afresh=True),
    PolicyCase("a hand-over that was cut off", then(resumed(**APART), begun("replace")), _repair, afresh=True),
    *(PolicyCase(name, prepare, _repair) for name, prepare in CHANGES.items()),
    PolicyCase("stopped by somebody", then(resumed(**ON_DEMAND), stopped), _repair),
    PolicyCase("waiting for the checks", then(resumed(), interrupted), until_ok("resume")),
)
