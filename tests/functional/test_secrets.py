# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""user_data is in the node's record and in the launch, and nowhere else."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection

from .account import launch

SECRET = "hunter2-correct-horse"
USER_DATA = f"#!/bin/sh\nexport PASSWORD={SECRET}\n"
ENCODED = base64.b64encode(USER_DATA.encode()).decode()
SPELLINGS = (SECRET, ENCODED[4:-4])
ONE_WAY = {"market": "on_demand"}
"""With one candidate: where there is another, a refusal leads to that."""


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})


def assert_not_told(*told: Any) -> None:
    text = json.dumps(told, default=str)
    assert [spelling for spelling in SPELLINGS if spelling in text] == []


def assert_kept(result: Result) -> None:
    """What a result holds, and what it says of its failures, does not tell."""
    assert result.values["nodes"]
    assert_not_told(result.values, result.message, result.failures)


def with_user_data(network: Network, user_data: str = USER_DATA, **more: Any) -> dict[str, Any]:
    return {"launch": {"image_id": network.image_id, "instance_types": ["t3.micro"], "user_data": user_data, **more}}


def everything_in(emulator: Emulator, table: str) -> list[dict[str, Any]]:
    return emulator.client("dynamodb").scan(TableName=table)["Items"]


def user_data_of(emulator: Emulator, instance_id: str) -> str:
    attribute = emulator.client("ec2").describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
    return base64.b64decode(attribute["UserData"]["Value"]).decode()


def test_the_instance_gets_it_and_no_result_tells(emulator: Emulator, network: Network, collection: Collection) -> None:
    assert_kept(collection.configure("a", network, **with_user_data(network)))
    begun = collection.run("operation", name="a", state="begun", operation="resume")
    assert_kept(begun)
    for module in ("eni", "eip", "instance"):
        assert_kept(collection.run(module, name="a", operation_id=begun.values["operation_id"]))
    ended = collection.run("operation", name="a", state="ended", operation_id=begun.values["operation_id"])
    assert_kept(ended)
    assert user_data_of(emulator, ended.values["nodes"][0]["instance_id"]) == USER_DATA
    assert_kept(collection.run("info"))
    for operation in ("replace", "pause"):
        assert_kept(collection.operate(operation, ["a"]))


def test_a_change_of_it_shows_as_a_change_and_tells_neither(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    collection.configure("a", network, **with_user_data(network))
    for checked in (True, False):
        changed = Collection(emulator.endpoint, check_mode=checked).run(
            "config", name="a", launch={"user_data": f"{USER_DATA}#{SECRET}"}
        )
        assert changed.values["changed"]
        ((option, values),) = changed.values["actions"][0]["changes"].items()
        assert option == "launch.user_data_sha256"
        assert values["before"] != values["after"]
        assert_kept(changed)


def test_the_history_does_not_tell(emulator: Emulator, network: Network, collection: Collection) -> None:
    collection.configure("a", network, **with_user_data(network))
    collection.operate("resume", ["a"])
    emulator.set_capacity(outcome="refused")
    collection.operate("replace", ["a"])
    assert SECRET in json.dumps(everything_in(emulator, TABLE))
    entries = everything_in(emulator, f"{TABLE}-history")
    assert len(entries) == 2
    assert_not_told(entries)


def refuse_each_candidate(emulator: Emulator, **refusal: str) -> None:
    """Each of two instance types on both markets: a refusal that may concern one of them does not end the launch."""
    for call in range(1, 5):
        emulator.add_fault("RunInstances", "refuse", call=call, **refusal)


@pytest.mark.parametrize(
    "damage",
    [
        {"capacity": {"outcome": "refused"}},
        {"capacity": {"outcome": "dies"}},
        {"capacity": {"outcome": "dies", "code": "Client.InternalError"}},
        {"fault": {"code": "InvalidParameterValue"}},
        {"launch": {"image_id": "ami-00000000000000bad"}},
    ],
    ids=["no capacity", "dies for capacity", "dies", "refused", "no such image"],
)
def test_a_launch_that_fails_does_not_tell(
    emulator: Emulator, network: Network, collection: Collection, damage: dict[str, dict[str, Any]]
) -> None:
    collection.configure("a", network, **with_user_data(network, **ONE_WAY, **damage.get("launch", {})))
    if "capacity" in damage:
        emulator.set_capacity(**damage["capacity"])
    if "fault" in damage:
        refuse_each_candidate(emulator, **damage["fault"])
    failed = collection.operate("resume", ["a"])
    assert failed.failures
    assert_kept(failed)
    assert_kept(collection.run("info"))
    assert_not_told(everything_in(emulator, f"{TABLE}-history"))


def test_what_is_given_in_base64_is_not_told(emulator: Emulator, network: Network, collection: Collection) -> None:
    given = {"image_id": network.image_id, "instance_types": ["t3.micro"], "user_data_base64": ENCODED, **ONE_WAY}
    assert_kept(collection.configure("a", network, launch=given))
    emulator.add_fault("RunInstances", "refuse", code="InvalidParameterValue", message=f"'{USER_DATA}' is malformed")
    failed = collection.operate("resume", ["a"])
    assert "(not shown)" in failed.message
    assert_kept(failed)
    assert_kept(collection.operate("resume", ["a"]))
    assert_kept(collection.run("info"))
    assert_not_told(everything_in(emulator, f"{TABLE}-history"))


@pytest.mark.parametrize("quoted", [USER_DATA, ENCODED, USER_DATA.splitlines()[1]])
def test_a_refusal_that_quotes_it_does_not_tell(
    emulator: Emulator, network: Network, collection: Collection, quoted: str
) -> None:
    collection.configure("a", network, **with_user_data(network, **ONE_WAY))
    message = f"Invalid user data: '{quoted}' is malformed"
    refuse_each_candidate(emulator, code="InvalidParameterValue", message=message)
    failed = collection.operate("resume", ["a"])
    assert "Invalid user data: '(not shown)" in failed.message
    assert_kept(failed)
    assert_not_told(everything_in(emulator, f"{TABLE}-history"))


def test_what_an_adopted_instance_has_is_kept_and_not_told(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """Read from the instance, where no_log does not reach; and read again when its record is lost."""
    instance_id = launch(emulator, network, UserData=USER_DATA)
    adopted = collection.adopt("a", instance_id=instance_id)
    assert_kept(adopted)
    assert_kept(collection.run("info"))
    assert SECRET in json.dumps(everything_in(emulator, TABLE))
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": "a"}})
    assert_kept(collection.rebuild("a"))
    assert SECRET in json.dumps(everything_in(emulator, TABLE))
    assert_kept(collection.operate("replace", ["a"]))


def test_what_a_launch_template_has_is_neither_kept_nor_told(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    data = {"ImageId": network.image_id, "UserData": base64.b64encode(USER_DATA.encode()).decode()}
    emulator.client("ec2").create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    options = {"launch_template": {"name": "web"}, "instance_types": ["t3.micro"]}
    assert_kept(collection.configure("a", network, launch=options))
    assert_kept(collection.operate("resume", ["a"]))
    assert_not_told(everything_in(emulator, TABLE), everything_in(emulator, f"{TABLE}-history"))


def test_user_data_that_is_too_long_is_refused_without_telling(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    with pytest.raises(NodeError) as refused:
        collection.configure("a", network, **with_user_data(network, SECRET * 1000))
    assert "launch.user_data '21000 bytes'" in str(refused.value)
    assert_not_told(str(refused.value), refused.value.failure)


def test_a_conflicting_configuration_is_refused_without_telling(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    with pytest.raises(NodeError) as refused:
        collection.configure("a", network, launch={"user_data": USER_DATA, "market": "spot"})
    assert_not_told(str(refused.value), refused.value.failure)
