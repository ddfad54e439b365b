# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_instance: an instance carries the interface, or none does."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import TABLE, Collection
from tests.support.identities import make_identity_of
from tests.support.readers import actions_of, error_of, only, record_of

FOR_EVER = 3600


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


def instance_of(emulator: Emulator, instance_id: str) -> dict[str, Any]:
    found = emulator.client("ec2").describe_instances(InstanceIds=[instance_id])
    return found["Reservations"][0]["Instances"][0]


def interface_of(emulator: Emulator, node: dict[str, Any]) -> dict[str, Any]:
    ids = [node["network_interface_id"]]
    return emulator.client("ec2").describe_network_interfaces(NetworkInterfaceIds=ids)["NetworkInterfaces"][0]


def launch_on(emulator: Emulator, network: Network, node: dict[str, Any]) -> str:
    """Launch an instance that is nobody's on the node's interface."""
    interfaces = [{"NetworkInterfaceId": node["network_interface_id"], "DeviceIndex": 0}]
    launched = emulator.client("ec2").run_instances(
        ImageId=network.image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1, NetworkInterfaces=interfaces
    )
    return launched["Instances"][0]["InstanceId"]


def wait_for_state(emulator: Emulator, instance_id: str, state: str) -> None:
    emulator.client("ec2").get_waiter(f"instance_{state}").wait(
        InstanceIds=[instance_id], WaiterConfig={"Delay": 0.05, "MaxAttempts": 100}
    )


def on_demand(network: Network) -> dict[str, Any]:
    return {"image_id": network.image_id, "instance_types": ["t3.micro"], "market": "on_demand"}


def test_an_instance_comes_and_goes_on_the_same_interface(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    interface = only(collection.run("eni", name="a"))

    started = collection.run("instance", name="a")
    assert actions_of(started) == ["set_desired", "launch_instance"]
    node = only(started)
    assert (node["status"], node["desired"], node["generation"], node["operation"]) == ("running", "running", 1, None)
    assert interface_of(emulator, node)["Attachment"]["InstanceId"] == node["instance_id"]
    assert instance_of(emulator, node["instance_id"])["PrivateIpAddress"] == interface["private_ip_address"]
    assert not collection.run("instance", name="a").values["changed"]

    ended = collection.run("instance", name="a", state="terminated")
    assert actions_of(ended) == ["terminate_instance", "set_desired"]
    paused = only(ended)
    assert (paused["status"], paused["desired"], paused["instance_id"]) == ("paused", "paused", None)
    assert instance_of(emulator, node["instance_id"])["State"]["Name"] == "terminated"
    assert interface_of(emulator, paused)["Status"] == "available"
    assert not collection.run("instance", name="a", state="terminated").values["changed"]

    again = only(collection.run("instance", name="a"))
    assert (again["generation"], again["private_ip_address"]) == (2, interface["private_ip_address"])
    assert again["instance_id"] != node["instance_id"]


def test_without_an_interface_nothing_is_launched(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    emulator.clear_calls()
    error = error_of(collection.run("instance", name="a"))
    assert (error["code"], error["phase"]) == ("NoNetworkInterface", "launch")
    assert "stateful_node_eni" in error["message"]
    assert emulator.calls(mutating=True, service="ec2") == []


def test_a_stopped_instance_that_has_no_capacity_may_be_replaced(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, launch=on_demand(network))
    node = only(collection.operate("resume", ["a"]))
    emulator.client("ec2").stop_instances(InstanceIds=[node["instance_id"]])
    code = "InsufficientInstanceCapacity"
    emulator.add_fault("StartInstances", "refuse", code=code, status=500)
    (failed,) = collection.operate("resume", ["a"]).values["nodes"]
    error = failed["error"]
    assert (error["code"], error["action"], "stateful_node.aws.replace" in error["next_command"]) == (
        code, "StartInstances", True,
    )  # fmt: skip
    assert error["message"].endswith("gives the root volume up.")
    replaced = only(collection.operate("replace", ["a"]))
    assert replaced["private_ip_address"] == node["private_ip_address"]
    assert replaced["instance_id"] != node["instance_id"]


def test_a_stopped_instance_is_started(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network, launch=on_demand(network))
    node = only(collection.operate("resume", ["a"]))
    emulator.client("ec2").stop_instances(InstanceIds=[node["instance_id"]])
    (drift,) = only(collection.run("info"))["drift"]
    assert drift["reason"] == "instance_stopped"
    resumed = collection.run("instance", name="a")
    assert actions_of(resumed) == ["start_instance"]
    assert only(resumed)["status"] == "running"
    assert (only(resumed)["instance_id"], only(resumed)["generation"]) == (node["instance_id"], 1)


def test_an_instance_that_ec2_took_back_is_replaced(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    node = only(collection.operate("resume", ["a"]))
    emulator.interrupt(node["instance_id"])
    wait_for_state(emulator, node["instance_id"], "terminated")
    shown = only(collection.run("info"))
    assert (shown["status"], [drift["reason"] for drift in shown["drift"]]) == ("degraded", ["interrupted"])
    resumed = only(collection.operate("resume", ["a"]))
    assert (resumed["generation"], resumed["private_ip_address"]) == (2, node["private_ip_address"])


def test_the_interface_is_protected_before_the_instance_is_terminated(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    node = only(collection.operate("resume", ["a"]))
    attachment = {"AttachmentId": interface_of(emulator, node)["Attachment"]["AttachmentId"]}
    emulator.client("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=node["network_interface_id"], Attachment={**attachment, "DeleteOnTermination": True}
    )
    paused = collection.operate("pause", ["a"])
    assert only(paused)["status"] == "paused"
    (protected,) = emulator.calls(action="ModifyNetworkInterfaceAttribute", since=1)[-1:]
    assert protected["parameters"]["Attachment.DeleteOnTermination"] == "false"
    assert protected["number"] < emulator.calls(action="TerminateInstances")[0]["number"]
    assert interface_of(emulator, node)["Status"] == "available"


def test_termination_protection_is_respected_and_told(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    for name in ("a", "b"):
        collection.configure(name, network)
    protected, _other = collection.operate("resume", ["a", "b"]).values["nodes"]
    attribute = {"InstanceId": protected["instance_id"]}
    emulator.client("ec2").modify_instance_attribute(**attribute, DisableApiTermination={"Value": True})
    result = collection.operate("pause", ["a", "b"])
    kept, paused = result.values["nodes"]
    assert (kept["error"]["code"], kept["error"]["phase"]) == ("OperationNotPermitted", "terminate")
    assert protected["instance_id"] in kept["error"]["message"]
    assert paused["status"] == "paused"
    assert instance_of(emulator, protected["instance_id"])["State"]["Name"] == "running"
    emulator.client("ec2").modify_instance_attribute(**attribute, DisableApiTermination={"Value": False})
    assert only(collection.operate("pause", ["a"]))["status"] == "paused"


@pytest.mark.parametrize(
    ("operation", "phase"), [("resume", "launch"), ("pause", "terminate"), ("replace", "terminate")]
)
def test_a_foreign_instance_on_the_interface_is_refused_and_left_alone(
    emulator: Emulator, network: Network, collection: Collection, operation: str, phase: str
) -> None:
    collection.configure("a", network)
    node = only(collection.operate("resume", ["a"]))
    emulator.client("ec2").terminate_instances(InstanceIds=[node["instance_id"]])
    wait_for_state(emulator, node["instance_id"], "terminated")
    foreign = launch_on(emulator, network, node)
    wait_for_state(emulator, foreign, "running")
    emulator.clear_calls()

    error = error_of(collection.operate(operation, ["a"]))
    assert error["code"] == "NetworkInterfaceInUse"
    assert foreign in error["message"]
    assert emulator.calls(mutating=True) == []
    assert error["phase"] == phase
    assert "interface_in_use_elsewhere" in [drift["reason"] for drift in only(collection.run("info"))["drift"]]


def test_status_ok_waits_for_the_status_checks(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network)
    collection.run("eni", name="a")
    node = only(collection.run("instance", name="a", wait_for="status_ok"))
    (status,) = emulator.client("ec2").describe_instance_status(InstanceIds=[node["instance_id"]])["InstanceStatuses"]
    assert (status["InstanceStatus"]["Status"], status["SystemStatus"]["Status"]) == ("ok", "ok")


def test_without_waiting_the_launch_is_made_and_its_end_is_left_open(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    emulator.configure(durations={"pending": FOR_EVER})
    collection.configure("a", network)
    collection.run("eni", name="a")
    node = only(collection.run("instance", name="a", wait=False, wait_timeout=5))
    assert (node["status"], instance_of(emulator, node["instance_id"])["State"]["Name"]) == ("resuming", "pending")
    assert not collection.run("instance", name="a", wait=False).values["changed"]
    assert len(emulator.calls(action="RunInstances")) == 1


def test_a_node_is_pausing_until_its_interface_is_free(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    emulator.configure(durations={"shutting_down": FOR_EVER})
    node = only(collection.run("instance", name="a", state="terminated", wait=False))
    assert (node["status"], interface_of(emulator, node)["Status"]) == ("pausing", "in-use")


def test_a_node_that_was_terminated_without_waiting_can_be_forgotten(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    node = only(collection.operate("resume", ["a"]))
    only(collection.run("instance", name="a", state="terminated", wait=False))
    wait_for_state(emulator, node["instance_id"], "terminated")
    assert only(collection.operate("pause", ["a"]))["status"] == "paused"
    only(collection.run("eni", name="a", state="absent"))
    assert collection.run("config", name="a", state="absent").values["changed"]


@pytest.mark.parametrize(("state", "slow"), [("running", "pending"), ("terminated", "shutting_down")])
def test_what_takes_too_long_says_what_was_seen_last(
    emulator: Emulator, network: Network, collection: Collection, state: str, slow: str
) -> None:
    """The next run goes on with the same instance."""
    collection.configure("a", network)
    collection.run("eni", name="a")
    if state == "terminated":
        collection.run("instance", name="a")
    emulator.configure(durations={slow: 2})
    error = error_of(collection.run("instance", name="a", state=state, wait_timeout=1))
    assert error["code"] == "WaitTimeout"
    assert "wait_timeout" in error["message"]
    assert slow.replace("_", "-") in error["message"]
    assert "stateful_nodes=a" in error["next_command"]
    only(collection.run("instance", name="a", state=state))
    assert len(emulator.calls(action="RunInstances")) == 1


def test_a_node_that_failed_is_given_back_and_shown_so(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network)
    collection.run("eni", name="a")
    emulator.set_capacity(outcome="refused")
    (node,) = collection.run("instance", name="a").values["nodes"]
    shown = only(collection.run("info"))
    assert shown["operation"] is None
    assert (node["operation"], node["status"]) == (None, shown["status"])


def test_an_address_that_was_taken_leaves_the_node_without_an_instance(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """The lost interface cannot be made anew: the holder of its address is named and nothing is launched."""
    collection.configure("a", network, private_ip_address="10.0.1.15")
    node = only(collection.operate("resume", ["a"]))
    only(collection.operate("pause", ["a"]))
    ec2 = emulator.client("ec2")
    ec2.delete_network_interface(NetworkInterfaceId=node["network_interface_id"])
    taken = ec2.create_network_interface(SubnetId=network.subnet_a_id, PrivateIpAddress="10.0.1.15")
    holder = taken["NetworkInterface"]["NetworkInterfaceId"]
    emulator.clear_calls()
    error = error_of(collection.operate("resume", ["a"]))
    assert (error["code"], error["phase"]) == ("PrivateIpAddressInUse", "interface")
    assert "10.0.1.15" in error["message"]
    assert holder in error["message"]
    assert emulator.calls(action="RunInstances") == []
    (drift, *_others) = only(collection.run("info"))["drift"]
    assert drift["reason"] == "interface_missing"

    ec2.delete_network_interface(NetworkInterfaceId=holder)
    assert only(collection.operate("resume", ["a"]))["private_ip_address"] == "10.0.1.15"


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ("private_ip_address", "its private IP address is 10.0.1.50 and not 10.0.1.99"),
        ("public_ip", "its Elastic IP is {public_ip} and not 10.0.1.99"),
    ],
)
def test_a_launch_fails_loudly_when_an_address_is_not_the_recorded_one(
    emulator: Emulator, network: Network, collection: Collection, taken: str, said: str
) -> None:
    """EC2 does not do this: the assertion is the last line of defence, so the record is what is made wrong here."""
    quick = Collection(emulator.endpoint, clock=FastClock())
    quick.configure("a", network, private_ip_address="10.0.1.50", elastic_ip="new", public_ip_assignment="enabled")
    quick.operate("resume", ["a"])
    paused = quick.operate("pause", ["a"]).values["nodes"][0]
    write_identity(quick, **{taken: "10.0.1.99"})
    launched = quick.run("instance", name="a")
    error = error_of(launched)
    assert error["code"] == "IdentityChanged"
    assert said.format(**paused) in error["message"]
    assert record_of(quick).identity.instance_id


def write_identity(collection: Collection, **changes: str) -> None:
    identity = make_identity_of(record_of(collection).identity, **changes)
    Store(collection.client, TABLE).update("a", {"identity": identity}, {"operation": None})


def test_each_phase_has_all_of_the_wait_timeout(emulator: Emulator, network: Network, collection: Collection) -> None:
    """One task creates the interface and launches the instance: together they take longer than one may."""
    collection.configure("a", network)
    emulator.configure(durations={"pending": 2}, call_seconds={"CreateNetworkInterface": 2})
    node = only(collection.operate("resume", ["a"], wait_timeout=3))
    assert node["status"] == "running"
