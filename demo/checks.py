# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EC2 itself says of the nodes, and whether it is what they promise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

NAME_TAG = "stateful_node:name"


class CheckFailed(Exception):
    """A node did not keep what it promises."""


class Sight(NamedTuple):
    """A node as seen from its network interface."""

    private_ip: str
    public_ip: str | None
    instance_id: str | None


def look(ec2: Any) -> dict[str, Sight]:
    reply = ec2.describe_network_interfaces(Filters=[{"Name": "tag-key", "Values": [NAME_TAG]}])
    return dict(_sight(interface) for interface in reply["NetworkInterfaces"])


def _sight(interface: dict[str, Any]) -> tuple[str, Sight]:
    name = next(tag["Value"] for tag in interface["TagSet"] if tag["Key"] == NAME_TAG)
    public_ip = interface.get("Association", {}).get("PublicIp")
    return name, Sight(interface["PrivateIpAddress"], public_ip, interface.get("Attachment", {}).get("InstanceId"))


def check(
    nodes: list[dict[str, Any]], before: dict[str, Sight], now: dict[str, Sight], *, paused: bool
) -> dict[str, Sight]:
    """Returns what to compare the next step with: an instance that is gone is still not to come back."""
    names = [node["name"] for node in nodes]
    if sorted(names) != sorted(now) or (before and sorted(before) != sorted(now)):
        raise CheckFailed(f"the nodes are {names}, the interfaces those of {sorted(now)}")
    problems = [
        problem
        for node in nodes
        for problem in _problems(node, before.get(node["name"]), now[node["name"]], paused=paused)
    ]
    if problems:
        raise CheckFailed("\n".join(problems))
    return {name: Sight(*seen[:2], seen.instance_id or before[name].instance_id) for name, seen in now.items()}


def _problems(node: dict[str, Any], before: Sight | None, now: Sight, *, paused: bool) -> Iterable[str]:
    name, said = node["name"], Sight(node["private_ip_address"], node["public_ip"], node["instance_id"])
    if said != now:
        yield f"{name}: the playbook says {said}, EC2 says {now}"
    wanted = node["config"].get("private_ip_address")
    if wanted and wanted != now.private_ip:
        yield f"{name}: {wanted} was asked for, {now.private_ip} it has"
    if bool(node["config"].get("elastic_ip")) != bool(now.public_ip):
        yield f"{name}: an Elastic IP where none was asked for, or none where one was"
    if before and (before.private_ip, before.public_ip) != (now.private_ip, now.public_ip):
        yield f"{name}: its addresses changed from {before[:2]} to {now[:2]}"
    if bool(now.instance_id) == paused:
        yield f"{name}: {'still' if paused else 'not'} on an instance"
    if before and now.instance_id == before.instance_id:
        yield f"{name}: still on the instance {now.instance_id}"
