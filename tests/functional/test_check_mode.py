# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check mode: no module changes anything, and each says exactly what a run would do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.arguments import _ARGUMENTS
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import observe

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import DESTROYING, STEPS, WITH_CHOICES, Collection

ALONE: list[tuple[str, dict[str, Any]]] = [
    ("config", {"name": "a", "tags": {"changed": "x"}}),
    ("config", {"name": "another", "subnet_id": "", "launch": {}}),
    ("config", {"name": "a", "state": "absent"}),
    ("adopt", {"name": "another", "instance_id": "i-0123456789abcdef0", "accept_root_volume_loss": True}),
    *(("operation", {"name": ["a"], "state": "begun", "operation": each}) for each in ("resume", "pause", "replace")),
    ("operation", {"name": ["a"], "state": "begun", "operation": "resume", "take_over": True}),
    ("operation", {"name": ["a"], "state": "begun", "operation": "delete", "delete_confirm": ["a"], **DESTROYING}),
    ("operation", {"name": ["a"], "state": "ended", "operation_id": "check-delete+delete_instance"}),
    ("operation", {"name": ["a"], "state": "ended", "operation_id": "check-resume"}),
    ("operation", {"name": ["a"], "state": "ended", "operation_id": "0123"}),
    ("eni", {"name": ["a"], "state": "present"}),
    ("eni", {"name": ["a"], "state": "absent"}),
    ("eip", {"name": ["a"], "state": "present"}),
    ("eip", {"name": ["a"], "state": "absent", "release": True}),
    ("instance", {"name": ["a"], "state": "running", "wait_for": "status_ok"}),
    ("instance", {"name": ["a"], "state": "terminated"}),
    ("info", {}),
    ("history_info", {"since": "30d"}),
    ("orphans", {"delete": ["eni-0123456789abcdef0"]}),
    ("rebuild", {"name": "a"}),
    ("events", {"wait_seconds": 600}),
    ("events", {"state": "deleted", "receipt_handles": ["x"]}),
]


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    monkeypatch.setattr(observe, "BETWEEN_LOOKS", 0)


class Scene:
    """Brings node a into a state."""

    def __init__(self, emulator: Emulator, network: Network, collection: Collection) -> None:
        self.emulator, self.network, self.collection = emulator, network, collection
        self.ec2 = emulator.client("ec2")

    def configure(self, **options: Any) -> None:
        self.collection.configure("a", self.network, **options)

    def operate(self, operation: str) -> dict[str, Any]:
        result = self.collection.operate(operation, ["a"])
        assert not result.failures, result.message
        return result.values["nodes"][0]

    def new(self) -> None:
        self.configure(private_ip_address="10.0.1.15")

    def new_with_everything(self) -> None:
        self.configure(
            secondary_private_ip_addresses=["10.0.1.50"],
            elastic_ip="new",
            public_ip_assignment="enabled",
            source_dest_check=False,
        )

    def new_with_lent_address(self) -> None:
        self.configure(public_ip_assignment="enabled")

    def running(self) -> dict[str, Any]:
        self.configure(elastic_ip="new", public_ip_assignment="enabled")
        return self.operate("resume")

    def paused(self) -> dict[str, Any]:
        self.running()
        return self.operate("pause")

    def edited(self) -> None:
        self.running()
        self.collection.run(
            "config",
            name="a",
            tags={"service": "cassandra"},
            security_groups=["clients"],
            source_dest_check=False,
            secondary_private_ip_address_count=2,
        )

    def exchanged(self) -> None:
        self.running()
        address = self.ec2.allocate_address(Domain="vpc")
        self.collection.run("config", name="a", elastic_ip=address["AllocationId"])

    def stopped(self) -> None:
        self.configure(
            launch={"image_id": self.network.image_id, "instance_types": ["t3.micro"], "market": "on_demand"}
        )
        self.ec2.stop_instances(InstanceIds=[self.operate("resume")["instance_id"]])

    def ended(self) -> None:
        self.ec2.terminate_instances(InstanceIds=[self.running()["instance_id"]])

    def lost(self) -> None:
        self.ec2.delete_network_interface(NetworkInterfaceId=self.paused()["network_interface_id"])

    def unprotected(self) -> None:
        interface = self.running()["network_interface_id"]
        (seen,) = self.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"]
        attachment = {"AttachmentId": seen["Attachment"]["AttachmentId"], "DeleteOnTermination": True}
        self.ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Attachment=attachment)

    def failed(self) -> None:
        self.running()
        self.emulator.set_capacity(outcome="refused")
        assert self.collection.operate("replace", ["a"]).failures
        self.emulator.set_capacity()

    def held(self) -> None:
        self.running()
        self.collection.run("operation", name="a", state="begun", operation="replace")


STATES: dict[str, Callable[[Scene], Any]] = {
    name: state
    for name, state in vars(Scene).items()
    if not name.startswith("_") and name not in ("configure", "operate")
}


@pytest.fixture
def scene(emulator: Emulator, network: Network, collection: Collection) -> Scene:
    return Scene(emulator, network, collection)


def test_the_walk_below_meets_every_module() -> None:
    assert {f"stateful_node_{module}" for module, _params in ALONE} == _ARGUMENTS.keys()


@pytest.mark.parametrize("state", STATES)
def test_no_module_makes_a_mutating_call(emulator: Emulator, network: Network, scene: Scene, state: str) -> None:
    STATES[state](scene)
    checked = Collection(emulator.endpoint, check_mode=True)
    emulator.clear_calls()
    for module, params in ALONE:
        given = dict(params)
        if module == "config" and given.get("name") == "another":
            given["subnet_id"] = network.subnet_b_id
            given["launch"] = {"image_id": network.image_id, "instance_types": ["t3.micro"]}
        with suppress(NodeError):
            checked.run(module, **given)
    for operation in (*STEPS, *WITH_CHOICES):
        checked.operate(operation, ["a"])
    assert emulator.calls(mutating=False)
    assert emulator.calls(mutating=True) == []


def walk(collection: Collection, operation: str) -> list[Result]:
    """Carry an operation out step by step; returns every step's result."""
    operation, choices = WITH_CHOICES.get(operation, (operation, {}))
    confirmed = {**choices, "delete_confirm": ["a"]}
    results = [collection.run("operation", name="a", state="begun", operation=operation, **confirmed)]
    operation_id = results[0].values["operation_id"]
    if operation_id:
        for module, state in STEPS[operation]:
            results.append(collection.run(module, name="a", state=state, operation_id=operation_id))
        results.append(collection.run("operation", name="a", state="ended", operation_id=operation_id))
    return results


UNKNOWN_YET = ("network_interface_id", "allocation_id", "association_id")


def actions_of(results: list[Result]) -> list[list[dict[str, Any]]]:
    """List each step's actions, without the ids that check mode cannot know."""
    return [
        [{key: value for key, value in action.items() if key not in UNKNOWN_YET} for action in each.values["actions"]]
        for each in results
    ]


@pytest.mark.parametrize("operation", [*STEPS, "destroy"])
@pytest.mark.parametrize("state", STATES)
def test_check_mode_says_what_the_run_then_does(emulator: Emulator, scene: Scene, state: str, operation: str) -> None:
    STATES[state](scene)
    predicted = walk(Collection(emulator.endpoint, check_mode=True), operation)
    done = walk(scene.collection, operation)
    assert actions_of(predicted) == actions_of(done)
    assert [each.values["changed"] for each in predicted] == [each.values["changed"] for each in done]
    assert [[failure.code for failure in each.failures] for each in predicted] == [
        [failure.code for failure in each.failures] for each in done
    ]
    assert [each.values["begun"] for each in (predicted[0], done[0])] == [done[0].values["begun"]] * 2
    for predicting, doing in zip(predicted, done, strict=True):
        for action, same in zip(predicting.values["actions"], doing.values["actions"], strict=True):
            assert [key for key in UNKNOWN_YET if action.get(key) not in (None, same.get(key))] == []


@pytest.mark.parametrize(
    ("module", "state"),
    [
        ("eni", "present"),
        ("eni", "absent"),
        ("eip", "present"),
        ("eip", "absent"),
        ("instance", "running"),
        ("instance", "terminated"),
    ],
)
@pytest.mark.parametrize("before", ["new_with_everything", "running", "paused", "lost", "held"])
def test_a_module_on_its_own_says_what_it_then_does(
    emulator: Emulator, scene: Scene, before: str, module: str, state: str
) -> None:
    STATES[before](scene)
    params = {"name": "a", "state": state, **({"release": True} if (module, state) == ("eip", "absent") else {})}
    predicted = Collection(emulator.endpoint, check_mode=True).run(module, **params)
    done = scene.collection.run(module, **params)
    assert [failure.code for failure in predicted.failures] == [failure.code for failure in done.failures]
    if not done.failures:
        assert actions_of([predicted]) == actions_of([done])
    assert predicted.values["changed"] == done.values["changed"]


def test_check_mode_under_an_operation_that_has_begun_plans_for_that_operation(
    emulator: Emulator, scene: Scene
) -> None:
    """A replace that has launched already terminates nothing more, and check mode knows."""
    scene.held()
    (node,) = scene.collection.run("info").values["nodes"]
    operation_id = node["operation"]["id"]
    for module, state in STEPS["replace"]:
        scene.collection.run(module, name="a", state=state, operation_id=operation_id)
    checked = Collection(emulator.endpoint, check_mode=True)
    predicted = checked.run("instance", name="a", state="terminated", operation_id=operation_id)
    assert not predicted.failures
    assert predicted.values["actions"] == []


def test_the_configuration_is_shown_as_it_would_be(emulator: Emulator, network: Network, scene: Scene) -> None:
    checked = Collection(emulator.endpoint, check_mode=True)
    predicted, done = (each.configure("a", network, tags={"x": "y"}) for each in (checked, scene.collection))
    assert predicted.values == done.values
    edit = {"name": "a", "tags": {"x": "z"}, "source_dest_check": False}
    predicted, done = (each.run("config", **edit) for each in (checked, scene.collection))
    assert predicted.values == done.values
    assert predicted.values["changed"]
    assert not checked.run("config", **edit).values["changed"]
    predicted, done = (each.run("config", name="a", state="absent") for each in (checked, scene.collection))
    assert predicted.values == done.values
