# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hand-over itself: what is done in which order, and what is left where it is cut off."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import STEPS, Collection
from tests.support.readers import actions_of, error_of, only, record_of

from .looks import begin, holder_of, interface_of, leave, leave_with_standby, living, prelaunch, stays, writes


def test_the_first_launch_has_a_disposable_interface_at_device_0(
    emulator: Emulator, collection: Collection, network: Network, running: dict[str, Any]
) -> None:
    instance_id = running["instance_id"]
    found = emulator.client("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"]
    attached = {item["Attachment"]["DeviceIndex"]: item for item in found[0]["Instances"][0]["NetworkInterfaces"]}
    assert attached[1]["NetworkInterfaceId"] == running["network_interface_id"]
    assert not attached[1]["Attachment"]["DeleteOnTermination"]
    assert attached[0]["Attachment"]["DeleteOnTermination"]
    assert attached[0]["SubnetId"] == network.subnet_a_id
    assert [group["GroupId"] for group in attached[0]["Groups"]] == [network.security_group_id]
    identity = record_of(collection).identity
    assert (identity.device_index, identity.instance.primary_network_interface_id) == (
        1,
        attached[0]["NetworkInterfaceId"],
    )
    (shown,) = collection.run("info", name="a").values["nodes"]
    assert (shown["status"], shown["drift"], shown["pending"]) == ("running", [], [])
    assert collection.run("orphans").values["orphans"] == []


def test_the_old_instance_is_terminated_only_after_the_interface_has_moved(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    emulator.clear_calls()
    node = only(collection.operate("replace", ["a"]))
    assert writes(emulator) == [
        "RunInstances",
        "DetachNetworkInterface",
        "AttachNetworkInterface",
        "TerminateInstances",
    ]
    assert stays(running, node)
    assert node["instance_id"] not in (None, running["instance_id"])
    assert node["generation"] == running["generation"] + 1
    assert living(emulator) == [node["instance_id"]] == [holder_of(emulator, node)]
    assert (node["drift"], node["pending"]) == ([], [])
    assert node["timings"]["handover"] > 0


def test_a_playbook_without_the_new_step_hands_over_all_the_same(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    operation_id = begin(collection)
    for module, state in STEPS["replace"]:
        done = collection.run(module, name="a", state=state, operation_id=operation_id)
        assert not done.failures
        if (module, state) != ("instance", "running"):
            assert living(emulator) == [running["instance_id"]]
    assert actions_of(done) == [
        "launch_standby",
        "move_network_interface",
        "promote_standby",
        "terminate_previous_instance",
    ]
    node = only(leave(collection, operation_id))
    assert stays(running, node)
    assert living(emulator) == [node["instance_id"]]


def test_without_capacity_the_old_instance_runs_on(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    emulator.set_capacity(outcome="refused")
    failed = collection.operate("replace", ["a"])
    error = error_of(failed)
    assert error["code"] == "NoCapacity"
    assert f"{running['instance_id']} stays as it is" in error["message"]
    assert "playbook stateful_node.aws.replace" in error["next_command"]
    assert living(emulator) == [running["instance_id"]] == [holder_of(emulator, running)]
    (shown,) = collection.run("info", name="a").values["nodes"]
    assert (shown["status"], shown["drift"]) == ("running", [])
    emulator.set_capacity(outcome="available")
    node = only(collection.operate("replace", ["a"]))
    assert node["instance_id"] != running["instance_id"]
    assert stays(running, node)


def test_a_standby_that_dies_before_its_turn_is_launched_anew(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    operation_id = begin(collection)
    only(prelaunch(collection, operation_id))
    dead = record_of(collection).identity.standby
    assert dead
    emulator.client("ec2").terminate_instances(InstanceIds=[dead.instance_id])
    for module, state in STEPS["replace"]:
        assert not collection.run(module, name="a", state=state, operation_id=operation_id).failures
    node = only(leave(collection, operation_id))
    assert node["instance_id"] not in (running["instance_id"], dead.instance_id)
    assert living(emulator) == [node["instance_id"]] == [holder_of(emulator, node)]


def test_the_interface_goes_back_where_it_cannot_be_attached(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    refused = {"code": "AttachmentLimitExceeded", "status": 400}
    emulator.add_fault("AttachNetworkInterface", "refuse", call=1, service="ec2", **refused)
    assert error_of(collection.operate("replace", ["a"]))["code"] == "AttachmentLimitExceeded"
    assert holder_of(emulator, running) == running["instance_id"]
    (shown,) = collection.run("info", name="a").values["nodes"]
    assert [item["reason"] for item in shown["drift"]] == ["hand_over_unfinished"]
    node = only(collection.operate("replace", ["a"]))
    assert stays(running, node)
    assert living(emulator) == [node["instance_id"]]


def test_an_instance_that_does_not_let_go_is_forced(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    """At the tests' speed the patience with it is 3 seconds."""
    emulator.configure(durations={"detaching": 3600})
    node = only(collection.operate("replace", ["a"]))
    forced = [call["parameters"].get("Force") for call in emulator.calls(action="DetachNetworkInterface")]
    assert forced == ["false", "true"]
    assert living(emulator) == [node["instance_id"]] == [holder_of(emulator, node)]


def test_a_resume_attaches_an_interface_that_somebody_detached(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    attachment_id = interface_of(emulator, running)["Attachment"]["AttachmentId"]
    emulator.client("ec2").detach_network_interface(AttachmentId=attachment_id)
    emulator.client("ec2").get_waiter("network_interface_available").wait(
        NetworkInterfaceIds=[running["network_interface_id"]], WaiterConfig={"Delay": 1}
    )
    (shown,) = collection.run("info", name="a").values["nodes"]
    assert (shown["status"], [item["reason"] for item in shown["drift"]]) == ("degraded", ["interface_detached"])
    emulator.clear_calls()
    node = only(collection.operate("resume", ["a"]))
    assert writes(emulator) == ["AttachNetworkInterface"]
    assert (node["status"], node["drift"], node["instance_id"]) == ("running", [], running["instance_id"])


@pytest.mark.parametrize("operation", ["resume", "pause", "destroy"])
def test_a_standby_that_was_left_is_ended_by_whatever_comes_next(
    emulator: Emulator, collection: Collection, running: dict[str, Any], operation: str
) -> None:
    standby = leave_with_standby(collection)
    assert sorted(living(emulator)) == sorted([running["instance_id"], standby])
    assert not collection.operate(operation, ["a"]).failures
    assert living(emulator) == ([running["instance_id"]] if operation == "resume" else [])
    if operation != "destroy":
        assert record_of(collection).identity.standby is None
        holder = running["instance_id"] if operation == "resume" else None
        assert holder_of(emulator, running) == holder


def test_a_resume_goes_on_with_the_standby_when_the_old_instance_is_gone(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    standby = leave_with_standby(collection)
    emulator.interrupt(running["instance_id"])
    emulator.client("ec2").get_waiter("instance_terminated").wait(
        InstanceIds=[running["instance_id"]], WaiterConfig={"Delay": 1}
    )
    emulator.clear_calls()
    node = only(collection.operate("resume", ["a"]))
    assert node["instance_id"] == standby == holder_of(emulator, node)
    assert "RunInstances" not in writes(emulator)
    assert stays(running, node)


def test_an_arrival_that_was_not_written_down_is_caught_up_with(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    """The interface is on the standby, and the run was cut off before it wrote that: the standby is the node's."""
    standby, ec2 = leave_with_standby(collection), emulator.client("ec2")
    ec2.detach_network_interface(AttachmentId=interface_of(emulator, running)["Attachment"]["AttachmentId"], Force=True)
    ec2.attach_network_interface(NetworkInterfaceId=running["network_interface_id"], InstanceId=standby, DeviceIndex=1)
    (shown,) = collection.run("info", name="a").values["nodes"]
    assert (shown["instance_id"], [item["reason"] for item in shown["drift"]]) == (standby, ["hand_over_unfinished"])
    emulator.clear_calls()
    node = only(collection.operate("replace", ["a"]))
    assert writes(emulator) == ["TerminateInstances"]
    assert (node["instance_id"], living(emulator)) == (standby, [standby])


def test_an_unfinished_hand_over_is_not_released(collection: Collection, running: dict[str, Any]) -> None:
    leave_with_standby(collection)
    begun = collection.run("operation", name="a", state="begun", operation="delete")
    assert error_of(begun)["code"] == "HandOverUnfinished"
    with pytest.raises(NodeError, match="record owns instance"):
        collection.run("config", name="a", state="absent")


def test_a_protected_instance_stays_recorded_until_it_may_be_terminated(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    def protect(value: bool) -> None:
        emulator.client("ec2").modify_instance_attribute(
            InstanceId=running["instance_id"], DisableApiTermination={"Value": value}
        )

    protect(True)
    assert error_of(collection.operate("replace", ["a"]))["code"] == "OperationNotPermitted"
    identity = record_of(collection).identity
    assert identity.previous_instance.instance_id == running["instance_id"]
    assert holder_of(emulator, running) == identity.instance_id != running["instance_id"]
    protect(False)
    node = only(collection.operate("resume", ["a"]))
    assert (node["instance_id"], living(emulator)) == (identity.instance_id, [identity.instance_id])
