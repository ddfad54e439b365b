# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For each playbook what makes every call that its code can make: first times, changes, repairs, what was cut off."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.stateful_node.aws.plugins.filter.repair_plan import repair_plan
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.errors import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.record import Record
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.collection import DESTROYING, STEPS, TABLE, Collection
from tests.emulator.network import IMAGE_ID

from .world import NAME, Scenario, World

WAITING = {"wait_timeout": 60}
EVENTS = f"{TABLE}-events"
EVERYTHING: dict[str, Any] = {
    "elastic_ip": "new",
    "public_ip_assignment": "enabled",
    "secondary_private_ip_address_count": 1,
    "ipv6_address_count": 1,
    "tags": {"team": "data"},
}


def operate(operation: str, name: str = NAME, **choices: Any) -> Callable[[World], Result]:
    """Somebody runs an operation on the node, or on all."""
    return lambda world: world.somebody.operate(operation, [name], take_over=True, choices=choices)


def configured(**options: Any) -> Callable[[World], None]:
    return lambda world: _configure(world.admin, world, **options)


def _configure(collection: Collection, world: World, **options: Any) -> Result:
    return collection.configure(NAME, world.network, **options)


def resumed(**options: Any) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        _configure(world.admin, world, **options)
        _succeed(world.admin.operate("resume", [NAME]))

    return prepare


def paused(**options: Any) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        resumed(**options)(world)
        _succeed(world.admin.operate("pause", [NAME]))

    return prepare


def _succeed(result: Result) -> None:
    assert not result.failures, result.message


def then(prepare: Callable[[World], None], *steps: Callable[[World], object]) -> Callable[[World], None]:
    def run(world: World) -> None:
        prepare(world)
        for step in steps:
            step(world)

    return run


def edited(**options: Any) -> Callable[[World], None]:
    return lambda world: _succeed(world.admin.run("config", name=NAME, **options))


def _from_template(world: World) -> None:
    """A node whose launch has all that a launch can name, on spot."""
    ec2, image_id = world.ec2, world.network.image_id
    ec2.create_key_pair(KeyName="admin")
    volume = ec2.create_volume(AvailabilityZone=world.network.zone_a, Size=8)["VolumeId"]
    snapshot_id = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    data = {
        "ImageId": image_id,
        "KeyName": "admin",
        "Placement": {"GroupName": "rack"},
        "IamInstanceProfile": {"Name": "cassandra"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": snapshot_id}}],
    }
    ec2.create_launch_template(LaunchTemplateName="cassandra", LaunchTemplateData=data)
    launch = {"launch_template": {"name": "cassandra"}, "instance_types": ["t3.micro", "t3.small"]}
    _configure(world.admin, world, launch={**launch, "allocation": "lowest_price"}, **EVERYTHING)


def _edited(world: World) -> None:
    """Everything of the interface, of which each change is one call."""
    other = world.ec2.allocate_address(Domain="vpc")["AllocationId"]
    edited(
        elastic_ip=other,
        security_groups=[world.network.other_security_group_id],
        source_dest_check=False,
        tags={"team": "web"},
        purge_tags=True,
        secondary_private_ip_address_count=2,
        ipv6_address_count=2,
    )(world)


def _retagged(world: World) -> None:
    edited(tags={"owner": "web"}, purge_tags=True, secondary_private_ip_address_count=0, ipv6_address_count=0)(world)


def _moved(world: World) -> None:
    edited(subnet_id=world.network.subnet_b_id, ipv6_address_count=0, allow_address_change=True)(world)


def _stopped(world: World) -> None:
    ids = [_seen(world)["instance_id"]]
    world.ec2.stop_instances(InstanceIds=ids)
    world.ec2.get_waiter("instance_stopped").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})


def _seen(world: World) -> dict[str, Any]:
    (node,) = world.admin.run("info", name=[NAME]).values["nodes"]
    return node


def _deleted_with_instance(world: World) -> None:
    """Somebody has switched DeleteOnTermination on."""
    attachment = world.interface()["Attachment"]["AttachmentId"]
    world.ec2.modify_network_interface_attribute(
        NetworkInterfaceId=_seen(world)["network_interface_id"],
        Attachment={"AttachmentId": attachment, "DeleteOnTermination": True},
    )


def cut_off(action: str, operation: str = "resume", kind: str = "lost") -> Callable[[World], None]:
    """An operation of which nobody knows what came of a call, its lease run out."""

    def run(world: World) -> None:
        world.emulator.add_fault(action, kind, call=0)
        failed = world.admin.operate(operation, [NAME])
        world.emulator.clear_faults()
        assert failed.failures

    return run


def _begun(operation: str, **choices: Any) -> Callable[[World], None]:
    """An operation that was begun and never ended."""

    def run(world: World) -> None:
        world.admin.run("operation", name=[NAME], state="begun", operation=operation, **choices)
        Store(world.admin.client, TABLE).update(NAME, {"operation.expires_at": 1}, {})

    return run


def _half_moved(world: World) -> None:
    """A change of address that was cut off once the node had its new interface, and before the old one was deleted."""
    _moved(world)
    begun = world.admin.run("operation", name=[NAME], state="begun", operation="replace", allow_address_change=True)
    for module, state in (("instance", "terminated"), ("eni", "present")):
        _succeed(world.admin.run(module, name=[NAME], state=state, operation_id=begun.values["operation_id"]))
    Store(world.admin.client, TABLE).update(NAME, {"operation.expires_at": 1}, {})


def _without_interface(world: World) -> None:
    """A paused node whose interface somebody has deleted, so long ago that it is not looked for any more."""
    world.ec2.delete_network_interface(NetworkInterfaceId=_seen(world)["network_interface_id"])
    Store(world.admin.client, TABLE).update(NAME, {"identity.network_interface_created_at": 0}, {})


def _admin_resumes(world: World) -> None:
    _succeed(world.admin.operate("resume", [NAME]))


def _interrupted(world: World) -> None:
    """The instance is gone, and not by the collection's doing."""
    world.ec2.terminate_instances(InstanceIds=[_seen(world)["instance_id"]])


def _stopped_before_its_end(world: World) -> None:
    """A replacement that was cut off when it was all but done, and whose instance somebody has stopped."""
    begun = world.admin.run("operation", name=[NAME], state="begun", operation="replace")
    for module, state in STEPS["replace"]:
        world.admin.run(module, name=[NAME], state=state, operation_id=begun.values["operation_id"])
    _stopped(world)


def _launched(world: World, *, persistent: bool = True) -> dict[str, Any]:
    """An instance with an Elastic IP of which nobody knows that it is to be a node."""
    spot = {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"}
    market = {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": spot}} if persistent else {}
    (instance,) = world.ec2.run_instances(
        ImageId=world.network.image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1,
        SubnetId=world.network.subnet_a_id, UserData="#!/bin/sh\n", **market,
    )["Instances"]  # fmt: skip
    ids = [instance["InstanceId"]]
    world.ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})
    address = world.ec2.allocate_address(Domain="vpc")["AllocationId"]
    world.ec2.associate_address(
        AllocationId=address, NetworkInterfaceId=instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
    )
    return dict(instance)


def _adopt(world: World) -> Result:
    return world.somebody.adopt(NAME, instance_id=_only_instance(world), take_over=True, **_templated(world))


def _only_instance(world: World) -> str:
    reservations = world.ec2.describe_instances()["Reservations"]
    (instance_id,) = (item["InstanceId"] for each in reservations for item in each["Instances"])
    return str(instance_id)


def _templated(world: World) -> dict[str, Any]:
    if not world.ec2.describe_launch_templates()["LaunchTemplates"]:
        _template_known(world)
    return {"launch": {"launch_template": {"name": "web"}}}


def _adopt_what_another_adopts(world: World) -> Result:
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
        return world.somebody.adopt(NAME, instance_id=_only_instance(world), take_over=True)
    except NodeError as error:
        if error.failure.code != "OfAnotherNode":
            raise
        return Result(values={})
    finally:
        Store.all = read_all  # type: ignore[method-assign]


def _adopted(world: World) -> None:
    instance_id = _launched(world, persistent=False)["InstanceId"]
    _succeed(world.admin.adopt(NAME, instance_id=instance_id))


def _template_known(world: World) -> None:
    data = {"ImageId": world.network.image_id, "InstanceType": "t3.micro"}
    world.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)


def _create(world: World) -> Result:
    launch = {"launch_template": {"name": "web"}, "instance_types": ["t3.micro"]}
    address = world.ec2.allocate_address(Domain="vpc")["AllocationId"]
    more = {"elastic_ip": address, "public_ip_assignment": "enabled", "private_ip_address": "10.0.1.77"}
    return _configure(world.somebody, world, launch=launch, security_groups=["nodes"], **more)


def _with_queue(world: World) -> None:
    """A node that runs, and the queue that `setup` makes."""
    resumed(auto_heal=True)(world)
    world.emulator.client("sqs").create_queue(QueueName=EVENTS)


def _warn(world: World) -> None:
    """Tell the queue that the node's instance is about to be interrupted."""
    event = {
        "detail-type": "EC2 Spot Instance Interruption Warning",
        "source": "aws.ec2",
        "account": "123456789012",
        "region": "us-east-1",
        "time": datetime.now(tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "detail": {"instance-id": _only_instance(world), "instance-action": "terminate"},
    }
    queue = world.emulator.client("sqs")
    url = queue.get_queue_url(QueueName=EVENTS)["QueueUrl"]
    queue.send_message(QueueUrl=url, MessageBody=json.dumps(event))


def _handle_events(world: World) -> Result:
    """Look for what is to be done, as the role watch does, and take what was dealt with off the queue.

    What an attempt before this one has received is hidden for a while, so that there is a new warning each time.
    """
    _warn(world)
    found = world.somebody.run("events", wait_seconds=0)
    handles = [handle for decision in found.values["decisions"] for handle in decision["receipt_handles"]]
    return world.somebody.run("events", state="deleted", receipt_handles=handles)


def _lost(world: World) -> None:
    """The record is gone, what it was about is there."""
    world.emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": NAME}})


def _delete_orphans(world: World) -> Result:
    found = world.somebody.run("orphans").values["orphans"]
    return world.somebody.run("orphans", delete=[orphan["id"] for orphan in found], **WAITING)


def _repair(world: World) -> Result:
    """What the role does, whose steps go by the same plan."""
    run = functools.partial(world.somebody.run)
    plan = repair_plan(run("info").values["nodes"])
    for name in plan["rebuild"]:
        _succeed(run("rebuild", name=name))
    plan = repair_plan(run("info", name=[NAME]).values["nodes"])
    results = [run("eni", name=plan["interfaces"]), run("eip", name=plan["addresses"])]
    results += [_finish(world, way, plan[way]) for way in ("pause", "replace", "resume") if plan[way]]
    return next((result for result in results if result.failures), results[0])


def _finish(world: World, operation: str, names: list[str], **launching: Any) -> Result:
    begun = world.somebody.run("operation", name=names, state="begun", operation=operation, take_over=True)
    operation_id = begun.values["operation_id"]
    if operation_id is None:
        return begun
    for module, state in STEPS[operation]:
        more = launching if (module, state) == ("instance", "running") else {}
        done = world.somebody.run(module, name=names, state=state, operation_id=operation_id, **more, **WAITING)
        if done.failures:
            break
    return world.somebody.run("operation", name=names, state="ended", operation_id=operation_id)


def _until_ok(operation: str) -> Callable[[World], Result]:
    def run(world: World) -> Result:
        world.emulator.configure(durations={"status_checks": 0.01})
        return _finish(world, operation, [NAME], wait_for="status_ok")

    return run


ON_DEMAND = {"launch": {"image_id": IMAGE_ID, "instance_types": ["t3.micro"], "market": "on_demand"}}
APART = {"handover": "prelaunch"}
ADDRESS = edited(elastic_ip="new", public_ip_assignment="enabled")

CHANGES = {
    "edited": then(resumed(**EVERYTHING), _edited),
    "edited to have less": then(resumed(**EVERYTHING), _retagged),
    "edited to have an address": then(resumed(), ADDRESS),
    "deleted with its instance": then(resumed(), _deleted_with_instance),
}
"""What the interface of a running node lacks."""

RESUME = (
    Scenario("for the first time, with everything", _from_template, operate("resume")),
    Scenario("all", paused(), operate("resume", "all")),
    *(Scenario(name, prepare, operate("resume")) for name, prepare in CHANGES.items()),
    Scenario("stopped by somebody", then(resumed(**ON_DEMAND), _stopped), operate("resume")),
    Scenario("handing over, for the first time", configured(**APART), operate("resume")),
    Scenario("waiting for the checks", paused(), _until_ok("resume")),
)
PAUSE = (
    Scenario("all", resumed(), operate("pause", "all")),
    Scenario("deleted with its instance", CHANGES["deleted with its instance"], operate("pause")),
    Scenario("after a launch that was cut off", then(_from_template, cut_off("RunInstances")), operate("pause")),
    Scenario(
        "after a launch apart that was cut off",
        then(configured(**APART), cut_off("RunInstances", kind="lost_before")),
        operate("pause"),
    ),
)
REPLACE = (
    Scenario("with everything", then(_from_template, _admin_resumes), operate("replace")),
    Scenario("all", resumed(), operate("replace", "all")),
    Scenario("elsewhere", then(resumed(**EVERYTHING), _moved), operate("replace", allow_address_change=True)),
    *(Scenario(name, prepare, operate("replace")) for name, prepare in CHANGES.items()),
    Scenario("stopped before its end", then(resumed(**ON_DEMAND), _stopped_before_its_end), operate("replace")),
    Scenario("handing over", resumed(**APART), operate("replace")),
    Scenario("waiting for the checks", resumed(), _until_ok("replace")),
)
DELETE = (
    Scenario("with all it has", resumed(**EVERYTHING), operate("delete", **DESTROYING)),
    Scenario("all", resumed(**EVERYTHING), operate("delete", "all")),
    Scenario("adopted", _adopted, operate("delete")),
    Scenario("after a creation that was cut off", then(configured(**EVERYTHING), cut_off("CreateNetworkInterface")),
             operate("delete", **DESTROYING)),
    Scenario("after a launch that was cut off", then(_from_template, cut_off("RunInstances")),
             operate("delete", **DESTROYING)),
)  # fmt: skip
REPAIR = (
    Scenario("a lost record", then(resumed(**EVERYTHING), _lost), _repair),
    Scenario("a lost record, of a template", then(_from_template, _admin_resumes, _lost), _repair),
    Scenario("a lost interface", then(paused(), _without_interface), _repair),
    Scenario("interrupted", then(_from_template, _admin_resumes, _interrupted), _repair),
    Scenario("a pause that was cut off", then(resumed(), _begun("pause")), _repair),
    Scenario("a replacement that was cut off", then(resumed(**EVERYTHING), _half_moved), _repair),
    *(Scenario(name, prepare, _repair) for name, prepare in CHANGES.items()),
    Scenario("stopped by somebody", then(resumed(**ON_DEMAND), _stopped), _repair),
    Scenario("waiting for the checks", then(resumed(), _interrupted), _until_ok("resume")),
)

SCENARIOS: Mapping[str, tuple[Scenario, ...]] = {
    "config": (
        Scenario("new", _template_known, _create),
        Scenario("edited", resumed(), lambda world: world.somebody.run("config", name=NAME, tags={"a": "b"})),
        Scenario("to hand over", resumed(), lambda world: world.somebody.run("config", name=NAME, **APART)),
        Scenario("forgotten", configured(), lambda world: world.somebody.run("config", name=NAME, state="absent")),
    ),
    "info": (
        Scenario("one", resumed(**EVERYTHING), lambda world: world.somebody.run("info", name=[NAME])),
        Scenario("all", resumed(**EVERYTHING), lambda world: world.somebody.run("info")),
    ),
    "report": (
        Scenario("one", resumed(**EVERYTHING), lambda world: world.somebody.run("history_info", name=[NAME])),
        Scenario("all", resumed(**EVERYTHING), lambda world: world.somebody.run("history_info")),
    ),
    "watch": (Scenario("an interruption", _with_queue, _handle_events),),
    "adopt": (
        Scenario("an instance", _launched, _adopt),
        Scenario(
            "an instance that is to hand over",
            _launched,
            lambda world: world.somebody.adopt(NAME, instance_id=_only_instance(world), take_over=True, **APART),
        ),
        Scenario("what another node adopts", _launched, _adopt_what_another_adopts),
    ),
    "resume": RESUME,
    "pause": PAUSE,
    "replace": REPLACE,
    "delete": DELETE,
    "orphans": (Scenario("all deleted", then(resumed(**EVERYTHING), _lost), _delete_orphans),),
    "repair": REPAIR,
}
