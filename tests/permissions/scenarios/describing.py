# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""config and adopt: what is to be a node."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Record
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.support.collection import TABLE

from ..world import NAME, PolicyCase, PolicyEnvironment
from .nodes import APART, configure, configured, launched, only_instance, resumed


def _template_known(world: PolicyEnvironment) -> None:
    world.ec2.create_key_pair(KeyName="admin")
    data = {
        "ImageId": world.network.image_id,
        "InstanceType": "t3.micro",
        "KeyName": "admin",
        "IamInstanceProfile": {"Name": "cassandra"},
    }
    world.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)


def _create(world: PolicyEnvironment) -> Result:
    launch = {"launch_template": {"name": "web"}, "instance_types": ["t3.micro"]}
    address = world.ec2.allocate_address(Domain="vpc")["AllocationId"]
    more = {"elastic_ip": address, "public_ip_assignment": "enabled", "private_ip_address": "10.0.1.77"}
    return configure(world.somebody, world, launch=launch, security_groups=["nodes"], **more)


def _templated(world: PolicyEnvironment) -> dict[str, Any]:
    if not world.ec2.describe_launch_templates()["LaunchTemplates"]:
        _template_known(world)
    return {"launch": {"launch_template": {"name": "web"}}}


def _adopt(world: PolicyEnvironment) -> Result:
    return world.somebody.adopt(NAME, instance_id=only_instance(world), take_over=True, **_templated(world))


def _adopt_what_another_adopts(world: PolicyEnvironment) -> Result:
    """Another node comes to have the interface after the first look: the adoption is withdrawn."""
    other, read_all, store = "other", Store.all, Store(world.admin.client, TABLE)
    world.emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": other}})

    def adopted_meanwhile(read: Store) -> dict[str, Record]:
        records = read_all(read)
        if records and other not in records:
            store.create(replace(records[NAME], name=other, id=other))
        return read_all(read)

    Store.all = adopted_meanwhile  # type: ignore[method-assign]
    try:
        return world.somebody.adopt(NAME, instance_id=only_instance(world), take_over=True)
    except NodeError as error:
        if error.failure.code != "OfAnotherNode":
            raise
        return Result(values={})
    finally:
        Store.all = read_all  # type: ignore[method-assign]


CONFIG = (
    PolicyCase("new", _template_known, _create),
    PolicyCase("edited", resumed(), lambda world: world.somebody.run("config", name=NAME, tags={"a": "b"})),
    PolicyCase("to hand over", resumed(), lambda world: world.somebody.run("config", name=NAME, **APART)),
    PolicyCase("forgotten", configured(), lambda world: world.somebody.run("config", name=NAME, state="absent")),
)
ADOPT = (
    PolicyCase("an instance", launched, _adopt, afresh=True),
    PolicyCase(
        "an instance that is to hand over",
        launched,
        lambda world: world.somebody.adopt(NAME, instance_id=only_instance(world), take_over=True, **APART),
    ),
    PolicyCase("what another node adopts", launched, _adopt_what_another_adopts),
)
