# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a launch, by what was looked up."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.launch_findings import (
    Image,
    InstanceType,
    LaunchFindings,
    Verdict,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.launch_preflight import (
    judge,
    launch_requirements,
    list_names,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.lookups import LaunchTemplateVersion
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Config, LaunchTemplate

from tests.support.configurations import TEMPLATE, launching

ZONE = "us-east-1a"
TYPE = InstanceType(architectures=("x86_64",), boot_modes=("legacy-bios", "uefi"), usage_classes=("on-demand", "spot"))
FOUND = LaunchFindings(
    region="us-east-1",
    images={"ami-1": Image(architecture="x86_64", boot_mode="uefi-preferred")},
    key_names={"operators"},
    profiles={"web": True},
    instance_types={"m6i.large": TYPE},
    offered={ZONE: {"m6i.large"}},
)
EVERYTHING = {"key_name": "operators", "iam_instance_profile": "web"}
DATA = {
    "ImageId": "ami-1",
    "InstanceType": "m6i.large",
    "KeyName": "operators",
    "IamInstanceProfile": {"Arn": "arn:aws:iam::123456789012:instance-profile/web"},
}


def verdict(config: Config, template: LaunchTemplateVersion | None = None, **found: Any) -> Verdict:
    required = launch_requirements(config, "subnet-1", ZONE, template)
    return judge(required, dataclasses.replace(FOUND, **found))


def with_type(**changes: Any) -> dict[str, InstanceType]:
    return {"m6i.large": dataclasses.replace(TYPE, **changes)}


def test_a_launch_that_has_everything_is_not_objected_to() -> None:
    judged = verdict(launching(**EVERYTHING))
    assert (judged.refusals, judged.warnings) == ((), ())
    assert [candidate.market for candidate in judged.usable] == ["spot", "on_demand"]


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        ({"images": {}}, "InvalidAMIID.NotFound", "launch.image_id 'ami-1' does not exist in us-east-1"),
        ({"images": {"ami-1": Image(state="disabled")}}, "InvalidAMIID.Unavailable", "its state is disabled"),
        ({"key_names": frozenset()}, "InvalidKeyPair.NotFound", "launch.key_name 'operators'"),
        ({"profiles": {"web": False}}, "InvalidParameterValue", "launch.iam_instance_profile 'web'"),
        ({"instance_types": {}}, "InvalidParameterValue", "launch.instance_types 'm6i.large' is not an instance type"),
        ({"offered": {ZONE: frozenset()}}, "Unsupported", f"is not offered in {ZONE}"),
        (
            {"instance_types": with_type(architectures=("arm64",))},
            "InvalidParameterValue",
            "has the architecture arm64, and image ami-1 is for x86_64",
        ),
        (
            {"images": {"ami-1": Image(boot_mode="uefi")}, "instance_types": with_type(boot_modes=("legacy-bios",))},
            "UnsupportedOperation",
            "boots by legacy-bios, and image ami-1 only by uefi",
        ),
    ],
)
def test_what_no_candidate_can_be_launched_with_is_a_refusal(found: dict[str, Any], code: str, words: str) -> None:
    (problem,) = verdict(launching(**EVERYTHING), **found).refusals
    assert problem.code == code
    assert words in str(problem)
    assert f"({code})" in str(problem)


@pytest.mark.parametrize(
    "unread",
    [
        {"images": None},
        {"key_names": None},
        {"profiles": {}},
        {"instance_types": None},
        {"offered": {}},
        {"images": {"ami-1": Image()}, "instance_types": {"m6i.large": InstanceType()}},
    ],
)
def test_what_could_not_be_looked_up_is_not_judged(unread: dict[str, Any]) -> None:
    assert verdict(launching(**EVERYTHING), **unread).refusals == ()


@pytest.mark.parametrize(
    ("wanted", "limits", "words"),
    [
        ({"secondary_private_ip_address_count": 4}, {"ipv4_addresses": 4}, "takes 4 private IPv4 addresses"),
        (
            {"secondary_private_ip_addresses": ("10.0.1.7", "10.0.1.8")},
            {"ipv4_addresses": 2},
            "takes 2 private IPv4 addresses on one interface, and the node has 3",
        ),
        ({"ipv6_address_count": 3}, {"ipv6_addresses": 2}, "takes 2 IPv6 addresses"),
    ],
)
def test_a_type_that_takes_fewer_addresses_than_the_node_has_is_refused(
    wanted: dict[str, Any], limits: dict[str, int], words: str
) -> None:
    config = dataclasses.replace(launching(), **wanted)
    (problem,) = verdict(config, instance_types=with_type(**limits)).refusals
    assert problem.code == "InvalidInterface.IpAddressLimitExceeded"
    assert words in str(problem)
    enough = {name: most + 2 for name, most in limits.items()}
    assert verdict(config, instance_types=with_type(**enough)).refusals == ()


@pytest.mark.parametrize(("is_burstable", "count"), [(False, 1), (True, 0), (None, 0)])
def test_credits_of_a_launch_template_are_for_burstable_types(is_burstable: bool | None, count: int) -> None:
    template = LaunchTemplateVersion(
        id="lt-1", name="web", version="4", data={**DATA, "CreditSpecification": {"CpuCredits": "unlimited"}}
    )
    judged = verdict(launching(launch_template=TEMPLATE), template, instance_types=with_type(is_burstable=is_burstable))
    codes = [problem.code for problem in judged.refusals]
    assert codes == ["InstanceCreditSpecification.NotSupported"] * count


def test_a_market_that_a_type_is_not_sold_on_leaves_the_other() -> None:
    judged = verdict(launching(), instance_types=with_type(usage_classes=("on-demand",)))
    assert [candidate.market for candidate in judged.usable] == ["on_demand"]
    (warning,) = judged.warnings
    assert warning.startswith("m6i.large on spot cannot be launched: ")
    assert "is not available as spot capacity" in warning
    assert judged.refusals == ()


def test_one_type_of_two_is_a_warning_that_names_its_candidates() -> None:
    judged = verdict(launching(instance_types=("m6i.xlarg", "m6i.large")))
    assert judged.refusals == ()
    (warning,) = judged.warnings
    assert warning.startswith("m6i.xlarg on spot, m6i.xlarg on demand cannot be launched: ")


def test_an_image_that_ec2_resolves_is_not_looked_up() -> None:
    required = launch_requirements(launching(image_id="resolve:ssm:/images/web"), "subnet-1", ZONE, None)
    assert required.described_image_id is None
    assert judge(required, dataclasses.replace(FOUND, images={})).refusals == ()


def test_a_template_brings_what_the_options_leave_out() -> None:
    template = LaunchTemplateVersion(id="lt-1", name="web", version="4", data=DATA)
    config = launching(launch_template=TEMPLATE, image_id=None, instance_types=(), key_name="mine")
    required = launch_requirements(config, "subnet-1", ZONE, template)
    assert (required.image_id, required.instance_types, required.key_name) == ("ami-1", ("m6i.large",), "mine")
    assert required.iam_instance_profile == DATA["IamInstanceProfile"]["Arn"]
    (problem,) = judge(required, dataclasses.replace(FOUND, images={}, key_names={"mine"})).refusals
    assert str(problem).startswith("launch.launch_template 'lt-1 version 4: ami-1' does not exist")


def test_a_template_that_does_not_exist_is_a_refusal_unless_it_could_not_be_read() -> None:
    config = launching(launch_template=LaunchTemplate(id="lt-1", version="4"))
    (problem,) = verdict(config, templates={LaunchTemplate(id="lt-1", version="4"): None}).refusals
    assert problem.code == "InvalidLaunchTemplateId.NotFound"
    assert verdict(config, templates={}).refusals == ()


def test_some_names_stand_for_many() -> None:
    assert list_names(["a", "b", "c"]) == "a, b, c"
    assert list_names(["a", "b", "c", "d"]) == "a, b, c and 1 more node"
    assert list_names(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more nodes"
