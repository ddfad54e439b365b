# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameters of the calls that create something, in EC2's own shape: what an intent stores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..._core.actions.wanted_addresses import wanted_private_ip_address
from ..._core.declaration.option import Option, options_of
from ..._core.model import tags
from ..._core.model.config import BLOCK_DEVICE_MAPPING, Candidate, Launch
from ..._core.model.identity import Identity, RecordedInterface
from ..._core.model.record import Record
from ..._core.resources.config_tag import config_tag
from .client_tokens import client_token
from .descriptions import from_tags
from .template_merge import merge_with_template

LEFT_OUT = ("ClientToken", "UserData", "UserDataBase64")
"""What a dry run is not given."""


def next_interface_parameters(table: str, record: Record, incarnation: int) -> dict[str, Any]:
    """Compose CreateNetworkInterface for a change of address: nothing of what the node has is asked for again."""
    return network_interface_parameters(
        table, replace(record, identity=Identity()), incarnation, **{tags.ROLE: tags.NEXT}
    )


def network_interface_parameters(table: str, record: Record, incarnation: int, **own_tags: str) -> dict[str, Any]:
    """Compose CreateNetworkInterface: an interface made anew gets the addresses of the one that was lost."""
    identity, wanted = record.identity, record.wanted
    own = {tags.CONFIG: config_tag(wanted), **own_tags}
    parameters = {
        "ClientToken": client_token(table, record, "CreateNetworkInterface", incarnation),
        "SubnetId": identity.subnet_id or wanted.subnet_id,
        "Description": f"{record.name}: stateful node of table {table}",
        "Groups": list(wanted.security_groups),
        "TagSpecifications": _tag_specifications({"network-interface": tags.wanted_tags(table, record, **own)}),
        **_private_ip_parameters(record),
        **_ipv6_parameters(record),
    }
    return {name: value for name, value in parameters.items() if value not in (None, [], 0)}


def _private_ip_parameters(record: Record) -> dict[str, Any]:
    wanted, primary = record.wanted, wanted_private_ip_address(record)
    count = wanted.secondary_private_ip_address_count
    secondary = wanted.secondary_private_ip_addresses or record.identity.private_ip_addresses[1:][:count]
    if not secondary or not primary:
        return {"PrivateIpAddress": primary, "SecondaryPrivateIpAddressCount": count}
    addresses = [{"PrivateIpAddress": address, "Primary": address == primary} for address in (primary, *secondary)]
    return {"PrivateIpAddresses": addresses}


def _ipv6_parameters(record: Record) -> dict[str, Any]:
    count = record.wanted.ipv6_address_count
    if kept := record.identity.ipv6_addresses[:count]:
        return {"Ipv6Addresses": [{"Ipv6Address": address} for address in kept]}
    return {"Ipv6AddressCount": count}


def run_instances_parameters(table: str, record: Record, generation: int, candidate: Candidate) -> dict[str, Any]:
    """Compose RunInstances with the node's interface at device 0.

    What belongs to the interface (groups, subnet, addresses) must not be given with it, and the zone must, since a
    launch by interface alone has a regional token
    (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html).
    """
    interface = {"NetworkInterfaceId": record.identity.network_interface_id, "DeviceIndex": 0}
    tagged = _instance_tags(table, record, generation, candidate)
    return _run_instances(table, record, generation, candidate, interface=interface, tagged=tagged)


def run_instances_apart_parameters(table: str, record: Record, generation: int, candidate: Candidate) -> dict[str, Any]:
    """Compose RunInstances with a disposable interface at device 0: the node's own is attached once it runs.

    Whether that one gets a public address is the subnet's to say, unless the node is to have none.
    """
    wanted, identity = record.wanted, record.identity
    interface = {
        "DeviceIndex": 0,
        "SubnetId": identity.subnet_id or wanted.subnet_id,
        "Groups": list(wanted.security_groups),
        "Description": f"{record.name}: device 0 of an instance of a stateful node of table {table}",
        "DeleteOnTermination": True,
        **({"AssociatePublicIpAddress": False} if wanted.public_ip_assignment == "disabled" else {}),
    }
    own = {tags.GENERATION: str(generation), tags.ROLE: tags.DISPOSABLE}
    disposable = {"network-interface": tags.wanted_tags(table, record, **own)}
    tagged = [*_instance_tags(table, record, generation, candidate), *_tag_specifications(disposable)]
    return _run_instances(table, record, generation, candidate, interface=interface, tagged=tagged)


def dry_run_parameters(table: str, record: Record, candidate: Candidate, place: tuple[str, str]) -> dict[str, Any]:
    """Compose RunInstances to be asked with DryRun: with a new interface, since the node's own may be in use.

    `place` is the subnet and its zone. The token is left out, so that it is not used up, and so is the user data, which
    no permission depends on.
    """
    subnet_id, zone = place
    placed = RecordedInterface(network_interface_id="", subnet_id=subnet_id, availability_zone=zone)
    there = replace(record, identity=replace(record.identity, interface=placed))
    generation = record.identity.generation + 1
    if record.wanted.handover == "prelaunch":
        parameters = run_instances_apart_parameters(table, there, generation, candidate)
    else:
        interface = {"DeviceIndex": 0, "SubnetId": subnet_id, "Groups": list(record.wanted.security_groups)}
        tagged = _instance_tags(table, there, generation, candidate)
        parameters = _run_instances(table, there, generation, candidate, interface=interface, tagged=tagged)
    return {name: value for name, value in parameters.items() if name not in LEFT_OUT}


def _run_instances(  # noqa: PLR0913 - each is a part of the call
    table: str,
    record: Record,
    generation: int,
    candidate: Candidate,
    *,
    interface: dict[str, Any],
    tagged: list[dict[str, Any]],
) -> dict[str, Any]:
    launch = record.wanted.launch
    parameters = {
        **_declared_parameters(options_of(Launch), _values_of(launch)),
        "ClientToken": client_token(table, record, "RunInstances", generation, candidate),
        "NetworkInterfaces": [interface],
        "InstanceType": candidate.instance_type,
        "InstanceMarketOptions": _market_options(launch, candidate),
        "TagSpecifications": tagged,
        "LaunchTemplate": _launch_template(launch),
        "BlockDeviceMappings": [_block_device_mapping(mapping) for mapping in launch.block_device_mappings],
    }
    _put(parameters, "Placement.AvailabilityZone", record.identity.availability_zone)
    template = launch.launch_template.data if launch.launch_template else {}
    return _present(merge_with_template(parameters, template))


def _declared_parameters(declared: Mapping[str, Option], values: Mapping[str, Any]) -> dict[str, Any]:
    """Compose what the options say, each at the path that it declares: `Placement.Tenancy` inside `Placement`."""
    parameters: dict[str, Any] = {}
    for name, option in declared.items():
        value = values.get(name)
        if option.ec2 and value is not None:
            content = _declared_parameters(option.suboptions, value) if option.suboptions else value
            _put(parameters, _path(option, value), content)
    return _present(parameters)


def _path(option: Option, value: Any) -> str:
    for pattern, path in option.ec2_for.items():
        if re.fullmatch(pattern, value):
            return path
    return option.ec2


def _put(parameters: dict[str, Any], path: str, value: Any) -> None:
    *structures, name = path.split(".")
    for structure in structures:
        parameters = parameters.setdefault(structure, {})
    parameters[name] = value


def _values_of(launch: Launch) -> dict[str, Any]:
    return {name: getattr(launch, name) for name in options_of(Launch)}


def _launch_template(launch: Launch) -> dict[str, str] | None:
    template = launch.launch_template
    return {"LaunchTemplateId": template.id, "Version": template.version} if template else None


def _block_device_mapping(mapping: dict[str, Any]) -> dict[str, Any]:
    declared = _declared_parameters(BLOCK_DEVICE_MAPPING, mapping)
    # An empty NoDevice is what leaves a device of the image out.
    return {**declared, **({"NoDevice": mapping["no_device"]} if "no_device" in mapping else {})}


def _market_options(launch: Launch, candidate: Candidate) -> dict[str, Any] | None:
    if candidate.market != "spot":
        return None
    options = {
        "SpotInstanceType": "one-time",
        "InstanceInterruptionBehavior": "terminate",
        "MaxPrice": launch.spot_max_price,
    }
    return {"MarketType": "spot", "SpotOptions": _present(options)}


def _instance_tags(table: str, record: Record, generation: int, candidate: Candidate) -> list[dict[str, Any]]:
    own = tags.wanted_tags(table, record, **{tags.GENERATION: str(generation)})
    resources = ["instance", "volume", *(["spot-instances-request"] if candidate.market == "spot" else [])]
    return _tag_specifications(dict.fromkeys(resources, own))


def allocate_address_parameters(table: str, record: Record, token: str) -> dict[str, Any]:
    """Compose AllocateAddress; a tag that is unique to the intent stands in for the token that the call lacks."""
    own = tags.wanted_tags(table, record, **{tags.INTENT: token})
    parameters = {"Domain": "vpc", "TagSpecifications": _tag_specifications({"elastic-ip": own})}
    if record.subnet.network_border_group:
        # "IP addresses cannot move between network border groups":
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html
        parameters["NetworkBorderGroup"] = record.subnet.network_border_group
    if pool := record.wanted.elastic_ip_pool:
        name = "IpamPoolId" if pool.startswith("ipam-pool-") else "PublicIpv4Pool"
        parameters[name] = pool
    return parameters


def _tag_specifications(tags_of: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": from_tags(content)} for kind, content in tags_of.items()]


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _present(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if value not in (None, [], {}, "")
    }
