# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An Elastic IP on a private address of the user's choice."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection

PRIMARY, SECONDARY = "10.0.1.20", "10.0.1.21"


@pytest.fixture
def options(network: Network) -> dict[str, Any]:
    return {
        "network": network,
        "private_ip_address": PRIMARY,
        "secondary_private_ip_addresses": [SECONDARY],
        "public_ip_assignment": "enabled",
        "elastic_ip": "new",
        "elastic_ip_private_ip_address": SECONDARY,
    }


def associated_with(emulator: Emulator) -> str | None:
    (address,) = emulator.client("ec2").describe_addresses()["Addresses"]
    found: str | None = address.get("PrivateIpAddress")
    return found


def operate(collection: Collection, operation: str) -> dict[str, Any]:
    result = collection.operate(operation, ["a"])
    assert not result.failures, result.message
    (node,) = result.values["nodes"]
    return node


def test_the_address_is_on_the_chosen_private_one_and_stays_there(
    emulator: Emulator, collection: Collection, options: dict[str, Any]
) -> None:
    collection.configure("a", **options)
    first = operate(collection, "resume")
    assert associated_with(emulator) == SECONDARY
    assert operate(collection, "replace")["public_ip"] == first["public_ip"]
    assert associated_with(emulator) == SECONDARY
    emulator.clear_calls()
    assert operate(collection, "resume")["drift"] == []
    assert emulator.calls(mutating=True) == []


def test_it_moves_to_another_private_one_and_off(
    emulator: Emulator, collection: Collection, options: dict[str, Any]
) -> None:
    collection.configure("a", **options)
    first = operate(collection, "resume")
    collection.run("config", name="a", elastic_ip_private_ip_address="")
    assert operate(collection, "resume")["public_ip"] == first["public_ip"]
    assert associated_with(emulator) == PRIMARY
    collection.run("config", name="a", elastic_ip_private_ip_address=SECONDARY)
    operate(collection, "resume")
    assert associated_with(emulator) == SECONDARY
    nothing = {"elastic_ip": "", "elastic_ip_private_ip_address": "", "public_ip_assignment": "disabled"}
    collection.run("config", name="a", **nothing)
    assert operate(collection, "resume")["public_ip"] is None
    assert not associated_with(emulator)


@pytest.mark.parametrize("changes", [{"elastic_ip_private_ip_address": "10.0.1.99"}, {"elastic_ip": ""}])
def test_a_place_that_cannot_be_is_refused(
    collection: Collection, options: dict[str, Any], changes: dict[str, str]
) -> None:
    with pytest.raises(NodeError, match="elastic_ip_private_ip_address"):
        collection.configure("a", **{**options, **changes})
