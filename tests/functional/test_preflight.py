# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight of launches: what could not be launched again is not terminated."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls import executor
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support import fleet_records
from tests.support.collection import Collection, create_tables
from tests.support.fleet import new_fleet
from tests.support.readers import error_of, only

UNKNOWN_IMAGE = "ami-00000000000000bad"
ARM_IMAGE = "ami-0a1b2c3d4e5f60002"
DRY_RUN = "RunInstances (DryRun)"
LAUNCH_TOKEN = 64
"""Characters of a launch's token; botocore gives each dry run a shorter one that is never used again."""

LOOKUPS = (
    "DescribeImages",
    "DescribeKeyPairs",
    "DescribeInstanceTypes",
    "DescribeInstanceTypeOfferings",
    "DescribeLaunchTemplateVersions",
    "GetInstanceProfile",
)

UNUSABLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown image": ({"image_id": UNKNOWN_IMAGE}, "InvalidAMIID.NotFound", f"launch.image_id '{UNKNOWN_IMAGE}'"),
    "an unknown key pair": ({"key_name": "nokey"}, "InvalidKeyPair.NotFound", "launch.key_name 'nokey'"),
    "an unknown type": (
        {"instance_types": ["m6i.xlarg"]},
        "InvalidParameterValue",
        "launch.instance_types 'm6i.xlarg' is not an instance type of us-east-1",
    ),
    "an unknown profile": (
        {"iam_instance_profile": "nobody"},
        "InvalidParameterValue",
        "launch.iam_instance_profile 'nobody'",
    ),
    "an image of another architecture": (
        {"image_id": ARM_IMAGE},
        "InvalidParameterValue",
        f"has the architecture x86_64, and image {ARM_IMAGE} is for arm64",
    ),
}


@pytest.fixture
def running(network: Network, collection: Collection) -> dict[str, Any]:
    """A node that runs."""
    collection.configure("a", network)
    return only(collection.operate("resume", ["a"]))


def instance_state(emulator: Emulator, node: dict[str, Any]) -> str:
    described = emulator.client("ec2").describe_instances(InstanceIds=[node["instance_id"]])
    state: str = described["Reservations"][0]["Instances"][0]["State"]["Name"]
    return state


def begin(collection: Collection, operation: str = "replace", name: str = "a") -> Result:
    return collection.run("operation", name=[name], state="begun", operation=operation)


def refused(result: Result, code: str, words: str) -> None:
    """The beginning was refused for this, and the node is as it was."""
    error = error_of(result)
    assert error["code"] == code
    assert error["message"].startswith("a: ")
    assert words in error["message"]
    assert code in error["message"]
    assert error["phase"] == "begin"
    assert (result.values["operation_id"], result.values["begun"]) == (None, [])
    assert (result.values["changed"], result.values["actions"]) == (False, [])


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_replace_is_refused_before_it_begins(
    emulator: Emulator, collection: Collection, running: dict[str, Any], kind: str, check_mode: bool
) -> None:
    launch, code, words = UNUSABLE[kind]
    collection.run("config", name="a", launch=launch)
    emulator.clear_calls()
    result = begin(Collection(emulator.endpoint, check_mode=check_mode))
    refused(result, code, words)
    error = error_of(result)
    assert error["message"].endswith("Nothing was terminated.")
    assert f"instance {running['instance_id']}" in error["state"]
    assert error["next_command"] == "ansible-playbook stateful_node.aws.replace -e stateful_nodes=a"
    assert emulator.calls(mutating=True) == []
    assert instance_state(emulator, running) == "running"
    shown = only(collection.run("info", name=["a"]))
    assert (shown["status"], shown["operation"]) == ("running", None)


def test_all_that_is_wrong_is_told_at_once(collection: Collection, running: dict[str, Any]) -> None:
    launch = {"image_id": UNKNOWN_IMAGE, "key_name": "nokey", "iam_instance_profile": "nobody"}
    collection.run("config", name="a", launch=launch)
    message = error_of(begin(collection))["message"]
    assert [line.split()[1] for line in message.splitlines()] == [f"launch.{option}" for option in launch]


def test_once_it_is_corrected_the_replace_goes_through(
    emulator: Emulator, network: Network, collection: Collection, running: dict[str, Any]
) -> None:
    collection.run("config", name="a", launch={"image_id": UNKNOWN_IMAGE})
    refused(begin(collection), "InvalidAMIID.NotFound", "launch.image_id")
    collection.run("config", name="a", launch={"image_id": network.image_id})
    replaced = only(collection.operate("replace", ["a"]))
    assert replaced["instance_id"] != running["instance_id"]


def test_a_template_whose_version_was_deleted_is_refused(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    ec2 = emulator.client("ec2")
    data = {"ImageId": network.image_id, "InstanceType": "t3.micro"}
    made = ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)["LaunchTemplate"]
    collection.configure("a", network, launch={"launch_template": {"name": "nodes"}})
    only(collection.operate("resume", ["a"]))
    ec2.delete_launch_template(LaunchTemplateId=made["LaunchTemplateId"])
    refused(
        begin(collection), "InvalidLaunchTemplateId.NotFound", f"launch.launch_template '{made['LaunchTemplateId']}'"
    )


def test_what_a_template_brings_is_looked_up_too(emulator: Emulator, network: Network, collection: Collection) -> None:
    data = {"ImageId": UNKNOWN_IMAGE, "InstanceType": "t3.micro", "KeyName": "nokey"}
    made = emulator.client("ec2").create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)
    template_id = made["LaunchTemplate"]["LaunchTemplateId"]
    collection.configure("a", network, launch={"launch_template": {"name": "nodes"}})
    result = begin(collection, "resume")
    refused(result, "InvalidAMIID.NotFound", f"launch.launch_template '{template_id} version 1: {UNKNOWN_IMAGE}'")
    assert f"'{template_id} version 1: nokey'" in error_of(result)["message"]


def test_a_resume_is_refused_before_anything_is_created(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    launch = {"image_id": UNKNOWN_IMAGE, "instance_types": ["t3.micro"]}
    collection.configure("a", network, launch=launch)
    emulator.clear_calls()
    result = collection.operate("resume", ["a"])
    refused(result, "InvalidAMIID.NotFound", UNKNOWN_IMAGE)
    assert error_of(result)["message"].endswith("Nothing was created.")
    assert emulator.calls(mutating=True) == []
    assert only(collection.run("info", name=["a"]))["network_interface_id"] is None


def test_a_candidate_that_cannot_be_launched_is_a_warning_while_another_can(
    collection: Collection, running: dict[str, Any]
) -> None:
    collection.run("config", name="a", launch={"instance_types": ["m6i.xlarg", "t3.micro"]})
    result = begin(collection)
    assert result.values["begun"] == ["a"]
    (warning,) = result.values["warnings"]
    assert warning.startswith("a: m6i.xlarg on spot, m6i.xlarg on demand cannot be launched: ")


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_pause_warns_that_it_could_not_be_resumed(
    emulator: Emulator, collection: Collection, running: dict[str, Any], check_mode: bool
) -> None:
    collection.run("config", name="a", launch={"image_id": UNKNOWN_IMAGE})
    emulator.clear_calls()
    result = begin(Collection(emulator.endpoint, check_mode=check_mode), "pause")
    assert result.values["begun"] == ["a"]
    (warning,) = result.values["warnings"]
    assert f"launch.image_id '{UNKNOWN_IMAGE}'" in warning
    assert warning.endswith("it cannot be resumed.")
    assert emulator.calls(action=DRY_RUN) == []


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("kind", UNUSABLE)
def test_configuring_warns(
    emulator: Emulator, network: Network, collection: Collection, kind: str, check_mode: bool
) -> None:
    launch, code, words = UNUSABLE[kind]
    given = {"image_id": network.image_id, "instance_types": ["t3.micro"], **launch}
    result = Collection(emulator.endpoint, check_mode=check_mode).configure("a", network, launch=given)
    assert result.values["changed"]
    (warning,) = result.values["warnings"]
    assert (words in warning, code in warning) == (True, True)
    assert warning.endswith("a resume or replace is refused until it is corrected.")


def test_configuring_other_options_looks_nothing_up(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    emulator.clear_calls()
    collection.run("config", name="a", tags={"team": "databases"})
    collection.run("config", name="a", launch={"instance_types": ["t3.micro", "t3.small"]})
    assert not {call["action"] for call in emulator.calls()} & set(LOOKUPS)


def test_an_image_in_a_parameter_is_left_to_ec2(collection: Collection, running: dict[str, Any]) -> None:
    result = collection.run("config", name="a", launch={"image_id": "resolve:ssm:/images/node"})
    assert result.values["warnings"] == []
    assert begin(collection).values["begun"] == ["a"]


@pytest.mark.parametrize("action", LOOKUPS)
def test_a_look_up_that_fails_is_a_warning(
    emulator: Emulator, network: Network, collection: Collection, action: str
) -> None:
    ec2, iam = emulator.client("ec2"), emulator.client("iam")
    ec2.create_key_pair(KeyName="operators")
    iam.create_instance_profile(InstanceProfileName="cassandra")
    data = {"KeyName": "operators", "IamInstanceProfile": {"Name": "cassandra"}}
    ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)
    launch = {
        "image_id": network.image_id,
        "instance_types": ["t3.micro", "t3.small"],
        "launch_template": {"name": "nodes"},
        "key_name": "operators",
        "iam_instance_profile": "cassandra",
    }
    collection.configure("a", network, launch=launch)
    only(collection.operate("resume", ["a"]))
    service = "iam" if action == "GetInstanceProfile" else "ec2"
    emulator.add_fault(action, "refuse", call=0, code="Unavailable", status=400, service=service)
    result = begin(collection)
    emulator.clear_faults()
    assert result.values["begun"] == ["a"]
    (warning,) = result.values["warnings"]
    assert f"{action} failed with Unavailable" in warning
    assert "Not checked before the launch: " in warning


@pytest.mark.parametrize(
    "code",
    ["InvalidParameterCombination", "UnsupportedOperation", "Unsupported", "UnauthorizedOperation", "OptInRequired"],
)
def test_what_a_dry_run_finds_is_a_refusal(
    emulator: Emulator, collection: Collection, running: dict[str, Any], code: str
) -> None:
    emulator.add_fault(DRY_RUN, "refuse", call=0, code=code, message="Not like this")
    result = begin(collection)
    emulator.clear_faults()
    refused(result, code, "Not like this" if code != "UnauthorizedOperation" else "ec2:RunInstances")
    assert error_of(result)["action"] == "RunInstances"


def test_a_candidate_that_a_dry_run_refuses_leaves_it_to_the_next(
    emulator: Emulator, collection: Collection, running: dict[str, Any]
) -> None:
    emulator.add_fault(DRY_RUN, "refuse", code="UnsupportedOperation")
    emulator.clear_calls()
    assert begin(collection).values["begun"] == ["a"]
    tried = [call["parameters"]["InstanceType"] for call in emulator.calls(action=DRY_RUN)]
    assert tried == ["t3.micro", "t3.small"]


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        ("VcpuLimitExceeded", True),
        ("SpotMaxPriceTooLow", True),
        ("InsufficientFreeAddressesInSubnet", False),
    ],
)
def test_what_says_nothing_of_the_real_launch_is_no_refusal(
    emulator: Emulator, collection: Collection, running: dict[str, Any], code: str, is_told: bool
) -> None:
    """The running instance still takes capacity, and the node has its interface already."""
    emulator.add_fault(DRY_RUN, "refuse", call=0, code=code)
    result = begin(collection)
    emulator.clear_faults()
    assert result.values["begun"] == ["a"]
    assert [code in warning for warning in result.values["warnings"]] == [True] * is_told


def test_a_dry_run_is_made_with_subnet_and_groups(emulator: Emulator, network: Network, collection: Collection) -> None:
    launch = {"image_id": network.image_id, "instance_types": ["t3.micro"]}
    collection.configure("a", network, launch=launch)
    begin(collection, "resume")
    (call,) = emulator.calls(action=DRY_RUN)
    sent = call["parameters"]
    assert not [name for name in sent if name.endswith("NetworkInterfaceId")]
    assert len(sent["ClientToken"]) != LAUNCH_TOKEN
    assert sent["NetworkInterface.1.SubnetId"] == network.subnet_a_id
    assert sent["NetworkInterface.1.SecurityGroupId.1"] == network.security_group_id


def test_a_change_of_subnet_is_checked_where_it_leads(
    emulator: Emulator, network: Network, collection: Collection, running: dict[str, Any]
) -> None:
    collection.run("config", name="a", subnet_id=network.subnet_b_id, allow_address_change=True)
    for allowed, subnet_id in ((False, network.subnet_a_id), (True, network.subnet_b_id)):
        emulator.clear_calls()
        arguments = {"state": "begun", "operation": "replace", "allow_address_change": allowed, "take_over": True}
        Collection(emulator.endpoint, check_mode=True).run("operation", name=["a"], **arguments)
        (call,) = emulator.calls(action=DRY_RUN)
        assert call["parameters"]["NetworkInterface.1.SubnetId"] == subnet_id


def test_a_launch_under_way_is_not_looked_at_again(
    emulator: Emulator, network: Network, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its intent says how it is launched, and it may have succeeded already."""
    monkeypatch.setattr(executor, "REPLAYS", 1)
    collection.configure("a", network)
    emulator.add_fault("RunInstances", "500_after", call=0)
    assert collection.operate("resume", ["a"]).failures
    emulator.clear_faults()
    collection.run("config", name="a", launch={"image_id": UNKNOWN_IMAGE})
    emulator.clear_calls()
    assert only(collection.operate("resume", ["a"]))["status"] == "running"
    assert not {call["action"] for call in emulator.calls()} & {DRY_RUN, "DescribeImages"}


def test_a_fleet_is_looked_up_once(emulator: Emulator) -> None:
    """Thirty nodes of one configuration cost a read of each kind and one dry run; one at rest costs none."""
    fleet = new_fleet(emulator, 30)
    create_tables(emulator.client("dynamodb"))
    collection = Collection(emulator.endpoint, check_mode=True)
    fleet_records.describe(Collection(emulator.endpoint), fleet)
    emulator.clear_calls()
    begun = collection.run("operation", name=list(fleet.names), state="begun", operation="resume")
    assert len(begun.values["begun"]) == 30
    made = Counter(call["action"] for call in emulator.calls())
    assert max(made[action] for action in (*LOOKUPS, DRY_RUN)) == 1
    assert made[DRY_RUN] == 1


def test_a_warning_about_a_fleet_is_given_once(emulator: Emulator, network: Network, collection: Collection) -> None:
    names = [f"node-{number}" for number in range(5)]
    for name in names:
        collection.configure(
            name, network, launch={"image_id": network.image_id, "instance_types": ["t9.x", "t3.micro"]}
        )
    checked = Collection(emulator.endpoint, check_mode=True)
    result = checked.run("operation", name=names, state="begun", operation="resume")
    (warning,) = result.values["warnings"]
    assert warning.startswith("node-0, node-1, node-2 and 2 more nodes: t9.x on spot, ")
