# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What creating calls must keep to, seen in the calls themselves and in what an account is left with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, get_args

from ansible_collections.stateful_node.aws.plugins.module_utils._core import tokens
from ansible_collections.stateful_node.aws.plugins.module_utils._core.config import Candidate, Market
from ansible_collections.stateful_node.aws.plugins.module_utils._core.record import Record

from .invariants import LIVE, has_record, record_of
from .scenarios import World

TABLE, NAME_TAG = "stateful-nodes", "stateful_node:name"
NUMBERS = range(1, 20)
"""Generations and incarnations that a schedule may come to."""


def wrong_tokens(world: World, name: str) -> Iterator[str]:
    """List the creating calls whose token is not one that the node's record alone leads to.

    A second run, on another machine and with nothing but the record, must come to the same token.
    """
    if not has_record(world, name):
        return
    derivable = set(_tokens(record_of(world, name)))
    for call in world.emulator.calls(mutating=True, service="ec2"):
        token = call["parameters"].get("ClientToken")
        if token and call["node"] == name and token not in derivable:
            yield f"I2 {call['action']} has a token that no other run would come to"


def _tokens(record: Record) -> Iterator[str]:
    kinds = product(record.config.launch.instance_types, get_args(Market))
    candidates = [Candidate(instance_type=kind, market=market) for kind, market in kinds]
    for number in NUMBERS:
        yield tokens.client_token(TABLE, record, "CreateNetworkInterface", number)
        for candidate in candidates:
            yield tokens.client_token(TABLE, record, "RunInstances", number, candidate)


def strays(world: World) -> Iterator[str]:
    """List what exists in the account and carries no node's name: the sweep's worlds hold nothing but nodes."""
    ec2 = world.emulator.client("ec2")
    instances = [item for found in ec2.describe_instances()["Reservations"] for item in found["Instances"]]
    live = [instance for instance in instances if instance["State"]["Name"] in LIVE]
    yield from _nameless("NetworkInterfaceId", ec2.describe_network_interfaces()["NetworkInterfaces"], "TagSet")
    yield from _nameless("AllocationId", ec2.describe_addresses()["Addresses"])
    yield from _nameless("InstanceId", live)


def _nameless(key: str, found: Iterable[dict[str, Any]], tags: str = "Tags") -> Iterator[str]:
    for item in found:
        if NAME_TAG not in {tag["Key"] for tag in item.get(tags, [])}:
            yield f"I3 {item[key]} exists and is nobody's"
