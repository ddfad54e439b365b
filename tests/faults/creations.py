# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What creating calls must keep to, seen in the calls themselves and in what an account is left with."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product
from typing import get_args

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api import client_tokens
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import Candidate, Market
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import Record

from .invariants import TABLE, records_of
from .scenarios import FaultEnvironment
from .snapshot import NAME_TAG, look, tags_of

NUMBERS = range(1, 20)
"""Generations and incarnations that a schedule may come to."""


def wrong_tokens(world: FaultEnvironment, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """List, by node, the creating calls whose token is not one that the node's record alone leads to.

    A second run, on another machine and with nothing but the record, must come to the same token.
    """
    records = records_of(world, names)
    derivable = {name: set(_tokens(record)) for name, record in records.items()}
    for call in world.emulator.calls(mutating=True, service="ec2"):
        token, name = call["parameters"].get("ClientToken"), call["node"]
        if token and name in derivable and token not in derivable[name]:
            yield name, f"I2 {call['action']} has a token that no other run would come to"


def _tokens(record: Record) -> Iterator[str]:
    kinds = product(record.config.launch.instance_types, get_args(Market))
    candidates = [Candidate(instance_type=kind, market=market) for kind, market in kinds]
    for number in NUMBERS:
        yield client_tokens.client_token(TABLE, record, "CreateNetworkInterface", number)
        for candidate in candidates:
            yield client_tokens.client_token(TABLE, record, "RunInstances", number, candidate)


def strays(world: FaultEnvironment) -> Iterator[str]:
    """List what exists in the account and carries no node's name: the sweep's worlds hold nothing but nodes."""
    account = look(world.emulator.client("ec2"))
    for key, item in {**account.interfaces, **account.addresses, **account.live}.items():
        if NAME_TAG not in tags_of(item):
            yield f"I3 {key} exists and is nobody's"
