# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of stateful_node_config merged into a node's configuration, and a configuration as results show it.

Merging leaves references as the user wrote them: a security group or a launch template may still be a name, the
Elastic IP a public address, the template's version `$Latest` or `$Default`. `resolve` puts ids in their places.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..declaration.option import Option, options_of
from ..model.config import Config, Launch, LaunchTemplate
from ..model.node_error import NodeError
from .lookups import Facts, SecurityGroup

DEFAULT_VERSION = "$Default"
DEFAULT_GROUP = "default"
SECURITY_GROUP_ID = re.compile(r"sg-[0-9a-f]+")
LAUNCH_TEMPLATE_ID = re.compile(r"lt-[0-9a-f]+")
ALLOCATION_ID = re.compile(r"eipalloc-[0-9a-f]+")
POOL_ID = re.compile(r"(ipv4pool-ec2|ipam-pool)-[0-9a-f]+")

MERGED_STRUCTURES = ("CpuOptions", "MetadataOptions", "Placement", "TagSpecifications")
"""What a launch template and the node's own options may both say in part.

Whether EC2 merges such a structure with the template's is not documented; a parameter that is specified overwrites the
template's: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html (LaunchTemplate)
"""

Options = Mapping[str, Any]


def _text(value: object) -> str | None:
    return str(value).strip() or None


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(text for value in values if (text := _text(value)))


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, (list, tuple)) else value


def _dictionaries(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(_without_none(values))


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": int,
    "bool": bool,
    "list": _texts,
    "dict": _without_none,
}
"""How a value is stored, by the type of its option. A list of dictionaries is not among them."""


def merge_options(name: str, stored: Config | None, options: Options) -> Config:
    """Merge module options into the stored configuration (None: the node is new, defaults apply).

    An option that is None or missing keeps its stored value; `''`, `[]`, `['']` and `{}` clear, `0` clears a count.
    `launch` merges per key. `tags` replaces all tags unless `purge_tags` is false.
    Raises NodeError when a new node has no `subnet_id`, or a template's version comes without a template.
    """
    given = _converted(options_of(Config), options)
    if not given.get("subnet_id", stored and stored.subnet_id):
        raise NodeError("MissingOption", f"{name}: subnet_id is missing or empty. Say which subnet the node lives in.")
    if "launch" in given:
        given["launch"] = _merge_launch(name, stored.launch if stored else Launch(), options["launch"])
    if "tags" in given:
        given["tags"] = _merge_tags(stored.tags if stored else {}, options)
    return dataclasses.replace(stored, **given) if stored else Config(**given)


def _converted(declared: Mapping[str, Option], options: Options) -> dict[str, Any]:
    given = ((name, option) for name, option in declared.items() if options.get(name) is not None)
    return {name: _convert(option, options[name]) for name, option in given}


def _convert(option: Option, value: Any) -> Any:
    if option.zero_clears and value == 0:
        return None
    if option.verbatim:
        return str(value) or None
    if option.type == "list" and option.suboptions:
        return _dictionaries(value)
    return _CONVERSIONS[option.type](value)


def _merge_launch(name: str, stored: Launch, options: Options) -> Launch:
    given = _converted(options_of(Launch), options)
    _merge_user_data(given)
    if "launch_template" in given:
        given["launch_template"] = _merge_launch_template(name, stored.launch_template, given["launch_template"])
    return dataclasses.replace(stored, **given)


def _merge_user_data(given: dict[str, Any]) -> None:
    """Let one form of user data take the place of the other. Base64 may come in lines."""
    encoded = given.get("user_data_base64")
    if encoded:
        given["user_data_base64"] = "".join(encoded.split())
        given["user_data"] = None
    elif given.get("user_data"):
        given["user_data_base64"] = None


def _merge_launch_template(name: str, stored: LaunchTemplate | None, options: Options) -> LaunchTemplate | None:
    reference = _text(options.get("id") or options.get("name") or "")
    version = _text(options.get("version") or "")
    if reference:
        return LaunchTemplate(id=reference, version=version or DEFAULT_VERSION)
    if not version:
        return None
    if not stored:
        raise NodeError(
            "MissingOption",
            f"{name}: launch.launch_template.version '{version}' is given, but the node has no launch template. "
            "Give launch.launch_template.id or launch.launch_template.name with it.",
        )
    return dataclasses.replace(stored, version=version, data={})


def _merge_tags(stored: Mapping[str, str], options: Options) -> dict[str, str]:
    kept = stored if options.get("purge_tags") is False else {}
    given = {str(key): "" if value is None else str(value) for key, value in options["tags"].items()}
    return {**kept, **given}


def resolve(config: Config, facts: Facts) -> Config:
    """Put ids in the place of names and public addresses, and a number in the place of `$Latest` and `$Default`.

    What EC2 does not have stays as it is: validation says so.
    """
    launch = dataclasses.replace(config.launch, launch_template=_resolve_launch_template(config.launch, facts))
    return dataclasses.replace(
        config,
        elastic_ip=facts.address.allocation_id if facts.address else config.elastic_ip,
        security_groups=_resolve_security_groups(config.security_groups, facts),
        launch=launch,
    )


def _resolve_launch_template(launch: Launch, facts: Facts) -> LaunchTemplate | None:
    found = facts.launch_template
    if not found:
        return launch.launch_template
    data = {name: found.data[name] for name in MERGED_STRUCTURES if found.data.get(name)}
    return LaunchTemplate(id=found.id, version=found.version, data=data)


def _resolve_security_groups(groups: Sequence[str], facts: Facts) -> tuple[str, ...]:
    """Name the groups by their ids; no group is the VPC's default one, which EC2 would take by itself."""
    ids = {group.group_name: group.group_id for group in groups_of_vpc(facts)}
    # A group given by id and by name is one group.
    return tuple(dict.fromkeys(ids.get(group, group) for group in groups or [DEFAULT_GROUP]))


def groups_of_vpc(facts: Facts) -> tuple[SecurityGroup, ...]:
    """List those of the security groups found that belong to the subnet's VPC."""
    vpc_id = facts.subnet.vpc_id if facts.subnet else None
    return tuple(group for group in facts.security_groups if group.vpc_id == vpc_id)


def public_config(config: Config) -> dict[str, Any]:
    """Show a configuration as plain data, every option present, user data only as its SHA-256 in hex."""
    shown: dict[str, Any] = _plain(dataclasses.asdict(config))
    if shown["launch"]["launch_template"]:
        del shown["launch"]["launch_template"]["data"]
    for secret in ("user_data", "user_data_base64"):
        del shown["launch"][secret]
    user_data = config.launch.raw_user_data
    shown["launch"]["user_data_sha256"] = hashlib.sha256(user_data).hexdigest() if user_data else None
    return shown


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def config_diff(before: Config | None, after: Config | None) -> dict[str, dict[str, Any]]:
    """List what differs: option (`launch.image_id` for one of launch) to `{"before": ..., "after": ...}`.

    A configuration that does not exist has None for each option.
    """
    old, new = _flat(before), _flat(after)
    return {
        option: {"before": old.get(option), "after": new.get(option)}
        for option in new or old
        if old.get(option) != new.get(option)
    }


def _flat(config: Config | None) -> dict[str, Any]:
    if config is None:
        return {}
    shown = public_config(config)
    launch = shown.pop("launch")
    return {**shown, **{f"launch.{option}": value for option, value in launch.items()}}
