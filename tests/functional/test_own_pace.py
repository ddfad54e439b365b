# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inside an operation each node goes from its interface to its instance at its own pace, with no write to spare."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls import rate_limits
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context import node as node_module

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.waiting import until

NEW_ADDRESS: dict[str, Any] = {"elastic_ip": "new", "public_ip_assignment": "enabled"}


def actions(emulator: Emulator, *of: str) -> list[str]:
    return [call["action"] for call in emulator.calls() if call["action"] in of]


@pytest.mark.parametrize("held_up", ["CreateNetworkInterface", "AssociateAddress"])
def test_a_node_that_is_ready_is_launched_while_others_are_not(
    emulator: Emulator, network: Network, collection: Collection, monkeypatch: pytest.MonkeyPatch, held_up: str
) -> None:
    for name in ("a", "b"):
        collection.configure(name, network, **NEW_ADDRESS)
    # The second call of two has its turn this much later than the first.
    monkeypatch.setitem(rate_limits.LIMITS, held_up, rate_limits.Limit(1, 0.3))
    emulator.clear_calls()
    assert not collection.operate("resume", ["a", "b"]).failures
    first, second, third, fourth = actions(emulator, held_up, "RunInstances")
    assert (first, second, third, fourth) == (held_up, "RunInstances", held_up, "RunInstances")


def test_what_one_phase_has_done_the_next_one_sees(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    """The interface is exchanged, the Elastic IP moved to it, and the instance launched on it, all in one call."""
    collection.configure("a", network, **NEW_ADDRESS)
    (before,) = collection.operate("resume", ["a"]).values["nodes"]
    collection.run("config", name="a", private_ip_address="10.0.1.77", tags={"team": "data"}, allow_address_change=True)
    result = collection.operate("replace", ["a"], choices={"allow_address_change": True})
    assert not result.failures, result.message
    (after,) = result.values["nodes"]
    assert (after["private_ip_address"], after["public_ip"]) == ("10.0.1.77", before["public_ip"])
    assert (after["status"], after["drift"]) == ("running", [])
    interfaces = emulator.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    assert [item["NetworkInterfaceId"] for item in interfaces] == [after["network_interface_id"]]


def test_a_failure_in_an_early_phase_ends_that_node_alone_and_says_which_phases_were_done(
    emulator: Emulator, network: Network, collection: Collection
) -> None:
    for name in ("a", "b"):
        collection.configure(name, network, **(NEW_ADDRESS if name == "a" else {}))
    emulator.add_fault("AllocateAddress", "refuse", call=0, code="AddressLimitExceeded")
    first, second = collection.operate("resume", ["a", "b"]).values["nodes"]
    assert (first["error"]["code"], first["error"]["phase"]) == ("AddressLimitExceeded", "elastic_ip")
    assert (first["instance_id"], second["status"]) == (None, "running")
    (told,) = collection.run("history_info", name="a").values["nodes"]
    assert list(told["entries"][0]["timings"]) == ["interface"]


def test_who_has_waited_for_a_turn_asks_whether_the_node_is_its_own_still(
    emulator: Emulator, network: Network, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        collection.configure(name, network, **NEW_ADDRESS)
    monkeypatch.setitem(rate_limits.LIMITS, "AssociateAddress", rate_limits.Limit(1, 0.3))
    emulator.clear_calls()
    with ThreadPoolExecutor(1) as threads:
        resuming = threads.submit(collection.operate, "resume", ["a", "b"])
        until(lambda: emulator.calls(action="AssociateAddress"))
        store = Store(collection.client, TABLE)
        for name in ("a", "b"):
            store.update(name, {"operation.id": "another"}, {})
        assert len(resuming.result().failures) == 2
    assert actions(emulator, "AssociateAddress", "RunInstances") == ["AssociateAddress"]


def test_a_write_of_a_moment_ago_is_fence_enough(
    emulator: Emulator, network: Network, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection.configure("a", network)
    monkeypatch.setattr(node_module, "WRITTEN_LATELY", 3600)  # a moment is as long as this machine is busy
    emulator.clear_calls()
    assert not collection.operate("resume", ["a"]).failures
    # Taken; the interface intended and noted; the launch intended and noted; running; given back.
    assert actions(emulator, "UpdateItem") == ["UpdateItem"] * 7


def test_a_write_of_long_ago_is_none(
    emulator: Emulator, network: Network, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection.configure("a", network)
    monkeypatch.setattr(node_module, "WRITTEN_LATELY", 0)
    emulator.clear_calls()
    assert not collection.operate("resume", ["a"]).failures
    assert actions(emulator, "UpdateItem") == ["UpdateItem"] * 9
