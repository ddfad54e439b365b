# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a call to EC2 asks IAM for: its own action on each resource that it names or makes, and what follows from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from ..calls import Call
from ..world import ACCOUNT_ID
from .documents import Context, Request
from .reference import Kind, kinds_of

KINDS = {
    "ami": "image",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "lt": "launch-template",
    "sg": "security-group",
    "sir": "spot-instances-request",
    "snap": "snapshot",
    "subnet": "subnet",
    "vol": "volume",
}
"""By the prefix of an id."""

ID = re.compile(r"([a-z]+(?:-attach)?)-[0-9a-f]{8,17}")
MADE = {
    "AllocateAddress": ("elastic-ip",),
    "CreateNetworkInterface": ("network-interface",),
    "RunInstances": ("instance", "volume"),
}
"""The kinds that a call makes, whether or not it tags them."""

OF_NOBODY = ("image", "snapshot")
SPOT_ROLE = "role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"
Named = dict[tuple[str, str], None]


class Ec2Requests:
    """The requests of one call."""

    def __init__(self, call: Call, common: Context) -> None:
        self._call, self._common = call, common
        self._backend = ec2_backends[ACCOUNT_ID][call.region]
        self._parameters = {**self._template(), **call.parameters}
        self._kinds = kinds_of("ec2", call.action)

    def all(self) -> Iterator[Request]:
        """In the order in which they are decided."""
        action = f"ec2:{self._call.action}"
        if not self._kinds:
            yield Request(action, "*", self._common)
            return
        for kind, name in self._named():
            context = {**self._tags(kind, name), **self._request_tags(kind), **self._common}
            yield Request(action, self._arn(kind, name), self._kinds[kind].select(context))
        yield from self._tagging()
        if self._call.action == "RunInstances":
            yield from self._launching()

    def names_what_is_not_there(self) -> bool:
        """Then EC2 answers NotFound, and that only."""
        known = {address.allocation_id for address in self._backend.addresses} | set(self._backend.enis)
        ids = (value for value in self._values() if value.startswith(("eni-", "eipalloc-")))
        return any(value not in known for value in ids if ID.fullmatch(value) and "attach" not in value)

    def _template(self) -> dict[str, str]:
        """What the launch template brings along."""
        given = self._call.parameters
        by_id, name = given.get("LaunchTemplate.LaunchTemplateId"), given.get("LaunchTemplate.LaunchTemplateName")
        if not by_id and not name:
            return {}
        backend = ec2_backends[ACCOUNT_ID][self._call.region]
        template = backend.get_launch_template(by_id or backend.launch_template_name_to_ids[name])
        data = template.get_version(given.get("LaunchTemplate.Version", "$Default")).data
        return {**dict(_flat(data)), "LaunchTemplate.LaunchTemplateId": template.id}

    def _values(self) -> Iterable[str]:
        return (str(value) for name, value in self._parameters.items() if not name.startswith(("Filter", "Tag")))

    def _named(self) -> Named:
        """Each resource that the call is authorized on; `*` is the name of what it makes, and of what is required."""
        found: Named = {}
        for value in self._values():
            match = ID.fullmatch(value)
            if match:
                found.update(self._resources(match[1], value))
        for prefix, kind in (("KeyName", "key-pair"), ("Placement.GroupName", "placement-group")):
            if prefix in self._parameters:
                found[kind, self._parameters[prefix]] = None
        found.update(dict.fromkeys((kind, "*") for kind in self._made()))
        there = {kind for kind, _name in found}
        required = ((kind, "*") for kind, known in self._kinds.items() if known.required and kind not in there)
        return {key: None for key in (*found, *required) if key[0] in self._kinds}

    def _resources(self, prefix: str, value: str) -> Iterator[tuple[tuple[str, str], None]]:
        if prefix == "eipassoc":
            for address in self._backend.addresses:
                if address.association_id == value:
                    yield ("elastic-ip", address.allocation_id), None
                    yield ("network-interface", address.eni.id), None
        elif prefix == "eni-attach":
            for interface in self._backend.enis.values():
                if interface.attachment_id == value:
                    yield ("network-interface", interface.id), None
                    yield ("instance", interface.instance.id), None
        elif prefix in KINDS:
            yield (KINDS[prefix], value), None
            if prefix == "eni" and self._call.action == "RunInstances" and value in self._backend.enis:
                interface = self._backend.enis[value]
                yield ("subnet", interface.subnet.id), None
                yield from ((("security-group", group.id), None) for group in interface.group_set)

    def _made(self) -> Iterable[str]:
        spot = self._parameters.get("InstanceMarketOptions.MarketType") == "spot"
        return (*MADE.get(self._call.action, ()), *(("spot-instances-request",) if spot else ()))

    def _tags(self, kind: str, name: str) -> Context:
        tags = self._backend.tags.get(name, {}) if name != "*" else {}
        return {
            f"{prefix}:resourcetag/{key}".lower(): [value] for prefix in ("aws", "ec2") for key, value in tags.items()
        }

    def _request_tags(self, kind: str) -> Context:
        """The tags of the call: those for resources of the kind, or, of a call that only tags, all."""
        specified = self._specified().get(kind)
        tags = _tags_in(self._parameters, "Tag.") if specified is None else specified
        if not tags:
            return {}
        valued = {f"aws:requesttag/{key}".lower(): [value] for key, value in tags.items() if value is not None}
        return {**valued, "aws:tagkeys": list(tags)}

    def _specified(self) -> dict[str, dict[str, str | None]]:
        """The tags by kind; those of a launch template are asked for like the call's own, which come after them.

        Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
        """
        found: dict[str, dict[str, str | None]] = {}
        for name, kind in self._parameters.items():
            match = re.fullmatch(r"(TagSpecifications?\.\d+\.)ResourceType", name)
            if match:
                found[kind] = _tags_in(self._parameters, f"{match[1]}Tag")
        return found

    def _tagging(self) -> Iterator[Request]:
        """Tags in a call that makes something are authorized as CreateTags, too."""
        for kind in self._specified():
            context = {**self._request_tags(kind), "ec2:createaction": [self._call.action], **self._common}
            yield Request("ec2:CreateTags", self._arn(kind, "*"), _known("ec2", "CreateTags", kind).select(context))

    def _launching(self) -> Iterator[Request]:
        profile = self._parameters.get("IamInstanceProfile.Name") or self._parameters.get("IamInstanceProfile.Arn")
        if profile:
            context = {**self._common, "iam:passedtoservice": ["ec2.amazonaws.com"]}
            yield from (Request("iam:PassRole", arn, context) for arn in _roles_of(profile.rpartition("/")[2]))
        # Whether a dry run looks at the service-linked role is not documented.
        if "spot-instances-request" in self._made() and not self._call.is_dry_run and not _has_spot_role():
            context = {**self._common, "iam:awsservicename": ["spot.amazonaws.com"]}
            yield Request("iam:CreateServiceLinkedRole", f"arn:aws:iam::{ACCOUNT_ID}:{SPOT_ROLE}", context)

    def _arn(self, kind: str, name: str) -> str:
        account = "" if kind in OF_NOBODY else ACCOUNT_ID
        return f"arn:aws:ec2:{self._call.region}:{account}:{kind}/{name}"


def _known(service: str, action: str, kind: str) -> Kind:
    return kinds_of(service, action)[kind]


def _tags_in(parameters: Mapping[str, Any], prefix: str) -> dict[str, str | None]:
    return {
        key: parameters.get(name.removesuffix("Key") + "Value")
        for name, key in parameters.items()
        if name.startswith(prefix) and name.endswith(".Key")
    }


def _flat(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict | list):
        items = data.items() if isinstance(data, dict) else enumerate(data, 1)
        for key, value in items:
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, data if isinstance(data, str) else json.dumps(data, default=str)


def _roles_of(profile: str) -> list[str]:
    profiles = iam_backends[ACCOUNT_ID]["aws"].instance_profiles.values()
    found = [role.arn for each in profiles if each.name == profile for role in each.roles]
    return found or [f"arn:aws:iam::{ACCOUNT_ID}:role/{profile}"]


def _has_spot_role() -> bool:
    roles = iam_backends[ACCOUNT_ID]["aws"].roles.values()
    return any(role.name == SPOT_ROLE.rpartition("/")[2] for role in roles)
