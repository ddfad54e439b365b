# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A launch goes on whenever another candidate may do, and tries again what EC2 refuses for a while."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.clocks import FastClock
from tests.support.collection import Collection

FIRST, SECOND, ARM = "m5.large", "m5a.large", "t4g.small"
UNKNOWN_PROFILE = "Value (new) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"


@pytest.fixture(autouse=True)
def _at_once(emulator: Emulator) -> None:
    emulator.configure(durations={"pending": 0, "shutting_down": 0})


def resume(collection: Collection, network: Network, **launch: Any) -> Result:
    collection.configure("a", network, launch={"image_id": network.image_id, **launch})
    return collection.operate("resume", ["a"])


def attempts(result: Result) -> list[tuple[str, str, str | None]]:
    (node,) = result.values["nodes"]
    return [(item["instance_type"], item["market"], item["code"]) for item in node["launch_attempts"]]


@pytest.mark.parametrize(
    "code",
    [
        "InvalidParameterValue",
        "InvalidParameterCombination",
        "UnsupportedOperation",
        "InstanceCreditSpecification.NotSupported",
        "InvalidInterface.IpAddressLimitExceeded",
        "UnsupportedHibernationConfiguration",
        "ReservationCapacityExceeded",
        "InsufficientReservedInstancesCapacity",
        "UnavailableHostRequirements",
        "InvalidHostConfiguration",
        "DedicatedHostLimitExceeded",
        "InsufficientVolumeCapacity",
    ],
)
def test_a_refusal_of_one_type_leads_to_the_next(
    collection: Collection, network: Network, emulator: Emulator, code: str
) -> None:
    emulator.set_capacity(instance_type=FIRST, outcome="refused", code=code)
    result = resume(collection, network, instance_types=[FIRST, SECOND], market="on_demand")
    assert attempts(result) == [(FIRST, "on_demand", code), (SECOND, "on_demand", None)]


def test_a_volume_refused_as_a_servers_error_is_decided(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    emulator.add_fault("RunInstances", "refuse", code="InsufficientVolumeCapacity", status=500)
    result = resume(collection, network, instance_types=[FIRST, SECOND], market="on_demand")
    assert [code for _type, _market, code in attempts(result)] == ["InsufficientVolumeCapacity", None]
    assert len(emulator.calls(action="RunInstances")) == 2


def test_a_type_of_another_architecture_does_not_keep_a_node_from_running_on_demand(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    resume(collection, network, instance_types=["t3.small", ARM])
    emulator.set_capacity(instance_type="t3.small", market="spot", outcome="refused")
    result = collection.operate("replace", ["a"])
    assert attempts(result) == [
        ("t3.small", "spot", "InsufficientInstanceCapacity"),
        (ARM, "spot", "InvalidParameterValue"),
        ("t3.small", "on_demand", None),
    ]


def test_an_instance_that_ec2_itself_fails_to_start_leads_to_the_next(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    emulator.configure(durations={"pending": 0.1})
    emulator.set_capacity(instance_type=FIRST, outcome="dies", code="Server.InternalError")
    result = resume(collection, network, instance_types=[FIRST, SECOND], market="on_demand")
    assert not result.failures, result.message
    assert attempts(result) == [(FIRST, "on_demand", "Server.InternalError"), (SECOND, "on_demand", None)]


def test_when_no_type_can_be_launched_the_first_refusal_is_the_error_with_all_attempts(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    emulator.set_capacity(instance_type=FIRST, outcome="refused", code="UnsupportedOperation")
    emulator.set_capacity(instance_type=SECOND, outcome="refused", code="InvalidParameterCombination")
    result = resume(collection, network, instance_types=[FIRST, SECOND], market="on_demand")
    (failure,) = result.failures
    assert failure.code == "UnsupportedOperation"
    assert f"{FIRST} on_demand: UnsupportedOperation" in failure.message
    assert f"{SECOND} on_demand: InvalidParameterCombination" in failure.message


def test_capacity_is_the_error_when_one_type_only_lacks_that(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    """The same resume may succeed later: nothing has to be corrected."""
    emulator.set_capacity(instance_type=FIRST, outcome="refused")
    emulator.set_capacity(instance_type=SECOND, outcome="refused", code="UnsupportedOperation")
    result = resume(collection, network, instance_types=[FIRST, SECOND], market="on_demand")
    assert [failure.code for failure in result.failures] == ["NoCapacity"]


def test_what_every_type_would_be_refused_for_ends_the_launch(
    collection: Collection, network: Network, emulator: Emulator
) -> None:
    emulator.add_fault("RunInstances", "refuse", code="InvalidSnapshot.NotFound", call=0)
    result = resume(collection, network, instance_types=[FIRST, SECOND], market="on_demand")
    assert [failure.code for failure in result.failures] == ["InvalidSnapshot.NotFound"]
    assert len(emulator.calls(action="RunInstances")) == 1


class TestWhatPasses:
    @pytest.fixture
    def fast(self, collection: Collection) -> Collection:
        collection.clock = FastClock(speed=20)
        return collection

    def test_an_interface_in_use_after_a_refusal_is_waited_for(
        self, fast: Collection, network: Network, emulator: Emulator
    ) -> None:
        emulator.configure(durations={"interface_hold": 1.0})
        emulator.set_capacity(instance_type=FIRST, outcome="refused")
        result = resume(fast, network, instance_types=[FIRST, SECOND], market="on_demand")
        assert [code for _type, _market, code in attempts(result)] == ["InsufficientInstanceCapacity", None]

    def test_the_waiting_makes_few_calls_and_has_an_end(
        self, fast: Collection, network: Network, emulator: Emulator
    ) -> None:
        emulator.configure(durations={"interface_hold": 3600.0})
        emulator.set_capacity(instance_type=FIRST, outcome="refused")
        result = resume(fast, network, instance_types=[FIRST, SECOND], market="on_demand")
        assert [failure.code for failure in result.failures] == ["NoCapacity"]
        assert "InvalidNetworkInterface.InUse" in result.failures[0].message
        assert len(emulator.calls(action="RunInstances")) <= 15

    def test_a_profile_made_a_moment_ago_is_tried_again(
        self, fast: Collection, network: Network, emulator: Emulator
    ) -> None:
        emulator.add_fault("RunInstances", "refuse", code="InvalidParameterValue", message=UNKNOWN_PROFILE)
        result = resume(fast, network, instance_types=[FIRST], market="on_demand")
        assert attempts(result) == [(FIRST, "on_demand", None)]
