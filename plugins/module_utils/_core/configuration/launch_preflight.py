# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a launch can succeed, checked before it is needed: before the running instance is terminated.

Pure functions over what was looked up. What could not be looked up is not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..model.config import Candidate, Config, candidates
from .launch_findings import Image, InstanceType, LaunchFindings, LaunchRequirements, Verdict
from .lookups import LaunchTemplateVersion
from .problems import Problem, Problems

USAGE_CLASSES = {"spot": "spot", "on_demand": "on-demand"}
"""What DescribeInstanceTypes calls the markets."""


def launch_requirements(
    config: Config, subnet_id: str, availability_zone: str, template: LaunchTemplateVersion | None
) -> LaunchRequirements:
    """List what a launch names. `template` is the version that the configuration names, None when it is not known."""
    launch = config.launch
    brought = _brought(template.data if template else {})
    own: dict[str, Any] = {name: getattr(launch, name) for name in brought}
    values = {name: value or brought[name] for name, value in own.items()}
    return LaunchRequirements(
        subnet_id=subnet_id,
        availability_zone=availability_zone,
        launch_template=launch.launch_template,
        image_id=values["image_id"],
        key_name=values["key_name"],
        iam_instance_profile=values["iam_instance_profile"],
        candidates=_candidates(config, values["instance_types"]),
        ipv4_addresses=1 + _secondary_addresses(config),
        ipv6_addresses=config.ipv6_address_count,
        names_credits=bool(launch.credit_specification or (template and template.data.get("CreditSpecification"))),
        from_template=frozenset(name for name, value in brought.items() if value and not own[name]),
    )


def _secondary_addresses(config: Config) -> int:
    return max(len(config.secondary_private_ip_addresses), config.secondary_private_ip_address_count)


def _brought(data: Mapping[str, Any]) -> dict[str, Any]:
    """Take from LaunchTemplateData what the options of the same purpose replace."""
    profile = data.get("IamInstanceProfile") or {}
    own_type = data.get("InstanceType")
    return {
        "image_id": data.get("ImageId"),
        "key_name": data.get("KeyName"),
        "iam_instance_profile": profile.get("Arn") or profile.get("Name"),
        "instance_types": (own_type,) if own_type else (),
    }


def _candidates(config: Config, types: tuple[str, ...]) -> tuple[Candidate, ...]:
    listed = candidates(config.launch)
    if config.launch.instance_types or not types:
        return listed
    # The template has one type: the candidates differ by their market only.
    return tuple(Candidate(instance_type=types[0], market=candidate.market) for candidate in listed)


def judge(required: LaunchRequirements, found: LaunchFindings) -> Verdict:
    """Say which candidates can be launched, and what is wrong with the others or with all of them."""
    problems = tuple(problem for rule in LAUNCH_RULES for problem in rule(required, found))
    judged = tuple((candidate, _first_problem(candidate, required, found)) for candidate in required.candidates)
    return Verdict(
        problems=problems,
        usable=tuple(candidate for candidate, problem in judged if problem is None),
        unusable=tuple((candidate, problem) for candidate, problem in judged if problem is not None),
    )


def _first_problem(candidate: Candidate, required: LaunchRequirements, found: LaunchFindings) -> Problem | None:
    problems = (problem for rule in CANDIDATE_RULES for problem in rule(candidate, required, found))
    return next(problems, None)


def check_template(required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The launch template still has the version that was stored."""
    template = required.launch_template
    if template and found.templates.get(template, template) is None:
        yield _problem(
            "InvalidLaunchTemplateId.NotFound",
            "launch.launch_template",
            template.id,
            f"with version {template.version} does not exist in {found.region} any more",
        )


def check_image(required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The image exists and is available."""
    image_id = required.described_image_id
    if not image_id or found.images is None:
        return
    image = found.images.get(image_id)
    option = required.option("image_id")
    value = required.value("image_id", image_id)
    if image is None:
        wrong = f"does not exist in {found.region}, or is not shared with this account"
        yield _problem("InvalidAMIID.NotFound", option, value, wrong)
    elif image.state != "available":
        yield _problem("InvalidAMIID.Unavailable", option, value, f"is not available: its state is {image.state}")


def check_key_pair(required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The key pair exists."""
    name = required.key_name
    if name and found.key_names is not None and name not in found.key_names:
        yield _problem(
            "InvalidKeyPair.NotFound",
            required.option("key_name"),
            required.value("key_name", name),
            f"is not the name of a key pair in {found.region}",
        )


def check_profile(required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The instance profile exists."""
    profile = required.iam_instance_profile
    if profile and not found.profiles.get(profile, True):
        yield _problem(
            "InvalidParameterValue",
            required.option("iam_instance_profile"),
            required.value("iam_instance_profile", profile),
            "is not an instance profile of this account",
        )


def check_type(candidate: Candidate, required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The instance type exists."""
    name = candidate.instance_type
    if name and found.instance_types is not None and name not in found.instance_types:
        wrong = f"is not an instance type of {found.region}"
        yield _type_problem("InvalidParameterValue", name, required, wrong)


def check_offer(candidate: Candidate, required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The zone offers the instance type."""
    zone = required.availability_zone
    name = candidate.instance_type
    if name and zone in found.offered and name not in found.offered[zone]:
        yield _type_problem("Unsupported", name, required, f"is not offered in {zone}")


def check_market(candidate: Candidate, required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The instance type is sold on the candidate's market."""
    name, supported = _supported(candidate, found)
    usage_class = USAGE_CLASSES[candidate.market]
    if supported.usage_classes and usage_class not in supported.usage_classes:
        yield _type_problem("InvalidParameterValue", name, required, f"is not available as {usage_class} capacity")


def check_architecture(candidate: Candidate, required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The instance type runs the image's architecture."""
    name, supported = _supported(candidate, found)
    architecture = _image(required, found).architecture
    if architecture and supported.architectures and architecture not in supported.architectures:
        wrong = (
            f"has the architecture {', '.join(supported.architectures)}, and image {required.image_id} is "
            f"for {architecture}"
        )
        yield _type_problem("InvalidParameterValue", name, required, wrong)


def check_boot_mode(candidate: Candidate, required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The instance type boots as the image needs it; `uefi-preferred` boots either way.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html
    """
    name, supported = _supported(candidate, found)
    boot_mode = _image(required, found).boot_mode
    if boot_mode in ("uefi", "legacy-bios") and supported.boot_modes and boot_mode not in supported.boot_modes:
        wrong = f"boots by {', '.join(supported.boot_modes)}, and image {required.image_id} only by {boot_mode}"
        yield _type_problem("UnsupportedOperation", name, required, wrong)


def check_addresses(candidate: Candidate, required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The instance type takes as many addresses on one interface as the node has.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html
    """
    name, supported = _supported(candidate, found)
    limits = (
        ("private IPv4", required.ipv4_addresses, supported.ipv4_addresses),
        ("IPv6", required.ipv6_addresses, supported.ipv6_addresses),
    )
    for kind, wanted, most in limits:
        if most is not None and wanted > most:
            wrong = f"takes {most} {kind} addresses on one interface, and the node has {wanted}"
            yield _type_problem("InvalidInterface.IpAddressLimitExceeded", name, required, wrong)


def check_credits(candidate: Candidate, required: LaunchRequirements, found: LaunchFindings) -> Problems:
    """The instance type has CPU credits where the launch says how they are spent.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreditSpecificationRequest.html
    """
    name, supported = _supported(candidate, found)
    if required.names_credits and supported.is_burstable is False:
        wrong = "has no CPU credits, and the launch says how they are spent (credit_specification)"
        yield _type_problem("InstanceCreditSpecification.NotSupported", name, required, wrong)


def _supported(candidate: Candidate, found: LaunchFindings) -> tuple[str, InstanceType]:
    name = candidate.instance_type or ""
    return name, (found.instance_types or {}).get(name, InstanceType())


def _image(required: LaunchRequirements, found: LaunchFindings) -> Image:
    return (found.images or {}).get(required.image_id or "", Image())


def _type_problem(code: str, name: str, required: LaunchRequirements, wrong: str) -> Problem:
    return _problem(code, required.option("instance_types"), required.value("instance_types", name), wrong)


def _problem(code: str, option: str, value: str, wrong: str) -> Problem:
    return Problem(
        code=code,
        option=option,
        value=value,
        wrong=f"{wrong} ({code})",
        way_out=f"Correct {option} with stateful_node_config",
    )


LAUNCH_RULES = (check_template, check_image, check_key_pair, check_profile)
CANDIDATE_RULES = (
    check_type,
    check_offer,
    check_market,
    check_architecture,
    check_boot_mode,
    check_addresses,
    check_credits,
)


def list_names(names: Collection[str]) -> str:
    """Name some of many nodes: `a, b, c and 97 more nodes`."""
    listed = list(names)
    shown = ", ".join(listed[:SHOWN_NAMES])
    more = len(listed) - SHOWN_NAMES
    return f"{shown} and {more} more node{'s' if more > 1 else ''}" if more > 0 else shown


SHOWN_NAMES = 3
"""How many nodes a warning names that concerns many."""
