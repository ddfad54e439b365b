# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.emulator.process import Emulator

from .account import Account, error_of


def test_a_refusal_comes_before_the_effect_and_once(account: Account, emulator: Emulator) -> None:
    emulator.add_fault("AllocateAddress", "refuse", code="AddressLimitExceeded")
    assert error_of(account.ec2.allocate_address) == "AddressLimitExceeded"
    assert account.ec2.describe_addresses()["Addresses"] == []
    assert error_of(account.ec2.allocate_address) == "OK"


def test_the_nth_call_of_an_action_is_hit(account: Account, emulator: Emulator) -> None:
    emulator.add_fault("AllocateAddress", "500", call=2)
    account.create_interface()
    assert [error_of(account.ec2.allocate_address) for _ in range(3)] == ["OK", "InternalError", "OK"]
    assert len(account.ec2.describe_addresses()["Addresses"]) == 2


def test_the_nth_mutating_call_is_hit_whatever_it_is(account: Account, emulator: Emulator) -> None:
    emulator.add_fault(None, "500", call=2, service=None)
    account.create_interface()
    account.ec2.describe_network_interfaces()
    assert error_of(account.ec2.allocate_address) == "InternalError"


def test_a_reply_is_lost_after_the_effect(account: Account, emulator: Emulator) -> None:
    emulator.add_fault("AllocateAddress", "lost")
    with pytest.raises(ConnectionClosedError):
        account.ec2.allocate_address()
    assert len(account.ec2.describe_addresses()["Addresses"]) == 1
    [call] = emulator.calls(action="AllocateAddress")
    assert (call["fault"], call["effect"], call["outcome"]) == ("lost", "OK", "connection reset")


def test_a_request_is_lost_before_the_effect(account: Account, emulator: Emulator) -> None:
    emulator.add_fault("AllocateAddress", "lost_before")
    with pytest.raises(ConnectionClosedError):
        account.ec2.allocate_address()
    assert account.ec2.describe_addresses()["Addresses"] == []


def test_an_error_can_hide_an_effect(account: Account, emulator: Emulator) -> None:
    emulator.add_fault("AllocateAddress", "500_after")
    assert error_of(account.ec2.allocate_address) == "InternalError"
    assert len(account.ec2.describe_addresses()["Addresses"]) == 1


def test_throttling_has_its_status(account: Account, emulator: Emulator) -> None:
    emulator.add_fault("DescribeInstances", "503")
    with pytest.raises(ClientError) as caught:
        account.ec2.describe_instances()
    answer: Any = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("RequestLimitExceeded", 503)


def test_a_slow_call_holds_nobody_up(account: Account, emulator: Emulator) -> None:
    emulator.add_fault("AllocateAddress", "slow", seconds=0.3)
    began = time.monotonic()
    assert error_of(account.ec2.allocate_address) == "OK"
    assert time.monotonic() - began >= 0.3


def test_other_services_fail_too(emulator: Emulator) -> None:
    dynamodb = emulator.client("dynamodb")
    emulator.add_fault("ListTables", "500", service="dynamodb")
    assert error_of(dynamodb.list_tables) == "InternalServerError"
    emulator.add_fault("ListTables", "refuse", code="ThrottlingException", service="dynamodb", call=0)
    assert [error_of(dynamodb.list_tables) for _ in range(2)] == ["ThrottlingException"] * 2
    emulator.clear_faults()
    assert error_of(dynamodb.list_tables) == "OK"


def test_a_fault_is_checked_when_it_is_set(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="kind is one of"):
        emulator.add_fault("AllocateAddress", "explode")
    with pytest.raises(ValueError, match="needs a code"):
        emulator.add_fault("AllocateAddress", "refuse")


def _hit(emulator: Emulator) -> list[tuple[int, str]]:
    return [(call["number"], call["fault"]) for call in emulator.calls() if call["fault"]]


def _draw(emulator: Emulator, **settings: Any) -> list[tuple[int, str]]:
    """The calls of 200 that are hit, by number and kind."""
    emulator.clear_calls()
    emulator.configure(**settings)
    dynamodb = emulator.client("dynamodb")
    for _call in range(200):
        error_of(dynamodb.list_tables)
    return _hit(emulator)


def test_a_share_of_all_calls_is_hit_by_a_draw(emulator: Emulator) -> None:
    hit = _draw(emulator, fault_rate=0.1, fault_seed=1, fault_kinds=["500", "503"])
    assert 5 <= len(hit) <= 40
    assert {kind for _number, kind in hit} == {"500", "503"}
    assert _draw(emulator, fault_rate=0.1, fault_seed=1) == hit
    assert _draw(emulator, fault_seed=2) != hit
    assert _draw(emulator, fault_rate=0) == []


def test_a_reset_ends_the_draw(emulator: Emulator) -> None:
    emulator.configure(fault_rate=1, fault_kinds=["500"])
    emulator.reset()
    assert error_of(emulator.client("dynamodb").list_tables) == "OK"


def test_a_fault_of_ones_own_comes_before_a_drawn_one(account: Account, emulator: Emulator) -> None:
    emulator.configure(fault_rate=1, fault_kinds=["500"])
    emulator.add_fault("AllocateAddress", "refuse", code="AddressLimitExceeded")
    assert [error_of(account.ec2.allocate_address) for _ in range(2)] == ["AddressLimitExceeded", "InternalError"]


@pytest.mark.parametrize("wrong", [{"fault_rate": 1.5}, {"fault_kinds": ["refuse"]}, {"fault_kinds": []}])
def test_a_draw_is_checked_when_it_is_set(emulator: Emulator, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="fault_"):
        emulator.configure(**wrong)
