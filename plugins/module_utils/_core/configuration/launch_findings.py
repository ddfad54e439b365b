# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""What a launch names, what EC2 and IAM say of it, and the verdict: the data of the check before a launch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..model.config import Candidate, LaunchTemplate
from .candidates import wording
from .lookups import LaunchTemplateVersion
from .problems import Problem

RESOLVED_BY_EC2 = "resolve:"
"""How an image id begins that RunInstances looks up itself, in a parameter of Systems Manager.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-systems-manager-parameter-to-find-AMI.html
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An image as DescribeImages shows it; None where EC2 says nothing."""

    state: str = "available"
    architecture: str | None = None
    boot_mode: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceType:
    """What an instance type supports, in the terms of DescribeInstanceTypes; empty where EC2 says nothing."""

    architectures: tuple[str, ...] = ()
    boot_modes: tuple[str, ...] = ()
    usage_classes: tuple[str, ...] = ()
    ipv4_addresses: int | None = None
    """How many private IPv4 addresses one interface may have, the primary one included."""

    ipv6_addresses: int | None = None
    """How many IPv6 addresses one interface may have."""

    is_burstable: bool | None = None
    """Whether the type has CPU credits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchRequirements:
    """What a launch names, from the node's options and, where they leave it out, from its launch template.

    `candidates` name their instance types, unless the template is not known. `from_template` holds the names of the
    fields that the template brings.
    """

    subnet_id: str
    availability_zone: str
    launch_template: LaunchTemplate | None = None
    image_id: str | None = None
    key_name: str | None = None
    iam_instance_profile: str | None = None
    candidates: tuple[Candidate, ...] = ()
    ipv4_addresses: int = 1
    """How many private IPv4 addresses the node's interface has or gets, the primary one included."""

    ipv6_addresses: int = 0
    names_credits: bool = False
    """Whether the launch says how CPU credits are spent, which EC2 takes for burstable types only."""

    from_template: frozenset[str] = frozenset()

    def option(self, name: str) -> str:
        """Name the option that brings a value: the launch template where the node's own option is left out."""
        return "launch.launch_template" if name in self.from_template else f"launch.{name}"

    def value(self, name: str, value: str) -> str:
        """Show a value, and the field of the launch template where it comes from there."""
        template = self.launch_template
        if template is None or name not in self.from_template:
            return value
        return f"{template.id} version {template.version}: {value}"

    @property
    def instance_types(self) -> tuple[str, ...]:
        """The instance types of the candidates, each once."""
        return tuple(sorted({item.instance_type for item in self.candidates if item.instance_type}))

    @property
    def described_image_id(self) -> str | None:
        """The image, unless its id is one that only EC2 can resolve."""
        return None if (self.image_id or "").startswith(RESOLVED_BY_EC2) else self.image_id


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchFindings:
    """What EC2 and IAM said of everything that launches name. None, or no key: it could not be looked up.

    A `template` that maps to None does not exist, nor does an image, a key pair, a profile or an instance type that is
    not in its collection. `offered` has the instance types that each zone offers.
    """

    region: str
    templates: Mapping[LaunchTemplate, LaunchTemplateVersion | None] = field(default_factory=dict)
    images: Mapping[str, Image] | None = None
    key_names: Collection[str] | None = None
    profiles: Mapping[str, bool] = field(default_factory=dict)
    instance_types: Mapping[str, InstanceType] | None = None
    offered: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What is wrong with a launch: `problems` concern every candidate, `unusable` are candidates with their problem."""

    problems: tuple[Problem, ...] = ()
    usable: tuple[Candidate, ...] = ()
    unusable: tuple[tuple[Candidate, Problem], ...] = ()

    @property
    def refusals(self) -> tuple[Problem, ...]:
        """The reasons why no launch can succeed; empty when one may."""
        if self.usable:
            return self.problems
        return (*self.problems, *dict.fromkeys(problem for _candidate, problem in self.unusable))

    @property
    def warnings(self) -> tuple[str, ...]:
        """The candidates that cannot be launched while others can."""
        if not self.usable:
            return ()
        by_problem: dict[Problem, list[str]] = {}
        for candidate, problem in self.unusable:
            by_problem.setdefault(problem, []).append(wording(candidate))
        return tuple(f"{', '.join(named)} cannot be launched: {problem}" for problem, named in by_problem.items())
